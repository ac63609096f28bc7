import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { deflate, FASTEST, type TextBlock } from './text-block.ts';

/** The header of a gzip member (RFC 1952): no name, no time, fastest compression, unknown system. */
const GZIP_HEADER = Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff);
/** The number of bytes in a checksum before other work gets its turn: about 2 ms. */
const BYTES_PER_TURN = 4_000_000;

/** Answers with a page of these pieces followed by `rest`, compressed where the client accepts gzip; without it to HEAD. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pieces: readonly TextBlock[],
  rest: string,
): Promise<void> {
  const isCompressed = takesGzip(request.headers['accept-encoding']);
  const parts = isCompressed ? await gzipPage(pieces, rest) : plainPage(pieces, rest);
  response.writeHead(200, {
    'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    'content-length': parts.reduce((length, part) => length + part.length, 0),
    vary: 'accept-encoding',
    ...(isCompressed && { 'content-encoding': 'gzip' }),
  });
  if (request.method !== 'HEAD') {
    response.cork();
    for (const part of parts) response.write(part);
    response.uncork();
  }
  response.end();
}

/** Whether an `Accept-Encoding` names gzip and does not give it the quality 0. */
export function takesGzip(accepted = ''): boolean {
  return accepted.split(',').some((coding) => {
    const [name = '', ...parameters] = coding.split(';').map((part) => part.trim().toLowerCase());
    return name === 'gzip' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** Returns the text of the pieces followed by `rest`. */
export function plainPage(pieces: readonly TextBlock[], rest: string): Buffer[] {
  return [...pieces.map(({ text }) => text), Buffer.from(rest)];
}

/**
 * Returns the same page compressed, made from the compressed pieces. It is one gzip member, since browsers, unlike
 * Prometheus, read only the first.
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
