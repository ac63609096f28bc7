import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf } from 'wattline/plugin';
import { RequestError } from './answer.ts';

const GUNZIP_CHUNK_BYTES = 64 * 1024;

/** The whole body of a request, decompressed. Throws `RequestError` where it has more than `limit` bytes or is not readable. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const stream = decompressed(request);
  try {
    if (stream === request && Number(request.headers['content-length']) > limit) throw tooLarge(limit);
    return await collect(stream, limit);
  } catch (error) {
    throw explain(error);
  } finally {
    if (stream !== request) stream.destroy();
  }
}

/** The body of a request in decompressed pieces. Throws as `readBody` does, after the pieces that came before. */
export async function* readChunks(request: IncomingMessage, limit: number): AsyncGenerator<Uint8Array> {
  const stream = decompressed(request);
  let bytes = 0;
  try {
    // A request that is destroyed could not be answered any more.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > limit) throw tooLarge(limit);
      yield chunk;
    }
  } catch (error) {
    throw explain(error);
  } finally {
    if (stream !== request) stream.destroy();
  }
}

/** All bytes of a stream; what comes in one piece is not copied. An iterator would take as long as reading does. */
function collect(stream: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit) reject(tooLarge(limit));
      else chunks.push(chunk);
    });
    stream.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('it was cut off')));
  });
}

function decompressed(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  if (encoding === '' || encoding === 'identity') return request;
  if (encoding !== 'gzip') {
    throw new RequestError(415, `the content encoding \`${encoding}\` is not taken here; send gzip, or none`);
  }
  const gunzip = createGunzip({ chunkSize: GUNZIP_CHUNK_BYTES });
  request.once('close', () => {
    if (!request.complete) gunzip.destroy(new Error('the request was cut off'));
  });
  return request.pipe(gunzip);
}

function explain(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  return new RequestError(400, `the body cannot be read: ${messageOf(error)}`, { cause: error });
}

function tooLarge(limit: number): RequestError {
  const size = `${limit / (1024 * 1024)} MiB`;
  return new RequestError(413, `the body has more than ${size} uncompressed, which is max_request_body_size_mib`);
}
