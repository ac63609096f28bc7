import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import getRawBody from 'raw-body';
import { messageOf } from 'wattline/plugin';
import { RequestError } from './answer.ts';

const GUNZIP_CHUNK_BYTES = 64 * 1024;

/** The whole body of a request, decompressed. Throws `RequestError` where it has more than `limit` bytes or is not readable. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const stream = decompressed(request);
  const length = stream === request ? request.headers['content-length'] : undefined;
  try {
    return await getRawBody(stream, { limit, length: length ?? null });
  } catch (error) {
    throw explain(error, limit);
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
    throw explain(error, limit);
  } finally {
    if (stream !== request) stream.destroy();
  }
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

function explain(error: unknown, limit: number): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof Error && 'type' in error && error.type === 'entity.too.large') return tooLarge(limit);
  return new RequestError(400, `the body cannot be read: ${messageOf(error)}`, { cause: error });
}

function tooLarge(limit: number): RequestError {
  const size = `${limit / (1024 * 1024)} MiB`;
  return new RequestError(413, `the body has more than ${size} uncompressed, which is max_request_body_size_mib`);
}
