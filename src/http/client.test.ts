import { getEventListeners, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { createGzip, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Certificates, createCertificates, type KeyPair } from '../../test/kit/certificates.ts';
import { createTestContext } from '../../test/kit/context.ts';
import { describeWithPeers } from '../../test/kit/peers.ts';
import { messageOf } from '../errors.ts';
import { clientSettings, compressions, HttpClient, requestHeaders } from './client.ts';

const schema = z.strictObject(clientSettings);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function clientOf(url: string, tls: object, directory = '.') {
  const { ctx, logs } = createTestContext({ directory });
  const client = new HttpClient(ctx, url, schema.parse({ tls }).tls);
  closing.push(() => client.close());
  return { client, logs };
}

const failureOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'it did not fail', messageOf);

describe('the settings of a client', () => {
  it.each([
    [{ cert_file: 'a' }, 'expected `cert_file` and `key_file` together'],
    [{ key_file: 'a' }, 'expected `cert_file` and `key_file` together'],
    [{ server_name_override: '127.0.0.1' }, 'expected a name, not an address'],
    [{ insecure: true }, 'insecure'],
  ])('are refused: %j', (tls, said) => {
    expect(schema.safeParse({ tls }).error?.message).toContain(said);
  });

  it('are refused beside a URL that is not https', () => {
    expect(() => clientOf('http://127.0.0.1:1/?key=hush', { insecure_skip_verify: true })).toThrow(
      '`tls` needs a URL that begins with https:, and this one does not',
    );
  });

  it('may ask for nothing beside any URL', () => {
    expect(() => clientOf('http://127.0.0.1:1', {})).not.toThrow();
  });
});

describe('what is posted', () => {
  it.each(compressions)('is compressed by %s, and says so', async (compression) => {
    const taken: { headers: IncomingHttpHeaders; body: Buffer }[] = [];
    const server = createPlainServer(async (request, response) => {
      taken.push({ headers: request.headers, body: await buffer(request) });
      response.end();
    }).listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const content = Buffer.from('watts '.repeat(1000));
    const limits = { timeout: 0, signal: new AbortController().signal };
    await clientOf(url, {}).client.post(url, content, { compression, headers: new Headers() }, limits);
    const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = taken;
    const read = {
      gzip: gunzipSync,
      zstd: zstdDecompressSync,
      deflate: inflateSync,
      zlib: inflateSync,
      none: Buffer.from,
    };
    expect(headers['content-encoding']).toBe(compression === 'none' ? undefined : compression);
    expect(Number(headers['content-length'])).toBe(body.length);
    expect(Buffer.compare(read[compression](body), content)).toBe(0);
    expect(body.length < content.length).toBe(compression !== 'none');
  });
});

