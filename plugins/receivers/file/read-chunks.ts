import { open } from 'node:fs/promises';

/** Every read is a hand-over between threads: fewer are better, and larger ones only take memory. */
const READ_BYTES = 1024 * 1024;
/** Small enough to stay in the processor's cache while it is scanned, and with it the runs that are made of it. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a file in chunks, the next ones while those before are worked on; a chunk counts until the next one is asked for.
 * Rejects where the file cannot be read, and ends early where the signal is aborted.
 */
export async function* readChunks(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  const read = (buffer: Buffer) => file.read(buffer, 0, READ_BYTES, null);
  let [current, other] = [Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)];
  let reading = read(current);
  try {
    while (!signal.aborted) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = read(other);
      // Whoever stops early does not ask for it any more.
      reading.catch(() => {});
      for (let at = 0; at < bytesRead && !signal.aborted; at += CHUNK_BYTES) {
        yield current.subarray(at, Math.min(bytesRead, at + CHUNK_BYTES));
      }
      [current, other] = [other, current];
    }
  } finally {
    await reading.catch(() => {});
    await file.close();
  }
}
