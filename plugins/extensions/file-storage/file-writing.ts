import { existsSync, fdatasync, fsync, readFileSync, write } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

const writeAt = promisify(write);

/** Resolves when a file is on its disk, however it ends. */
export const sync = promisify(fsync);

/** Resolves when the data of a file are on its disk. */
export const syncData = promisify(fdatasync);

/** Writes all bytes at a position. Rejects where the disk does not take the last one of them either. */
export async function writeAll(file: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writeAt(file, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Resolves when the names of the files in a folder are on its disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Returns the bytes of a file; none where it is not there. */
export function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}
