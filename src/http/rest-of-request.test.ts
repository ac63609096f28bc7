import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { anyPort, createListeners } from '../../test/kit/listening.ts';
import type { RequestHandler } from '../plugin/index.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const auth = { bearerTokens: ['right'], bearerTokenFile: undefined };

async function serve(handler: RequestHandler, options = {}): Promise<number> {
  const { url, close } = await createListeners().listen(anyPort, { 'POST /here': handler }, options);
  closing.push(close);
  return Number(new URL(url).port);
}

/** Sends a request whose body has no end; resolves once the server has cut the connection, with its answer and what was sent. */
async function sendWithoutEnd(port: number, path: string) {
  // It goes on however the other side ends.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  let [answer, sent] = ['', 0];
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.write(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${2 ** 40}\r\n\r\n`);
  const piece = Buffer.alloc(64 * 1024);
  const write = () => {
    if (socket.destroyed) return;
    sent += piece.length;
    socket.write(piece, (error) => error || write());
  };
  write();
  await new Promise((resolve) => socket.once('close', resolve));
  return { status: Number(answer.split(' ')[1]), sent };
}

describe('a request without an end', () => {
  const refuse: RequestHandler = (_, response) => void response.writeHead(413).end('too large');
  const resume: RequestHandler = (request, response) => {
    response.writeHead(413).end('too large');
    request.resume();
  };

  it.each([
    [413, '/here', refuse, {}],
    [413, '/here', resume, {}],
    [404, '/elsewhere', refuse, {}],
    [401, '/here', refuse, { auth }],
  ] as const)('is answered with %i at %s, and cut', async (status, path, handler, options) => {
    const port = await serve(handler, options);
    const answer = await sendWithoutEnd(port, path);
    expect(answer.status).toBe(status);
    // The sockets of both sides buffer some megabytes.
    expect(answer.sent).toBeLessThan(64 * 1024 * 1024);
  });
});

it('leaves the connection open where the rest is short', async () => {
  const port = await serve((_, response) => void response.end('early'));
  const socket = connect(port, '127.0.0.1');
  closing.push(async () => void socket.destroy());
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  for (let i = 1; i <= 3; i++) {
    socket.write('POST /here HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 10\r\n\r\n12345');
    await expect.poll(() => answer.split('early').length - 1).toBe(i);
    socket.write('67890');
  }
});
