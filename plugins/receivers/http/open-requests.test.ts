import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, it } from 'vitest';
import { OpenRequests } from './open-requests.ts';

it('logs a fault of its own, answers 500, and goes on', async () => {
  const logs: { msg: string }[] = [];
  const requests = new OpenRequests(pino({}, { write: (line: string) => logs.push(JSON.parse(line)) }));
  const respond = async () => {
    throw new TypeError('a fault');
  };
  const server = createServer(requests.handler(respond)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path`;
  try {
    for (const _ of [1, 2]) {
      const response = await fetch(url, { method: 'POST', body: 'x' });
      expect(response.status).toBe(500);
      expect(await response.json()).toEqual({ code: 13, message: expect.stringContaining('its log says why') });
    }
    await requests.close(new AbortController().signal);
    expect(logs.map(({ msg }) => msg)).toEqual(Array(2).fill('a request to /path failed: a fault'));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
