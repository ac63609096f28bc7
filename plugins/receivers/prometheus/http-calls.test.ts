import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCertificates } from '../../../test/kit/certificates.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import { describeWithPeers } from '../../../test/kit/peers.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { type CallsOptions, HttpCalls } from './http-calls.ts';
import { httpSettings } from './http-settings.ts';

const never = new AbortController().signal;

async function calling(settings: object, directory = '.', scheme = 'http') {
  const { ctx, logs } = createTestContext({ directory });
  const parsed = Object.entries(settings).map(([key, value]) => [
    key,
    httpSettings[key as keyof typeof httpSettings].parse(value),
  ]);
  const calls = new HttpCalls(ctx, { scheme, ...Object.fromEntries(parsed) } as CallsOptions);
  onTestFinished(() => calls.close());
  const shown = () => calls.init(new Headers({ 'x-a': 'b' })).headers.get('authorization');
  return { calls, logs, shown };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('credentials', () => {
  it.each([
    [{ basic_auth: { username: 'me', password: 'pa:ss' } }, basic('me:pa:ss')],
    [{ basic_auth: { username_file: 'user', password_file: 'password' } }, basic('you:from file')],
    [{ basic_auth: { username: 'me' } }, basic('me:')],
    [{ authorization: { credentials: 'token' } }, 'Bearer token'],
    [{ authorization: { type: 'Token', credentials_file: 'password' } }, 'Token from file'],
    [{}, null],
  ])('are shown as %j says', async (settings, header) => {
    const folder = await temporaryFolder({ user: 'you\n', password: 'from file\n' });
    onTestFinished(folder.remove);
    const { calls, shown } = await calling(settings, folder.path);
    await calls.start();
    expect(shown()).toBe(header);
    expect(calls.init(new Headers({ 'x-a': 'b' })).headers.get('x-a')).toBe('b');
  });

  it('are read again when their file changes, and stay where it cannot be read', async () => {
    const folder = await temporaryFolder({ token: 'first' });
    onTestFinished(folder.remove);
    const { calls, shown, logs } = await calling({ authorization: { credentials_file: 'token' } }, folder.path);
    await calls.start();
    expect(shown()).toBe('Bearer first');
    await folder.write({ token: 'second one\n' });
    await expect.poll(shown, { timeout: 10_000 }).toBe('Bearer second one');
    await folder.write({ token: '' });
    await expect.poll(() => [shown(), logs.length], { timeout: 10_000 }).toEqual(['Bearer second one', 1]);
    expect(logs[0]).toMatch(
      /^error: `authorization\.credentials_file`: .*token is empty; the credentials before still count$/,
    );
  });

  it.each([
    [{ authorization: { credentials_file: 'none' } }, '`authorization.credentials_file`: '],
    [{ basic_auth: { password_file: 'lines' } }, '`basic_auth.password_file`: '],
  ])('whose file cannot be used are a problem at the start: %j', async (settings, message) => {
    const folder = await temporaryFolder({ lines: 'a\nb\n' });
    onTestFinished(folder.remove);
    const { calls } = await calling(settings, folder.path);
    await expect(calls.start()).rejects.toThrow(message);
  });
});

describeWithPeers('tls_config', ['openssl'], () => {
  it('checks the server and shows a certificate, from files and from texts', async () => {
    const certificates = await createCertificates();
    onTestFinished(certificates.remove);
    const { ca, otherCa, server, client, named } = certificates;
    const read = (path: string) => readFileSync(path, 'utf8');
    const options = { cert: read(server.cert), key: read(server.key), ca: read(ca), requestCert: true };
    const target = createTlsServer({ ...options, maxVersion: 'TLSv1.2' }, (_, response) => response.end('ok'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      target.closeAllConnections();
      target.close();
    });
    const url = `https://127.0.0.1:${(target.address() as AddressInfo).port}/`;
    const ask = async (tls_config: object) => {
      const { calls } = await calling({ tls_config }, '.', 'https');
      await calls.start();
      const { text } = await calls.client.request(url, calls.init(new Headers()), { timeout: 0, signal: never });
      return text();
    };
    const files = { cert_file: client.cert, key_file: client.key };
    const texts = { cert: read(client.cert), key: read(client.key) };
    expect(await ask({ ca_file: ca, ...files })).toBe('ok');
    expect(await ask({ ca: read(ca), ...texts, min_version: 'TLS12' })).toBe('ok');
    await expect(ask({ ca_file: ca })).rejects.toThrow('no answer from');
    await expect(ask({ ca_file: otherCa, ...files })).rejects.toThrow('no answer from');
    await expect(ask({ ca_file: ca, ...files, min_version: 'TLS13' })).rejects.toThrow('no answer from');
    await expect(ask({ ca_file: ca, ...files, server_name: 'wattline.example' })).rejects.toThrow('no answer from');
    await expect(ask({ ca_file: 'nothing' })).rejects.toThrow('`tls_config.ca_file`: ');
    await expect(ask({ cert: texts.cert, key: read(named.key) })).rejects.toThrow('`tls_config`: the key is not that');
  });
});
