import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { deflate, FASTEST, type TextBlock } from './text-block.ts';

/** Without a name and a time, compressed for speed on an unknown system (RFC 1952). */
const GZIP_HEADER = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff);
/** How many bytes are summed up before others get their turn: some 2 ms. */
const BYTES_PER_TURN = 4_000_000;

/** The text of the pieces with `rest` behind, in the order of sending. */
export function plainPage(pieces: readonly TextBlock[], rest: string): Buffer[] {
  return [...pieces.map(({ text }) => text), Buffer.from(rest)];
}

/**
 * The same compressed, put together from what the pieces keep. It is one member, since browsers read no more of them,
 * though Prometheus does.
 */
export async function gzipPage(pieces: readonly TextBlock[], rest: string): Promise<Buffer[]> {
  const parts: Buffer[] = [GZIP_HEADER];
  let checksum = 0;
  let length = 0;
  let nextPause = BYTES_PER_TURN;
  for (const piece of pieces) {
    parts.push(await piece.deflated);
    checksum = piece.checksum(checksum);
    length += piece.text.length;
    if (length < nextPause) continue;
    await nextTurn();
    nextPause = length + BYTES_PER_TURN;
  }
  const last = Buffer.from(rest);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32(last, checksum), 0);
  trailer.writeUInt32LE((length + last.length) % 2 ** 32, 4);
  return [...parts, await deflate(last, FASTEST), trailer];
}
