import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipPage, plainPage } from './page.ts';
import type { TextBlock } from './text-block.ts';

/** Sends a page of these pieces with `rest` behind, compressed for who takes gzip; to HEAD all but the page itself. */
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
