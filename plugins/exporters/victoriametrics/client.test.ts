import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from 'wattline/http';
import { messageOf, RejectedError } from 'wattline/plugin';
import { BlockedError, DoubtfulError } from '../../../src/errors.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import { Client, type ClientOptions } from './client.ts';

const signal = new AbortController().signal;
const http = new HttpClient(createTestContext().ctx, 'http:', undefined);
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function clientOf(listener: RequestListener, options: Partial<ClientOptions> = {}): Promise<Client> {
  const endpoint = await serve(listener);
  return new Client({ endpoint, headers: {}, compression: 'none', http, timeout: 5000, ...options });
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

describe('an answer', () => {
  const push = async (status: number, body = '') => {
    const client = await clientOf((_, response) => {
      response.writeHead(status, { location: '/elsewhere' });
      response.end(status === 204 ? undefined : body);
    });
    return client.push('/api/v1/import', 'x', signal);
  };

  it.each([200, 204])('%d is a success', async (status) => {
    await expect(push(status)).resolves.toBeUndefined();
  });

  it.each([400, 422])('%d is for good', async (status) => {
    expect(await failureOf(push(status))).toBeInstanceOf(RejectedError);
  });

  it.each([301, 307, 401, 403, 404, 415])('%d is something to mend', async (status) => {
    const error = await failureOf(push(status));
    expect(error).toBeInstanceOf(BlockedError);
    expect(error).not.toBeInstanceOf(DoubtfulError);
  });

  it.each([413, 500])('%d may be about the samples, or something to mend', async (status) => {
    expect(await failureOf(push(status))).toBeInstanceOf(DoubtfulError);
  });

  it.each([408, 429, 502, 503])('%d may be tried again', async (status) => {
    const error = await failureOf(push(status));
    expect(error).not.toBeInstanceOf(RejectedError);
    expect(error).not.toBeInstanceOf(BlockedError);
  });

  it('that refuses is reported with its text and a remedy', async () => {
    const { message } = await failureOf(push(400, ' cannot parse line 3\n'));
    expect(message).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/import answered 400: cannot parse line 3; it will not/,
    );
    expect((await failureOf(push(401))).message).toContain('set `headers`');
    expect((await failureOf(push(404))).message).toContain('set `endpoint`');
  });
});

it('sends headers and, where the configuration says so, gzip', async () => {
  const seen: unknown[] = [];
  const listener: RequestListener = async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const encoding = request.headers['content-encoding'];
    const { authorization, 'content-type': type, 'content-length': length } = request.headers;
    expect([type, Number(length)]).toEqual(['text/plain;charset=UTF-8', body.length]);
    seen.push([authorization, encoding, (encoding ? gunzipSync(body) : body).toString()]);
    response.writeHead(204).end();
  };
  const headers = { Authorization: 'Bearer abc' };
  const plain = await clientOf(listener, { headers });
  await plain.push('/a', 'päckchen', signal);
  const packed = await clientOf(listener, { headers, compression: 'gzip' });
  await packed.push('/a', 'päckchen', signal);
  expect(seen).toEqual([
    ['Bearer abc', undefined, 'päckchen'],
    ['Bearer abc', 'gzip', 'päckchen'],
  ]);
});

it('refuses headers that HTTP does not allow', () => {
  const options = {
    endpoint: 'http://127.0.0.1:1',
    compression: 'none',
    http,
    timeout: 1,
    headers: { 'a b': 'c' },
  } as const;
  expect(() => new Client(options)).toThrow(/a b/);
});

it('returns the time of the server', async () => {
  const client = await clientOf((_, response) => {
    response.setHeader('date', 'Tue, 24 Nov 2026 23:39:48 GMT');
    response.end('text');
  });
  const answer = await client.get('/metrics', signal);
  expect(answer).toEqual({ status: 200, text: 'text', date: Date.UTC(2026, 10, 24, 23, 39, 48) });
});

it('gives up after the timeout, and when it must stop; both may be tried again', async () => {
  const silent: RequestListener = () => {};
  const impatient = await clientOf(silent, { timeout: 50 });
  const late = await failureOf(impatient.push('/a', 'x', signal));
  expect(late).not.toBeInstanceOf(RejectedError);
  expect(late.message).toMatch(/^no answer from http:.* within 0\.05 s$/);
  const client = await clientOf(silent);
  const stopped = AbortSignal.timeout(50);
  expect((await failureOf(client.push('/a', 'x', stopped))).message).toMatch(/^no answer from http:[^ ]*$/);
});

it('waits as long as it takes where the timeout is 0', async () => {
  const client = await clientOf((_, response) => setTimeout(() => response.end('late'), 20), { timeout: 0 });
  expect(await client.get('/a', signal)).toMatchObject({ text: 'late' });
});

it('says why a server cannot be reached', async () => {
  const endpoint = await serve(() => {});
  for (const close of closing.splice(0)) close();
  const client = new Client({ endpoint, headers: {}, compression: 'none', http, timeout: 5000 });
  const error = await failureOf(client.push('/a', 'x', signal));
  expect(error).not.toBeInstanceOf(RejectedError);
  expect(messageOf(error)).toMatch(/no answer from .*ECONNREFUSED/);
});
