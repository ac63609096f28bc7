import { z } from 'zod';
import type { Context } from '../plugin/contract.ts';
import type { ListenOptions } from '../plugin/listening.ts';
import { secret } from '../plugin/schema.ts';

/** What can stand in a header after `Bearer`. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

const file = () => z.string().min(1);

/** The settings of a component that serves HTTP, beside its `endpoint`: `tls` and `auth`. Each reader gets schemas of its own. */
export const serverSettings = {
  get tls() {
    return z
      .strictObject({
        cert_file: file().describe("The server's certificate, with those between it and its authority (PEM)"),
        key_file: file().describe('The key of the certificate (PEM, without a passphrase)'),
        client_ca_file: file()
          .optional()
          .describe('Certificates of authorities (PEM); clients must then have a certificate of one of them'),
        min_version: z
          .literal(['1.2', '1.3', 1.2, 1.3])
          .default('1.2')
          .transform((version) => String(version) as '1.2' | '1.3')
          .describe('The oldest version of TLS that is taken: `1.2` or `1.3`'),
      })
      .optional()
      .describe('Serves HTTPS in place of HTTP');
  },
  get auth() {
    return z
      .strictObject({
        bearer_tokens: z
          .array(secret().refine(isToken, { error: 'expected a token of letters, digits and -._~+/' }))
          .default([])
          .describe(
            'The tokens that are taken; a request must carry one, as `Authorization: Bearer …`, or as the password of `Basic` under any user name',
          ),
        bearer_token_file: file()
          .optional()
          .describe('A file with more such tokens, one a line; it is read at the start'),
      })
      .refine(({ bearer_tokens, bearer_token_file }) => bearer_tokens.length > 0 || bearer_token_file !== undefined, {
        error: 'expected `bearer_tokens` or `bearer_token_file`, without which nobody could call',
      })
      .optional()
      .describe('Answers only requests that carry a token');
  },
};

interface ServerConfig {
  readonly tls?: z.output<(typeof serverSettings)['tls']>;
  readonly auth?: z.output<(typeof serverSettings)['auth']>;
}

/** The protection that a configuration with `serverSettings` asks for; the `open` routes need no token. */
export function listenOptions(
  { resolvePath }: Pick<Context, 'resolvePath'>,
  { tls, auth }: ServerConfig,
  open: readonly string[] = [],
): ListenOptions {
  const resolve = (path: string | undefined) => (path === undefined ? undefined : resolvePath(path));
  return {
    open,
    tls: tls && {
      certFile: resolvePath(tls.cert_file),
      keyFile: resolvePath(tls.key_file),
      clientCaFile: resolve(tls.client_ca_file),
      minVersion: tls.min_version,
    },
    auth: auth && { bearerTokens: auth.bearer_tokens, bearerTokenFile: resolve(auth.bearer_token_file) },
  };
}

/** Whether a text can be sent as a bearer token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
