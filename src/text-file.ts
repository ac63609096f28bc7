import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK = 64 * 1024;

/** A file that is longer than what is read of it, or that never ends, such as a device. */
export class FileTooLongError extends Error {
  override name = 'FileTooLongError';
  constructor(most: number) {
    super(`it has more than ${most / 1024} KiB`);
  }
}

/**
 * Returns the bytes of a file. Throws `FileTooLongError` where it has more than `most`, of which little more is read, and
 * where it is a named pipe, which nobody may ever write to.
 */
export function readFileUpTo(path: string, most: number): Buffer {
  // The shell's own pipes are there, and have somebody who writes to them.
  if (!path.startsWith('/dev/') && statSync(path).isFIFO()) throw new Error('it is a named pipe, not a file');
  const file = openSync(path, 'r');
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= most; ) {
      const chunk = Buffer.alloc(CHUNK);
      const count = readSync(file, chunk);
      if (count === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    throw new FileTooLongError(most);
  } finally {
    closeSync(file);
  }
}

/** The same without waiting for a file that is written slowly, such as a pipe. */
export async function loadFileUpTo(path: string, most: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    for (let length = 0; length <= most; ) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK), 0, CHUNK);
      if (bytesRead === 0) return Buffer.concat(chunks);
      chunks.push(buffer.subarray(0, bytesRead));
      length += bytesRead;
    }
    throw new FileTooLongError(most);
  } finally {
    await file.close();
  }
}
