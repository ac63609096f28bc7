import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import pino from 'pino';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Certificates, createCertificates, type KeyPair } from '../../test/kit/certificates.ts';
import { freePort } from '../../test/kit/free-port.ts';
import { anyPort, createListeners, listen, say } from '../../test/kit/listening.ts';
import { describeWithPeers } from '../../test/kit/peers.ts';
import { temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { messageOf } from '../plugin/index.ts';
import type { ListenOptions, ServerTls } from '../plugin/listening.ts';

const routes = { 'GET /a': say('A'), 'GET /health': say('OK') };

async function listenWith(options: ListenOptions) {
  const logs: string[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => logs.push(JSON.parse(line).msg) });
  return { ...(await listen(createListeners(logger), anyPort, routes, options)), logs };
}

const failureOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'it did not fail', messageOf);

interface Asking {
  readonly client?: KeyPair;
  readonly ca?: string;
  readonly version?: 'TLSv1.2';
  readonly headers?: Record<string, string>;
}

describe('a token', () => {
  const auth = { bearerTokens: ['first-token', 'second.token~=='] };
  const get = async (url: string, authorization?: string, path = '/a') => {
    const response = await fetch(url + path, { headers: authorization === undefined ? {} : { authorization } });
    return [response.status, await response.text(), response.headers.get('www-authenticate')];
  };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it.each(['Bearer first-token', 'bearer  second.token~==', basic('anybody:first-token'), basic(':second.token~==')])(
    'that is taken is let through: %s',
    async (authorization) => {
      const { url } = await listenWith({ auth });
      expect(await get(url, authorization)).toEqual([200, 'A', null]);
    },
  );

  it.each([
    'Bearer first-token2',
    'Bearer first-toke',
    'Bearer FIRST-TOKEN',
    'Bearer',
    'Bearer ',
    'Bearer first-token second.token~==',
    'first-token',
    'Digest first-token',
    basic('first-token:'),
    basic('first-token:other'),
    'Basic ????',
    undefined,
  ])('that is not is refused: %s', async (authorization) => {
    const { url, logs } = await listenWith({ auth, open: ['GET /health'] });
    const [status, text, challenge] = await get(url, authorization);
    expect(status).toBe(401);
    expect(challenge).toMatch(/^Bearer realm="wattline".*, Basic realm="wattline"$/);
    expect(text).toMatch(/^(a token is needed here; send it as|the token is not accepted)/);
    expect(`${text}${challenge}${logs}`).not.toMatch(/first|second/);
  });

  it('is needed for paths that are not there too, and not for those that are open', async () => {
    const { url } = await listenWith({ auth, open: ['GET /health'] });
    expect((await get(url, undefined, '/nothing'))[0]).toBe(401);
    expect((await get(url, 'Bearer first-token', '/nothing'))[0]).toBe(404);
    expect((await get(url, undefined, '/health?x'))[1]).toBe('OK');
    expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${url}/health`, { method: 'POST' })).status).toBe(401);
  });

  it('may be in a file, one a line', async () => {
    const folder = await temporaryFolder({ tokens: 'one\r\n\n two \n' });
    onTestFinished(folder.remove);
    const { url } = await listenWith({ auth: { bearerTokens: ['zero'], bearerTokenFile: `${folder.path}/tokens` } });
    for (const token of ['zero', 'one', 'two']) expect((await get(url, `Bearer ${token}`))[0]).toBe(200);
    for (const token of ['', 'one two', 'three']) expect((await get(url, `Bearer ${token}`))[0]).toBe(401);
  });

  it('of a file that has changed is taken, and those before where it cannot be used', async () => {
    const folder = await temporaryFolder({ tokens: 'one' });
    onTestFinished(folder.remove);
    const { url, logs } = await listenWith({ auth: { bearerTokens: [], bearerTokenFile: `${folder.path}/tokens` } });
    const statusOf = async (token: string) => (await get(url, `Bearer ${token}`))[0];
    await folder.write({ tokens: 'another' });
    await expect.poll(() => statusOf('another')).toBe(200);
    expect(await statusOf('one')).toBe(401);
    await folder.write({ tokens: '' });
    await expect.poll(async () => [await statusOf('another'), logs.join()][1]).toMatch(/has no token.*still count/);
    expect(await statusOf('another')).toBe(200);
  });

  it('is taken beside what an authenticator lets in', async () => {
    const challenges = ['Other realm="x"'];
    const authenticate = async (headers: IncomingHttpHeaders) =>
      headers['x-key'] === 'k' ? undefined : { message: 'no key', challenges };
    const { url } = await listenWith({ auth: { bearerTokens: ['one'], authenticator: 'a', authenticate } });
    expect((await fetch(`${url}/a`, { headers: { 'x-key': 'k' } })).status).toBe(200);
    expect(await get(url, 'Bearer one')).toEqual([200, 'A', null]);
    expect(await get(url, 'Bearer two')).toEqual([401, 'no key\n', expect.stringMatching(/^Other .*Bearer .*Basic/)]);
    const alone = await listenWith({ auth: { bearerTokens: [], authenticator: 'a', authenticate } });
    expect(await get(alone.url, 'Bearer one')).toEqual([401, 'no key\n', challenges[0]]);
    const unknown = await listenWith({ auth: { bearerTokens: [], authenticator: 'a' } });
    expect((await fetch(`${unknown.url}/a`, { headers: { 'x-key': 'k' } })).status).toBe(401);
  });

  it.each([
    ['\n', 'has no token; write one a line'],
    ['good\nse cret\n', 'has characters other than letters, digits and -._~+/ in token 2'],
    [undefined, 'cannot be read: there is no such file'],
  ])('file with %j is refused without a word of it', async (text, said) => {
    const folder = await temporaryFolder(text === undefined ? {} : { tokens: text });
    onTestFinished(folder.remove);
    const message = await failureOf(
      listenWith({ auth: { bearerTokens: [], bearerTokenFile: `${folder.path}/tokens` } }),
    );
    expect(message).toContain(`\`auth.bearer_token_file\`: ${folder.path}/tokens ${said}`);
    expect(message).not.toContain('cret');
  });
});

