import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Writable } from 'node:stream';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../test/kit/free-port.ts';
import { anyPort, createListeners, listen, say } from '../../test/kit/listening.ts';
import type { RequestHandler } from '../plugin/index.ts';
import { Listeners } from './listeners.ts';

const textOf = async (url: string, init?: RequestInit) => {
  const response = await fetch(url, init);
  return [response.status, await response.text()];
};

describe('components that name one endpoint', () => {
  it('share its listener until the last has closed', async () => {
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    const [first, second] = await Promise.all([
      listen(listeners, endpoint, { 'GET /a': say('A') }),
      listen(listeners, endpoint, { 'GET /b': say('B'), 'POST /a': say('posted') }),
    ]);
    expect(first.url).toBe(`http://127.0.0.1:${endpoint.port}`);
    expect(second.url).toBe(first.url);
    expect(await textOf(`${first.url}/a?x=1`)).toEqual([200, 'A']);
    expect(await textOf(`${first.url}/a`, { method: 'POST', body: 'x' })).toEqual([200, 'posted']);
    expect(await textOf(`${first.url}/b`)).toEqual([200, 'B']);
    expect(['GET /b', 'POST /a', 'GET /c'].map(first.serves)).toEqual([true, true, false]);
    await first.close();
    await first.close();
    expect(second.serves('GET /a')).toBe(false);
    expect(await textOf(`${first.url}/b`)).toEqual([200, 'B']);
    await second.close();
    await expect(fetch(`${first.url}/b`)).rejects.toThrow();
  });

  it('may not serve one path both', async () => {
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    const { url } = await listen(listeners, endpoint, { 'GET /a': say('A') });
    await expect(listeners.listen(endpoint, { 'GET /b': say('B'), 'GET /a': say('other') })).rejects.toThrow(
      `two components serve \`GET /a\` on 127.0.0.1:${endpoint.port}; give one of them another endpoint`,
    );
    expect(await textOf(`${url}/a`)).toEqual([200, 'A']);
    expect((await fetch(`${url}/b`)).status).toBe(404);
  });

  it('leave their paths to others when they close; callers shall try again', async () => {
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    const { url } = await listen(listeners, endpoint, { 'GET /stays': say('here') });
    const first = await listen(listeners, endpoint, { 'POST /data': say('first') });
    await first.close();
    const refused = await fetch(`${url}/data`, { method: 'POST' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    await listen(listeners, endpoint, { 'POST /data': say('second') });
    expect(await textOf(`${url}/data`, { method: 'POST' })).toEqual([200, 'second']);
  });

  it('need not spell a host with the same capitals', async () => {
    const listeners = createListeners();
    const port = await freePort();
    const first = await listen(listeners, { host: 'localhost', port }, { 'GET /a': say('A') });
    const second = await listen(listeners, { host: 'LocalHost', port }, { 'GET /b': say('B') });
    expect(second.url).toBe(first.url);
  });

  it('are refused where they spell it so that it cannot be shared', async () => {
    const listeners = createListeners();
    const port = await freePort();
    await listen(listeners, { host: '0.0.0.0', port }, { 'GET /a': say('A') });
    await expect(listeners.listen({ host: '127.0.0.1', port }, { 'GET /b': say('B') })).rejects.toThrow(
      `another component listens on 0.0.0.0:${port} already; write this endpoint the same way to share it`,
    );
  });
});

describe('a port that is taken', () => {
  it('is named, and may be tried again', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port };
    const attempts = await Promise.allSettled([
      listeners.listen(endpoint, { 'GET /a': say('A') }),
      listeners.listen(endpoint, { 'GET /b': say('B') }),
    ]);
    const message = `127.0.0.1:${port} is in use by another program; stop it, or set another \`endpoint\``;
    for (const attempt of attempts) expect(attempt).toMatchObject({ status: 'rejected', reason: { message } });
    other.close();
    await once(other, 'close');
    const { url } = await listen(listeners, endpoint, { 'GET /a': say('A') });
    expect(await textOf(`${url}/a`)).toEqual([200, 'A']);
  });

  const addresses: [string, RegExp][] = [['0.0.0.0', /^http:\/\/localhost:\d+$/]];
  // Not every machine has IPv6.
  if (networkInterfaces().lo?.some(({ address }) => address === '::1')) {
    addresses.push(['::', /^http:\/\/localhost:\d+$/], ['::1', /^http:\/\/\[::1\]:\d+$/]);
  }
  it.each(addresses)('0 on %s is any free one, and the address can be called', async (host, url) => {
    const listening = await listen(createListeners(), { host, port: 0 }, { 'GET /': say('here') });
    expect(listening.url).toMatch(url);
    expect(await textOf(listening.url)).toEqual([200, 'here']);
  });
});

