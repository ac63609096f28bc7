import { open } from 'node:fs/promises';

/** Small enough to stay in the processor's cache while it is scanned. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Reads a file in chunks, each while the one before is worked on; a chunk is overwritten once the next one is asked for.
 * Rejects where the file cannot be read, and ends early where the signal is aborted.
 */
export async function* readChunks(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  const read = (buffer: Buffer) => file.read(buffer, 0, CHUNK_BYTES, null);
  let [current, other] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
  let reading = read(current);
  try {
    while (!signal.aborted) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = read(other);
      // Whoever stops early does not ask for it any more.
      reading.catch(() => {});
      yield current.subarray(0, bytesRead);
      [current, other] = [other, current];
    }
  } finally {
    await reading.catch(() => {});
    await file.close();
  }
}
