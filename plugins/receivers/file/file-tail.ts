import type { FileHandle } from 'node:fs/promises';

const LENGTH = 4096;

/** What is kept of the last bytes that were read of a file. */
export interface SealedTail {
  readonly length: number;
  readonly digest: string;
}

/** The last bytes that were read of a file, by which it is known again once it has grown. */
export class FileTail {
  #bytes: Buffer;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = bytes;
  }

  /** Adds the bytes that come next; they are copied. */
  push(chunk: Uint8Array): void {
    const before = chunk.length < LENGTH ? this.#bytes : this.#bytes.subarray(0, 0);
    this.#bytes = Buffer.concat([before, chunk.subarray(-LENGTH)]).subarray(-LENGTH);
  }

  seal(): SealedTail {
    return { length: this.#bytes.length, digest: digestOf(this.#bytes) };
  }
}

/** Returns the bytes before `end` where they are those that were sealed, else undefined. */
export async function sameTail(file: FileHandle, end: number, sealed: SealedTail): Promise<Buffer | undefined> {
  const bytes = Buffer.alloc(sealed.length);
  const { bytesRead } = await file.read(bytes, 0, sealed.length, end - sealed.length);
  return bytesRead === sealed.length && digestOf(bytes) === sealed.digest ? bytes : undefined;
}

function digestOf(bytes: Uint8Array): string {
  return process.getBuiltinModule('node:crypto').hash('sha256', bytes, 'base64');
}
