import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './file-writing.ts';

/** An OTLP request in protobuf, which any server that takes OTLP takes too. */
const ENDING = '.otlp';
const UNFINISHED = '.new';

/** Dead letters in a folder, each in a file of its own; no more than `maxBytes` of them. */
export class LetterFolder {
  readonly place: string;
  readonly #maxBytes: number;
  /** How many bytes its files have, as far as is known. */
  #bytes: number | undefined;
  /** Letters are written one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(place: string, maxBytes: number) {
    this.place = place;
    this.#maxBytes = maxBytes;
  }

  /** Keeps data. Resolves when they are synced; rejects where there is no room for them. */
  add(data: Uint8Array): Promise<void> {
    const adding = this.#last.then(() => this.#write(data));
    this.#last = adding.catch(() => {});
    return adding;
  }

  /** The names of those that are there, oldest first. */
  async names(): Promise<string[]> {
    const files = await readdir(this.place).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return [];
    });
    return files.filter((file) => file.endsWith(ENDING)).sort();
  }

  read(name: string): Promise<Uint8Array> {
    return readFile(join(this.place, name));
  }

  remove(name: string): Promise<void> {
    return rm(join(this.place, name), { force: true });
  }

  async #write(data: Uint8Array): Promise<void> {
    await mkdir(this.place, { recursive: true, mode: 0o700 });
    this.#bytes ??= await this.#size();
    // Others may have sent and removed some.
    if (this.#bytes + data.length > this.#maxBytes) this.#bytes = await this.#size();
    if (this.#bytes + data.length > this.#maxBytes) {
      throw new Error(`${this.place} is full: it has ${this.#bytes} bytes, of ${this.#maxBytes} that it may have`);
    }
    const path = join(this.place, `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID()}`);
    try {
      const file = await open(path + UNFINISHED, 'wx', 0o600);
      try {
        await file.writeFile(data);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path + UNFINISHED, path + ENDING);
      await syncFolder(this.place);
      this.#bytes += data.length;
    } catch (error) {
      await rm(path + UNFINISHED, { force: true });
      throw error;
    }
  }

  async #size(): Promise<number> {
    const sizes = await Promise.all((await this.names()).map((name) => sizeOf(join(this.place, name))));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