describe('a request', () => {
  it('to another path gets 404 and what is there', async () => {
    const { url } = await listen(createListeners(), anyPort, { 'GET /a': say('A'), 'POST /b': say('B') });
    expect(await textOf(`${url}/c`)).toEqual([404, 'nothing at /c; served here: GET /a, POST /b\n']);
  });

  it('to a path whose component is still to come gets 503, so that whoever asks comes again', async () => {
    const listeners = new Listeners();
    listeners.isStarting = true;
    const { url } = await listen(listeners.forComponent(), anyPort, { 'GET /a': say('A') });
    for (const path of ['a', 'b']) {
      const early = await fetch(`${url}/${path}`, { method: 'POST' });
      expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await early.text()).toBe(`nothing at /${path} yet: Wattline is starting\n`);
    }
    expect(await textOf(`${url}/a`)).toEqual([200, 'A']);
    listeners.isStarting = false;
    expect((await fetch(`${url}/b`)).status).toBe(404);
  });

  it('with another method gets 405 and the right ones', async () => {
    const { url } = await listen(createListeners(), anyPort, { 'GET /a': say('A'), 'POST /a': say('B') });
    const response = await fetch(`${url}/a`, { method: 'PUT', body: 'x'.repeat(100_000) });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect(await response.text()).toBe('PUT is not allowed here; use GET or POST\n');
  });

  it('for the head gets the head of GET', async () => {
    const { url } = await listen(createListeners(), anyPort, {
      'GET /a': (_, response) => void response.setHeader('content-type', 'text/x-a').end('A'),
    });
    const response = await fetch(`${url}/a`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      200,
      'text/x-a',
      '',
    ]);
    expect((await fetch(`${url}/b`, { method: 'HEAD' })).status).toBe(404);
  });

  it('whose handler fails gets 500 and a line in the log, and the next one is answered', async () => {
    const lines: string[] = [];
    const write = (chunk: Buffer, _: unknown, done: () => void) => {
      lines.push(String(chunk));
      done();
    };
    const { url } = await listen(createListeners(pino(new Writable({ write }))), anyPort, {
      'GET /throws': () => {
        throw new Error('broken');
      },
      'GET /rejects': (async () => {
        throw new Error('late');
      }) as RequestHandler,
      'GET /half': (_, response) => {
        response.write('half');
        throw new Error('half way');
      },
      'GET /a': say('A'),
    });
    expect((await fetch(`${url}/throws`)).status).toBe(500);
    expect((await fetch(`${url}/rejects`)).status).toBe(500);
    await expect(fetch(`${url}/half`).then((response) => response.text())).rejects.toThrow();
    expect(await textOf(`${url}/a`)).toEqual([200, 'A']);
    const logged = lines.map((line) => JSON.parse(line)).map(({ msg, err }) => `${msg}: ${err.message}`);
    expect(logged).toEqual([
      'could not answer GET /throws: broken',
      'could not answer GET /rejects: late',
      'could not answer GET /half: half way',
    ]);
  });
});

describe('closing', () => {
  it('waits for answers under way', async () => {
    const begun = Promise.withResolvers<() => void>();
    const { url, close } = await listen(createListeners(), anyPort, {
      'GET /slow': (_, response) => begun.resolve(() => void response.end('x'.repeat(5_000_000))),
    });
    const answer = textOf(`${url}/slow`);
    const finish = await begun.promise;
    const closed = close();
    await expect(fetch(url)).rejects.toThrow();
    finish();
    await closed;
    expect(await answer).toEqual([200, 'x'.repeat(5_000_000)]);
  });

  it('is not held up by connections that ask for nothing', async () => {
    const { url, close } = await listen(createListeners(), anyPort, { 'GET /a': say('A') });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    const [response] = (await once(request(`${url}/a`, { agent }).end(), 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    silent.on('error', () => {});
    await once(silent, 'connect');
    const half = connect(Number(new URL(url).port), '127.0.0.1');
    half.on('error', () => {}).write('GET /a HTTP/1.1\r\nhost:');
    await once(half, 'connect');
    const ends = Promise.all([silent, half].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    await close();
    await ends;
  });

  it('cuts an answer that takes too long', async () => {
    const begun = Promise.withResolvers<void>();
    const { url, close } = await listen(createListeners(), anyPort, { 'GET /never': () => begun.resolve() });
    const answer = fetch(`${url}/never`);
    answer.catch(() => {});
    await begun.promise;
    await close();
    await expect(answer).rejects.toThrow();
  });
});
