import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listenOptions, serverSettings } from './server.ts';

const schema = z.strictObject(serverSettings);
const problemsOf = (config: object) =>
  schema.safeParse(config).error?.issues.map(({ path, message }) => [path.join('.'), message]);

describe('the settings of a server', () => {
  it('are those of an open one by default', () => {
    const config = schema.parse({});
    expect(config).toEqual({});
    expect(listenOptions({ resolvePath: (path) => `/etc/${path}` }, config)).toEqual({ open: [] });
  });

  it('become absolute paths, with their defaults', () => {
    const config = schema.parse({
      tls: { cert_file: 'crt', key_file: 'key', client_ca_file: 'ca', min_version: 1.3 },
      auth: { bearer_token_file: 'tokens' },
    });
    expect(listenOptions({ resolvePath: (path) => `/etc/${path}` }, config, ['GET /health'])).toEqual({
      open: ['GET /health'],
      tls: { certFile: '/etc/crt', keyFile: '/etc/key', clientCaFile: '/etc/ca', minVersion: '1.3' },
      auth: { bearerTokens: [], bearerTokenFile: '/etc/tokens' },
    });
    expect(schema.parse({ tls: { cert_file: 'crt', key_file: 'key' } }).tls?.min_version).toBe('1.2');
  });

  it.each([
    [{ tls: { cert_file: 'a' } }, 'tls.key_file'],
    [{ tls: { cert_file: 'a', key_file: 'b', min_version: '1.1' } }, 'tls.min_version'],
    [{ tls: { cert_file: 'a', key_file: 'b', ca_file: 'c' } }, 'tls'],
    [{ auth: {} }, 'auth'],
    [{ auth: { bearer_tokens: [] } }, 'auth'],
    [{ auth: { bearer_tokens: [''] } }, 'auth.bearer_tokens.0'],
    [{ auth: { bearer_tokens: ['good', 'with space'] } }, 'auth.bearer_tokens.1'],
  ])('are refused: %j', (config, path) => {
    expect(problemsOf(config)?.map(([place]) => place)).toContain(path);
  });
});
