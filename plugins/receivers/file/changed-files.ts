import { stat } from 'node:fs/promises';
import { findFiles } from 'wattline/plugin';

/** A file as it was when it was looked at. */
export interface SeenFile {
  readonly path: string;
  /** Differs whenever the file has been written to or replaced. */
  readonly state: string;
  readonly bytes: number;
}

interface Config {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** How often files are looked at, in milliseconds. */
  readonly poll_interval: number;
}

/** The longest pause after failures, in milliseconds, unless files are looked at less often. */
const LONGEST_PAUSE = 60_000;

/** Knows which of the matching files are new or have changed since they were last read. */
export class ChangedFiles {
  readonly #config: Config;
  readonly #directory: string;
  readonly #read = new Map<string, string>();
  readonly #failed = new Map<string, { state: string; times: number; retryAt: number }>();
  #before = new Map<string, string>();

  constructor(config: Config, directory: string) {
    this.#config = config;
    this.#directory = directory;
  }

  /** How many files matched at the last look. */
  get matched(): number {
    return this.#before.size;
  }

  /** The files to read now, by name; `all` of them that have not been read yet, or those alone whose time has come. */
  async changed({ all = false } = {}): Promise<SeenFile[]> {
    const { include, exclude, poll_interval } = this.#config;
    const paths = await findFiles(include, this.#directory, exclude);
    const now = new Map<string, string>();
    const found: SeenFile[] = [];
    for (const path of paths) {
      const facts = await stat(path).catch(() => undefined);
      if (!facts?.isFile()) continue;
      const state = `${facts.ino} ${facts.size} ${facts.mtimeMs}`;
      now.set(path, state);
      if (this.#read.get(path) === state) continue;
      // A file that was written to since may not be complete yet, unless it stays as it is.
      const settled = this.#before.get(path) === state || Date.now() - facts.mtimeMs >= poll_interval;
      if (all || (settled && !this.#isTooEarly(path, state))) found.push({ path, state, bytes: facts.size });
    }
    this.#before = now;
    for (const known of [this.#read, this.#failed])
      for (const path of known.keys()) if (!now.has(path)) known.delete(path);
    return found;
  }

  /** Records that a file has been read in the state in which it was seen. */
  done({ path, state }: SeenFile): void {
    this.#read.set(path, state);
    this.#failed.delete(path);
  }

  /** Records that a file could not be read or handed over. It is left alone for a while, longer after each failure. */
  failed({ path, state }: SeenFile): void {
    const { poll_interval } = this.#config;
    const times = (this.#failed.get(path)?.times ?? 0) + 1;
    const pause = Math.max(poll_interval, Math.min(LONGEST_PAUSE, poll_interval * 2 ** (times - 1)));
    this.#failed.set(path, { state, times, retryAt: Date.now() + pause });
  }

  #isTooEarly(path: string, state: string): boolean {
    const failed = this.#failed.get(path);
    return failed?.state === state && Date.now() < failed.retryAt;
  }
}
