import { stat } from 'node:fs/promises';

/** A file that is read again when it has changed. */
export class WatchedFile {
  readonly #path: string;
  readonly #read: (path: string) => Promise<void>;
  /** What the file was known by when it was read last. */
  #known = '';

  constructor(path: string, read: (path: string) => Promise<void>) {
    this.#path = path;
    this.#read = read;
  }

  /**
   * Reads the file where it is new or has changed, and resolves with whether it was read. Rejects where that fails, once for
   * each change.
   */
  async refresh(): Promise<boolean> {
    const now = await this.#stamp();
    if (now === this.#known) return false;
    // What is written while it is read is another change.
    this.#known = now;
    await this.#read(this.#path);
    return true;
  }

  /** What a change of the file changes; a file that is not there has one too, so that it is missed once. */
  async #stamp(): Promise<string> {
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(this.#path);
      return [ino, size, mtimeMs, ctimeMs].join(' ');
    } catch {
      return 'missing';
    }
  }
}
