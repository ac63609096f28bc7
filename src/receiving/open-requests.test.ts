import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { jsonAnswer } from './answer.ts';
import { OpenRequests, type Respond } from './open-requests.ts';

it('logs a fault of its own, answers 500, and goes on', async () => {
  const logs: { msg: string }[] = [];
  const requests = new OpenRequests(pino({}, { write: (line: string) => logs.push(JSON.parse(line)) }), 0);
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

/** Answers requests with `respond` while `act` goes on. */
async function serving(respond: Respond, patience: number, act: (url: string) => Promise<void>): Promise<void> {
  const requests = new OpenRequests(pino({ enabled: false }), patience);
  const server = createServer(requests.handler(respond)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`);
    await requests.close(new AbortController().signal);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

it('answers 503 before a sender gives up, and gives up itself', async () => {
  const reasons: unknown[] = [];
  const respond: Respond = (_, signal) => {
    return new Promise(() => signal.addEventListener('abort', () => reasons.push(signal.reason)));
  };
  await serving(respond, 200, async (url) => {
    const response = await fetch(url, { method: 'POST', body: 'x', signal: AbortSignal.timeout(10_000) });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(reasons).toEqual([expect.objectContaining({ name: 'TimeoutError' })]);
  });
});

it('turns requests away at once while others have waited for long, and takes them again after', async () => {
  const held = Promise.withResolvers<void>();
  let asked = 0;
  const respond: Respond = async (incoming) => {
    await incoming.toArray();
    if (asked++ === 0) await held.promise;
    return jsonAnswer(200, asked);
  };
  await serving(respond, 60_000, async (url) => {
    vi.spyOn(performance, 'now').mockReturnValue(0);
    const post = () => fetch(url, { method: 'POST', body: 'x' });
    const first = post();
    await expect.poll(() => asked).toBe(1);
    expect((await post()).status).toBe(200);
    vi.spyOn(performance, 'now').mockReturnValue(30_001);
    const refused = await post();
    expect([refused.status, refused.headers.get('retry-after'), asked]).toEqual([503, '1', 2]);
    held.resolve();
    expect((await first).status).toBe(200);
    expect((await post()).status).toBe(200);
    vi.restoreAllMocks();
  });
});

it('does not count one that was answered before it had arrived whole', async () => {
  await serving(
    async () => jsonAnswer(200, 0),
    60_000,
    async (url) => {
      vi.spyOn(performance, 'now').mockReturnValue(0);
      const [first, second] = await Promise.all(
        [1, 2].map(() => fetch(url, { method: 'POST', body: 'x'.repeat(1e6) })),
      );
      await Promise.all([first?.text(), second?.text()]);
      vi.spyOn(performance, 'now').mockReturnValue(40_000);
      expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(200);
      vi.restoreAllMocks();
    },
  );
});

it('waits as long as more of a request comes', async () => {
  const respond: Respond = async (incoming) => jsonAnswer(200, Buffer.concat(await incoming.toArray()).length);
  await serving(respond, 200, async (url) => {
    const body = ReadableStream.from(
      (async function* () {
        for (let piece = 0; piece < 30; piece++) {
          yield Buffer.from('x');
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      })(),
    );
    const response = await fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect([response.status, await response.json()]).toEqual([200, 30]);
  });
});

it('gives up what nobody waits for any more', async () => {
  const gone = Promise.withResolvers<unknown>();
  const arrived = Promise.withResolvers<void>();
  const respond: Respond = (_, signal) => {
    arrived.resolve();
    return new Promise(() => signal.addEventListener('abort', () => gone.resolve(signal.reason)));
  };
  await serving(respond, 0, async (url) => {
    const sent = request(url, { method: 'POST' }).on('error', () => {});
    sent.end('x');
    await arrived.promise;
    sent.destroy();
    expect(await gone.promise).toMatchObject({ name: 'NetworkError', message: 'the sender has gone' });
  });
});
