import { stat } from 'node:fs/promises';
import { findFiles } from 'wattline/plugin';

/** A file as it was when it was looked at. */
export interface SeenFile {
  readonly path: string;
  /** Differs whenever the file has been written to or replaced. */
  readonly state: string;
}

/** Keeps book of which of the matching files are new or have changed since they were last read. */
export class ChangedFiles {
  readonly #include: readonly string[];
  readonly #exclude: readonly string[];
  readonly #directory: string;
  readonly #read = new Map<string, string>();
  #before = new Map<string, string>();

  constructor({ include, exclude }: { include: readonly string[]; exclude: readonly string[] }, directory: string) {
    this.#include = include;
    this.#exclude = exclude;
    this.#directory = directory;
  }

  /** How many files matched at the last look. */
  get matched(): number {
    return this.#before.size;
  }

  /**
   * The files to read now, by name. One that was written to within the last `settledFor` milliseconds is left for the
   * next look, unless it has not changed since the one before: it may not be complete yet.
   */
  async changed({ settledFor }: { settledFor: number }): Promise<SeenFile[]> {
    const paths = await findFiles(this.#include, this.#directory, this.#exclude);
    const now = new Map<string, string>();
    const found: SeenFile[] = [];
    for (const path of paths) {
      const facts = await stat(path).catch(() => undefined);
      if (!facts) continue;
      const state = `${facts.ino} ${facts.size} ${facts.mtimeMs}`;
      now.set(path, state);
      const settled = this.#before.get(path) === state || Date.now() - facts.mtimeMs >= settledFor;
      if (settled && this.#read.get(path) !== state) found.push({ path, state });
    }
    this.#before = now;
    for (const path of this.#read.keys()) if (!now.has(path)) this.#read.delete(path);
    return found;
  }

  /** Notes that a file has been read in the state in which it was seen. */
  done({ path, state }: SeenFile): void {
    this.#read.set(path, state);
  }
}
