import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import pino from 'pino';
import { afterEach, expect, it } from 'vitest';
import { say } from '../../test/kit/listening.ts';
import { Listeners } from './listeners.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function listen() {
  const logs: string[] = [];
  const logger = pino({}, { write: (line: string) => logs.push(JSON.parse(line).msg) });
  const routes = { 'GET /': say('here') };
  const listening = await new Listeners(logger).forComponent().listen({ host: '127.0.0.1', port: 0 }, routes);
  closing.push(() => listening.close());
  return { logs, url: listening.url, port: Number(new URL(listening.url).port) };
}

it('says once that gRPC came to a port of HTTP, and where to send it', async () => {
  const { logs, url } = await listen();
  for (let i = 0; i < 2; i++) {
    const session = connectHttp2(url);
    closing.push(() => session.destroy());
    session.request({ ':path': '/' }).on('error', () => {});
    await once(session, 'error').catch(() => {});
  }
  expect(logs.filter((line) => line.includes('protocols.grpc'))).toHaveLength(1);
  expect(await (await fetch(url)).text()).toBe('here');
});

it.each([
  ['nonsense\r\n\r\n', '400 Bad Request'],
  [`GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(50_000)}\r\n\r\n`, '431 Request Header Fields Too Large'],
])('answers what is no request as Node.js does: %.20s', async (text, status) => {
  const { port, logs } = await listen();
  const socket = connect(port, '127.0.0.1');
  socket.end(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  expect(answer).toBe(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  expect(logs).toEqual([]);
});
