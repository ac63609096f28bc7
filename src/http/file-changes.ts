import { statSync } from 'node:fs';

/** Milliseconds between two looks at files: who changes one may wait so long. */
const PAUSE = 1000;

/** Tells when files have changed, such as certificates that were renewed. It opens nothing, and needs no closing. */
export class FileChanges {
  readonly #paths: readonly string[];
  #state: string;
  #lookedAt: number;

  constructor(paths: readonly (string | undefined)[]) {
    this.#paths = paths.filter((path) => path !== undefined);
    this.#state = this.#look();
    this.#lookedAt = performance.now();
  }

  /** Whether any of the files has changed since this was last true; looks at most once a second. */
  hasNew(): boolean {
    if (this.#paths.length === 0 || performance.now() - this.#lookedAt < PAUSE) return false;
    this.#lookedAt = performance.now();
    const before = this.#state;
    this.#state = this.#look();
    return this.#state !== before;
  }

  #look(): string {
    const states = this.#paths.map((path) => {
      // Kubernetes exchanges a link, behind which the inode differs.
      const facts = statSync(path, { throwIfNoEntry: false });
      return facts && [facts.ino, facts.size, facts.mtimeMs, facts.ctimeMs];
    });
    return JSON.stringify(states);
  }
}
