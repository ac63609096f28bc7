import { MOST_BYTES } from '../config/limits.ts';
import { errorOf } from '../errors.ts';
import { readFileUpTo } from '../text-file.ts';

/** Milliseconds between two checks of the files. */
const INTERVAL = 1000;

/** A file's content, or the code of the error where it cannot be read. */
export type FileState = string;

/** Returns the present state of a file. */
export function stateOf(file: string): FileState {
  try {
    return readFileUpTo(file, MOST_BYTES).toString('latin1');
  } catch (error) {
    const { code, message } = errorOf(error) as NodeJS.ErrnoException;
    return code ?? message;
  }
}

/**
 * Watches files for changes by polling. It compares contents, so it works on any file system, and with editors that replace
 * the file and symbolic links that change their target.
 */
export class ConfigWatch {
  readonly #onChange: () => void;
  readonly #interval: number;
  #known: ReadonlyMap<string, FileState> = new Map();
  /** The states at the last check, where they differed from the known ones. */
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Calls `onChange` when a changed file is the same at two checks: it is then written completely. */
  constructor(onChange: () => void, interval = INTERVAL) {
    this.#onChange = onChange;
    this.#interval = interval;
    this.#schedule();
  }

  /** Watches these files from now on, for changes from these states. */
  follow(states: ReadonlyMap<string, FileState>): void {
    this.#known = states;
    this.#seen = undefined;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.#schedule();
      this.#look();
    }, this.#interval);
  }

  #look(): void {
    const states = new Map([...this.#known.keys()].map((file) => [file, stateOf(file)]));
    const isChanged = [...states].some(([file, state]) => this.#known.get(file) !== state);
    const seen = isChanged ? JSON.stringify([...states]) : undefined;
    const isWhole = seen !== undefined && seen === this.#seen;
    this.#seen = seen;
    if (!isWhole) return;
    this.follow(states);
    this.#onChange();
  }
}