describe('credentials of an extension', () => {
  it('are in every request, in the place of a header of that name', async () => {
    const seen: unknown[] = [];
    const server = createPlainServer(({ headers: { authorization, 'x-a': a } }, response) => {
      seen.push([authorization, a]);
      response.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let token = 'one';
    const authenticators = { tokens: { clientAuth: () => ['authorization', `Bearer ${token}`] as const } };
    const { ctx } = createTestContext({ authenticators });
    const client = new HttpClient(ctx, url, undefined, { authenticator: 'tokens' });
    const limits = { timeout: 10_000, signal: new AbortController().signal };
    const headers = requestHeaders({ Authorization: 'Basic x', 'x-a': 'b' });
    await client.request(url, { headers }, limits);
    token = 'two';
    await client.post(url, new Uint8Array(3), { compression: 'none', headers }, limits);
    expect(seen).toEqual([
      ['Bearer one', 'b'],
      ['Bearer two', 'b'],
    ]);
    expect(() => new HttpClient(ctx, url, undefined, { authenticator: 'none' })).toThrow(
      'there is no authenticator `none`',
    );
  });
});

describe('headers', () => {
  it('are taken as they are configured', () => {
    const headers = requestHeaders({ Authorization: 'Bearer abc', 'X-Scope': ' a ' });
    expect([...headers]).toEqual([
      ['authorization', 'Bearer abc'],
      ['x-scope', 'a'],
    ]);
  });

  it.each([
    [{ 'a b': 'hush' }, '`a b` cannot be the name of a header; use letters, digits and -'],
    [{ a: 'hush\nhush' }, 'the value of the header `a` has a character that HTTP does not allow, such as a line end'],
    [{ a: 'hush ✓' }, 'the value of the header `a` has a character that HTTP does not allow, such as a line end'],
  ])('that HTTP does not allow are refused, and no value is shown: %j', (headers, message) => {
    expect(() => requestHeaders(headers)).toThrow(new Error(message));
  });
});

describe('a request', () => {
  /**
   * Answers by the path: `/slow` sends 10 bytes and the rest never, `/failed` is a 500, and those that begin with `/endless`
   * send zeros for as long as somebody reads them. `begun` resolves when the 10 bytes
   * are sent, and `closed` when a connection has been closed.
   */
  async function serve() {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const server = createPlainServer((request, response) => {
      const { url = '' } = request;
      request.socket.once('close', () => resolve());
      response.statusCode = /failed|error/.test(url) ? 500 : 200;
      if (url === '/failed') response.end('\ufeff1234567890');
      else if (url === '/mebibyte') response.end(Buffer.alloc(2 ** 20));
      else if (!url.startsWith('/endless')) response.write('1234567890', () => begin());
      else if (url !== '/endless-gzip') Readable.from(zeros()).pipe(response);
      else {
        response.setHeader('content-encoding', 'gzip');
        Readable.from(zeros()).pipe(createGzip()).pipe(response);
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, begun, closed, client: new HttpClient(createTestContext().ctx, url, undefined) };
  }

  function* zeros() {
    for (;;) yield Buffer.alloc(10_000);
  }

  it('ends when its time is over, and says so', async () => {
    const { url, client } = await serve();
    const { signal } = new AbortController();
    const failure = failureOf(client.request(`${url}/slow`, {}, { timeout: 20, signal, name: 'the server' }));
    expect(await failure).toBe('no answer from the server within 0.02 s: The operation was aborted due to timeout');
  });

  it('ends with its signal, also where that is aborted before', async () => {
    const { url, client } = await serve();
    const ending = new AbortController();
    const ask = () => failureOf(client.request(`${url}/slow`, {}, { timeout: 0, signal: ending.signal }));
    const early = ask();
    ending.abort(new Error('it was ended'));
    expect([await early, await ask()]).toEqual(Array(2).fill(`no answer from ${url}/slow: it was ended`));
  });

  it('leaves nothing behind once it is answered', async () => {
    const { url, client } = await serve();
    const { signal } = new AbortController();
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const asking = client.request(`${url}/endless`, {}, { timeout: 60_000, signal });
    const during = timers();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await asking;
    expect(timers()).toBeLessThan(during);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it.each([
    ['/endless', {}, 200],
    ['/endless-error', {}, 500],
    ['/endless-error', { bodyLimitMib: 100 }, 500],
    ['/endless-gzip', {}, 200],
  ])('reads the first 64 KiB of %s with %j, and closes the connection', async (path, limits, status) => {
    const { url, client, closed } = await serve();
    const answer = await client.request(
      url + path,
      {},
      { timeout: 0, signal: new AbortController().signal, ...limits },
    );
    expect([answer.status, answer.body.length]).toEqual([status, 65_536]);
    await closed;
  });

  it('reads an answer of success up to its limit, and refuses a longer one', async () => {
    const { url, client, closed } = await serve();
    const signal = new AbortController().signal;
    const ask = (path: string, bodyLimitMib: number) =>
      client.request(url + path, {}, { timeout: 0, signal, name: 'the server', bodyLimitMib });
    expect((await ask('/mebibyte', 1)).body).toHaveLength(2 ** 20);
    const said = 'the server has more than 0.5 MiB, which is `body_size_limit_mib`';
    expect(await failureOf(ask('/mebibyte', 0.5))).toBe(said);
    expect(await failureOf(ask('/endless', 0.5))).toBe(said);
    await closed;
  });

  it('ends with its signal while an answer comes in bit by bit', async () => {
    const { url, client, begun, closed } = await serve();
    const ending = new AbortController();
    const asking = failureOf(client.request(`${url}/slow`, {}, { timeout: 0, signal: ending.signal, bodyLimitMib: 1 }));
    await begun;
    ending.abort(new Error('it was ended'));
    expect(await asking).toBe(`no answer from ${url}/slow: it was ended`);
    await closed;
  });

  it('has the text of an answer without a byte order mark', async () => {
    const { url, client } = await serve();
    const answer = await client.request(`${url}/failed`, {}, { timeout: 0, signal: new AbortController().signal });
    expect([answer.status, answer.text()]).toEqual([500, '1234567890']);
  });
});

describeWithPeers('a client with TLS', ['openssl'], () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await createCertificates();
  });
  afterAll(() => certificates.remove());

  async function serve({ cert, key }: KeyPair, clientCa?: string) {
    const read = (path: string) => readFileSync(path, 'utf8');
    const asked = clientCa ? { ca: read(clientCa), requestCert: true } : {};
    const server = createServer({ cert: read(cert), key: read(key), ...asked }, async (request, response) => {
      const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody';
      response.setHeader('location', '/elsewhere').writeHead(request.url === '/moved' ? 302 : 200);
      response.end(`${request.method} by ${name}: ${Buffer.concat(await request.toArray())}`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function call(url: string, tls: object) {
    const { client, logs } = clientOf(url, tls, certificates.folder.path);
    await client.start();
    const answer = client.fetch(url, { method: 'POST', body: 'text' });
    return { logs, said: await answer.then((response) => response.text(), messageOf) };
  }

  it('trusts the configured authorities, and no others', async () => {
    const url = await serve(certificates.server);
    expect((await call(url, { ca_file: 'ca.crt' })).said).toBe('POST by nobody: text');
    expect((await call(url, { ca_file: 'other-ca.crt' })).said).toMatch(/unable to verify the first certificate/);
    expect((await call(url, {})).said).toMatch(/unable to verify|unable to get local issuer/);
    expect((await call(await serve(certificates.expired), { ca_file: 'ca.crt' })).said).toMatch(/has expired/);
  });

  it('checks the name, that of the URL or the one that it is given', async () => {
    const url = await serve(certificates.named);
    expect((await call(url, { ca_file: 'ca.crt' })).said).toMatch(/127\.0\.0\.1 is not in the cert's list/);
    const name = (server_name_override: string) => call(url, { ca_file: 'ca.crt', server_name_override });
    expect((await name('wattline.example')).said).toBe('POST by nobody: text');
    expect((await name('other.example')).said).toMatch(/other\.example\. is not in the cert's altnames/);
  });

  it('checks nothing where it is configured so, and warns', async () => {
    const { said, logs } = await call(await serve(certificates.expired), { insecure_skip_verify: true });
    expect(said).toBe('POST by nobody: text');
    expect(logs).toEqual(['warn: `tls.insecure_skip_verify` is set: nobody checks that the server is the right one']);
  });

  it('shows its certificate', async () => {
    const url = await serve(certificates.server, certificates.ca);
    const own = { cert_file: 'client.crt', key_file: 'client.key' };
    expect((await call(url, { ca_file: 'ca.crt', ...own })).said).toBe('POST by client: text');
    expect((await call(url, { ca_file: 'ca.crt' })).said).toMatch(/fetch failed/);
  });

  it("behaves as Node's own fetch otherwise: redirects, signals, headers", async () => {
    const url = await serve(certificates.server);
    const { client } = clientOf(url, { ca_file: certificates.ca });
    await client.start();
    const headers = requestHeaders({ authorization: 'Bearer abc' });
    const moved = await client.fetch(`${url}/moved`, { redirect: 'manual', headers });
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/elsewhere']);
    const form = await client.fetch(url, { method: 'POST', body: new URLSearchParams({ a: 'b' }), headers });
    expect(await form.text()).toBe('POST by nobody: a=b');
    await expect(client.fetch(url, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });

  it('is not started where a file is missing or does not fit', async () => {
    const start = (tls: object) =>
      failureOf(clientOf('https://127.0.0.1:1', tls, certificates.folder.path).client.start());
    const { path } = certificates.folder;
    expect(await start({ ca_file: 'missing.crt' })).toMatch(
      new RegExp(`^\`tls.ca_file\`: ${path}/missing.crt cannot be read: there is no such file`),
    );
    expect(await start({ cert_file: 'client.crt', key_file: 'server.key' })).toMatch(
      new RegExp(`^\`tls.key_file\`: ${path}/server.key is not the key of the certificate in ${path}/client.crt`),
    );
    expect(await start({ cert_file: 'ca.cnf', key_file: 'server.key' })).toMatch(/ca\.cnf holds no CERTIFICATE in PEM/);
  });
});
