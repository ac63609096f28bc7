import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for files of cases, in memory where there is such a file system: it is written to thousands of times. */
export interface FuzzFolder {
  readonly path: string;
  /** Removes it; it must not be used again. */
  remove(): void;
}

/** Makes a folder when it is asked for. */
export function fuzzFolder(): FuzzFolder {
  let made: string | undefined;
  return {
    get path() {
      made ??= mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'wattline-fuzz-'));
      return made;
    },
    remove() {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
      made = undefined;
    },
  };
}