describe('components that share an endpoint', () => {
  const auth = { bearerTokens: ['the-secret'] };
  const other = { 'GET /b': say('B') };

  it('share its protection, each with its open paths', async () => {
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    const first = await listen(listeners, endpoint, routes, { auth });
    await listen(listeners, endpoint, other, { auth: { ...auth }, open: ['GET /b'] });
    expect((await fetch(`${first.url}/a`)).status).toBe(401);
    expect((await fetch(`${first.url}/b`)).status).toBe(200);
  });

  it.each([
    [{ auth }, {}, 'auth'],
    [{}, { auth }, 'auth'],
    [{ auth }, { auth: { bearerTokens: ['the-other'] } }, 'auth'],
  ])('must agree on it: %#', async (one, two, part) => {
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    const { url, close } = await listen(listeners, endpoint, routes, one);
    expect(await failureOf(listeners.listen(endpoint, other, two))).toBe(
      `another component on 127.0.0.1:${endpoint.port} has a different \`${part}\`; use the same for both, or two endpoints`,
    );
    expect((await fetch(`${url}/health`)).status).toBe('auth' in one ? 401 : 200);
    await close();
    await listen(listeners, endpoint, other, two);
  });
});

describeWithPeers('TLS', ['openssl'], () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await createCertificates();
  });
  afterAll(() => certificates.remove());

  const tlsOf = ({ cert, key }: KeyPair, more: Partial<ServerTls> = {}): { tls: ServerTls } => ({
    tls: { certFile: cert, keyFile: key, minVersion: '1.2', ...more },
  });

  async function get(url: string, { client, ca, version, headers = {} }: Asking = {}) {
    const read = (path: string) => readFileSync(path, 'utf8');
    const pair = client && { cert: read(client.cert), key: read(client.key) };
    const agent = new Agent({
      connect: { ca: read(ca ?? certificates.ca), ...pair, ...(version && { maxVersion: version }) },
    });
    try {
      const response = await fetch(`${url}/a`, { dispatcher: agent, headers });
      return `${response.status} ${await response.text()}`;
    } catch (error) {
      return messageOf(error);
    } finally {
      await agent.destroy();
    }
  }

  it('serves who trusts its authority, and nobody who does not', async () => {
    const { url, logs } = await listenWith(tlsOf(certificates.server));
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await get(url)).toBe('200 A');
    expect(await get(url, { ca: certificates.otherCa })).toMatch(/unable to verify the first certificate/);
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow();
    await expect.poll(() => logs.join()).toMatch(/a TLS handshake failed: .*http request/);
  });

  it('accepts the versions that it is configured for', async () => {
    const old = await listenWith(tlsOf(certificates.server));
    expect(await get(old.url, { version: 'TLSv1.2' })).toBe('200 A');
    const recent = await listenWith(tlsOf(certificates.server, { minVersion: '1.3' }));
    expect(await get(recent.url, { version: 'TLSv1.2' })).toMatch(/protocol version/);
    expect(await get(recent.url)).toBe('200 A');
  });

  it('requests certificates of an authority where it is configured to', async () => {
    const { url, logs } = await listenWith(tlsOf(certificates.server, { clientCaFile: certificates.ca }));
    expect(await get(url, { client: certificates.client })).toBe('200 A');
    // What the client learns depends on when its connection is cut.
    expect(await get(url)).not.toContain('200');
    expect(await get(url, { client: certificates.stranger })).not.toContain('200');
    await expect.poll(() => logs.join()).toMatch(/TLS handshake failed: .*did not return a certificate.*verif/i);
  });

  it('lets nobody in by a certificate of another authority, one that is over, or none, with a token or without', async () => {
    const { ca, client, stranger, expired, otherCa } = certificates;
    const auth = { bearerTokens: ['the-token'] };
    const { url } = await listenWith({ ...tlsOf(certificates.server, { clientCaFile: ca }), auth });
    const token = { authorization: 'Bearer the-token' };
    expect(await get(url, { client, headers: token })).toBe('200 A');
    // Who has a certificate needs the token all the same.
    expect(await get(url, { client })).toMatch(/^401 /);
    for (const pair of [undefined, stranger, expired]) {
      expect(await get(url, { ...(pair && { client: pair }), headers: token })).not.toMatch(/^\d/);
    }
    const others = await listenWith(tlsOf(certificates.server, { clientCaFile: otherCa }));
    expect(await get(others.url, { client })).not.toMatch(/^\d/);
    expect(await get(others.url, { client: stranger })).toBe('200 A');
  });

  it('takes certificates and authorities again when their files change, and keeps them where they cannot be used', async () => {
    const { folder, ca, otherCa, server, client, stranger } = certificates;
    const copy = async (from: string, to: string) => folder.write({ [to]: readFileSync(from, 'utf8') });
    const paths = { cert: `${folder.path}/now.crt`, key: `${folder.path}/now.key` };
    const exchange = async (pair: KeyPair, authority: string) => {
      await copy(pair.cert, 'now.crt');
      await copy(pair.key, 'now.key');
      await copy(authority, 'now-ca.crt');
    };
    await exchange(server, ca);
    const { url, logs } = await listenWith(tlsOf(paths, { clientCaFile: `${folder.path}/now-ca.crt` }));
    expect(await get(url, { client })).toBe('200 A');
    // `stranger` is for 127.0.0.1 too.
    await exchange(stranger, otherCa);
    await expect.poll(() => get(url, { client: stranger, ca: otherCa })).toBe('200 A');
    expect(await get(url, { client, ca: otherCa })).not.toMatch(/^\d/);
    await folder.write({ 'now.key': 'nothing' });
    await expect
      .poll(async () => [await get(url, { client: stranger, ca: otherCa }), logs.join()][1])
      .toMatch(/now.key holds no PRIVATE KEY.*still count/);
    expect(await get(url, { client: stranger, ca: otherCa })).toBe('200 A');
  });

  it('warns of a certificate that has expired', async () => {
    const { url, logs } = await listenWith(tlsOf(certificates.expired));
    expect(logs).toEqual([`the certificate in ${certificates.expired.cert} expired on 2020-01-02; renew it`]);
    expect(await get(url)).toMatch(/certificate has expired/);
  });

  it('is refused at the start where a file is missing, not PEM, or does not fit', async () => {
    const { server, client, folder } = certificates;
    await folder.write({
      'no.pem': 'not a certificate',
      'broken.key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    });
    const missing = `${folder.path}/missing`;
    const text = `${folder.path}/no.pem`;
    const broken = `${folder.path}/broken.key`;
    const failures = [
      tlsOf({ ...server, cert: missing }),
      tlsOf({ ...server, key: missing }),
      tlsOf({ ...server, cert: text }),
      tlsOf({ ...server, key: server.cert }),
      tlsOf(server, { clientCaFile: text }),
      tlsOf({ ...server, key: client.key }),
      tlsOf({ ...server, key: broken }),
    ];
    expect(await Promise.all(failures.map((options) => failureOf(listenWith(options))))).toEqual([
      expect.stringMatching(`^\`tls.cert_file\`: ${missing} cannot be read: there is no such file`),
      expect.stringMatching(`^\`tls.key_file\`: ${missing} cannot be read: there is no such file`),
      `\`tls.cert_file\`: ${text} holds no CERTIFICATE in PEM; it begins with -----BEGIN where it does`,
      `\`tls.key_file\`: ${server.cert} holds no PRIVATE KEY in PEM; it begins with -----BEGIN where it does`,
      `\`tls.client_ca_file\`: ${text} holds no CERTIFICATE in PEM; it begins with -----BEGIN where it does`,
      expect.stringMatching(
        `^\`tls.key_file\`: ${client.key} is not the key of the certificate in ${server.cert}; name the two`,
      ),
      expect.stringMatching(`^the certificates cannot be used \\(${server.cert}, ${broken}\\); they must be PEM`),
    ]);
  });

  it('must be the same for all on an endpoint', async () => {
    const listeners = createListeners();
    const endpoint = { host: '127.0.0.1', port: await freePort() };
    await listen(listeners, endpoint, routes, tlsOf(certificates.server));
    expect(await failureOf(listeners.listen(endpoint, { 'GET /b': say('B') }))).toContain('has a different `tls`');
  });

  it('is closed though clients have not agreed on it yet', async () => {
    const { url, close } = await listenWith(tlsOf(certificates.server));
    const silent = connect(Number(new URL(url).port), '127.0.0.1');
    silent.on('error', () => {});
    const ended = new Promise((resolve) => silent.once('close', resolve));
    expect(await get(url)).toBe('200 A');
    await close();
    await ended;
  });
});
