import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { constants, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { messageOf } from '../plugin/index.ts';
import { RequestError } from './answer.ts';
import { requestTurns } from './turnstile.ts';

const CHUNK_BYTES = 64 * 1024;
/** How far back zstd may look, as a power of two: 16 MiB is twice what its levels up to the 19th look. */
const ZSTD_WINDOW = 24;

/** What decompresses a body, by the name of its encoding. */
const decompressors: Readonly<Record<string, () => Transform>> = {
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  deflate: () => createInflate({ chunkSize: CHUNK_BYTES }),
  zstd: () =>
    createZstdDecompress({ chunkSize: CHUNK_BYTES, params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW } }),
};

/** How long a body may be, and the setting that says so. */
export interface BodyLimit {
  readonly bytes: number;
  readonly setting: string;
}

/**
 * What decompresses a body as a whole, by the name of its encoding. It throws `RequestError` for what would be beyond the
 * limit, before it makes anything of it, and any other error for what it cannot read.
 */
export type BlockFormats = Readonly<Record<string, (compressed: Buffer, limit: BodyLimit) => Promise<Buffer>>>;

/**
 * The whole body of a request, decompressed, also from `blocks`. Throws `RequestError` where it is beyond the limit or not
 * readable.
 */
export async function readBody(request: IncomingMessage, limit: BodyLimit, blocks: BlockFormats = {}): Promise<Buffer> {
  const block = Object.hasOwn(blocks, encodingOf(request)) ? blocks[encodingOf(request)] : undefined;
  const stream = block ? request : decompressed(request);
  try {
    if (stream === request && Number(request.headers['content-length']) > limit.bytes) throw tooLarge(limit);
    const body = await collect(stream, limit);
    return block ? await block(body, limit) : body;
  } catch (error) {
    throw explain(error);
  } finally {
    if (stream !== request) stream.destroy();
  }
}

/** The body of a request in decompressed pieces. Throws as `readBody` does, after the pieces that came before. */
export async function* readChunks(request: IncomingMessage, limit: BodyLimit): AsyncGenerator<Uint8Array> {
  const stream = decompressed(request);
  let bytes = 0;
  try {
    // A request that is destroyed could not be answered any more.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limit.bytes) throw tooLarge(limit);
      await requestTurns.enter();
      yield chunk;
    }
  } catch (error) {
    throw explain(error);
  } finally {
    if (stream !== request) stream.destroy();
  }
}

/** All bytes of a stream; what comes in one piece is not copied. An iterator would take as long as reading does. */
function collect(stream: Readable, limit: BodyLimit): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit.bytes) reject(tooLarge(limit));
      else chunks.push(chunk);
    });
    stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('it was cut off')));
  });
}

function encodingOf({ headers }: IncomingMessage): string {
  return (headers['content-encoding'] ?? '').trim().toLowerCase();
}

function decompressed(request: IncomingMessage): Readable {
  const encoding = encodingOf(request);
  if (encoding === '' || encoding === 'identity') return request;
  const make = Object.hasOwn(decompressors, encoding) ? decompressors[encoding] : undefined;
  if (!make) {
    const message = `the content encoding \`${encoding}\` is not taken here; send gzip, zstd, deflate, or none`;
    throw new RequestError(415, message);
  }
  const decompressor = make();
  request.once('close', () => {
    if (!request.complete) decompressor.destroy(new Error('the request was cut off'));
  });
  return request.pipe(decompressor);
}

function explain(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  return new RequestError(400, `the body cannot be read: ${messageOf(error)}`, { cause: error });
}

/** Returns the refusal of a body that is beyond a limit. */
export function tooLarge({ bytes, setting }: BodyLimit): RequestError {
  const size = `${bytes / (1024 * 1024)} MiB`;
  return new RequestError(413, `the body has more than ${size} uncompressed, which is ${setting}`);
}
