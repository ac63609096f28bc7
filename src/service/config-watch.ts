import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** How often files are looked at, in milliseconds. */
const INTERVAL = 1000;

/** What a file holds, in short; a file that cannot be read has a state too. */
export type FileState = string;

/** The present state of a file. */
export function stateOf(file: string): FileState {
  try {
    return digestOf(readFileSync(file));
  } catch (error) {
    return unreadable(error);
  }
}

/**
 * Looks again and again whether files hold what they did. Their contents are compared, so that it does not matter how they
 * come about: by an editor that puts another file in place, by a symbolic link that leads elsewhere, on any file system.
 */
export class ConfigWatch {
  readonly #onChange: () => void;
  readonly #interval: number;
  #known: ReadonlyMap<string, FileState> = new Map();
  /** What was seen at the last look, if it was another state than the known one. */
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `onChange` is called when a file holds something else, and has held it at two looks: it is whole then. */
  constructor(onChange: () => void, interval = INTERVAL) {
    this.#onChange = onChange;
    this.#interval = interval;
    this.#schedule();
  }

  /** From now on these files are looked at, and a change is one from these states. */
  follow(states: ReadonlyMap<string, FileState>): void {
    this.#known = states;
    this.#seen = undefined;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(async () => {
      await this.#look();
      if (!this.#isClosed) this.#schedule();
    }, this.#interval);
  }

  async #look(): Promise<void> {
    const known = this.#known;
    const states = new Map<string, FileState>();
    for (const file of known.keys()) states.set(file, await readFile(file).then(digestOf, unreadable));
    if (known !== this.#known || this.#isClosed) return;
    const isChanged = [...states].some(([file, state]) => known.get(file) !== state);
    const seen = isChanged ? JSON.stringify([...states]) : undefined;
    const isWhole = seen !== undefined && seen === this.#seen;
    this.#seen = seen;
    if (!isWhole) return;
    this.follow(states);
    this.#onChange();
  }
}

function digestOf(data: Uint8Array): FileState {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(data).digest('hex');
}

function unreadable(error: unknown): FileState {
  return String((error as NodeJS.ErrnoException).code);
}
