import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** Every read is a hand-over between threads: fewer are better, and larger ones only take memory. */
const READ_BYTES = 1024 * 1024;
const LEAST_BYTES = 4096;
/** Small enough to stay in the processor's cache while it is scanned, and with it the runs that are made of it. */
const CHUNK_BYTES = 64 * 1024;
/** Milliseconds after which others have their turn: a read may be of thousands of runs, which pass without a wait. */
const LONGEST_TURN = 10;

export interface ChunkOptions {
  /** The bytes to read: from this one on, up to the one before that one. */
  readonly from?: number;
  readonly to?: number;
  /** How many bytes there probably are from there on: a buffer for many costs more than reading few. */
  readonly expected?: number;
  readonly signal: AbortSignal;
  /** Is called with the bytes of a chunk when the next one is asked for. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a file in chunks, the next ones while those before are worked on. A chunk is valid until the next one is asked for.
 * Rejects where the file cannot be read, or the signal is aborted: what is left out is not the end of the file. No read is
 * under way any more once it has ended.
 */
export async function* readChunks(
  file: FileHandle,
  { from = 0, to = Number.POSITIVE_INFINITY, expected = READ_BYTES, signal, onRead }: ChunkOptions,
): AsyncGenerator<Uint8Array> {
  let next = from;
  const read = async (buffer: Buffer) => {
    const length = Math.min(buffer.length, to - next);
    const { bytesRead } = length > 0 ? await file.read(buffer, 0, length, next) : { bytesRead: 0 };
    next += bytesRead;
    return bytesRead;
  };
  const room = Math.min(READ_BYTES, Math.max(LEAST_BYTES, expected + 1));
  let [current, other] = [Buffer.allocUnsafeSlow(room), Buffer.allocUnsafeSlow(room)];
  let reading = read(current);
  let begun = performance.now();
  try {
    for (;;) {
      signal.throwIfAborted();
      const bytesRead = await reading;
      if (bytesRead === 0) return;
      reading = read(other);
      // Whoever stops early does not ask for it any more.
      reading.catch(() => {});
      for (let at = 0; at < bytesRead; at += CHUNK_BYTES) {
        const chunk = current.subarray(at, Math.min(bytesRead, at + CHUNK_BYTES));
        yield chunk;
        onRead?.(chunk.length);
        if (performance.now() - begun > LONGEST_TURN) {
          await setImmediate();
          begun = performance.now();
        }
        signal.throwIfAborted();
      }
      [current, other] = [other, current];
    }
  } finally {
    await reading.catch(() => {});
  }
}
