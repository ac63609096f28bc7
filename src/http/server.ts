import { z } from 'zod';
import type { Context } from '../plugin/contract.ts';
import type { ListenOptions } from '../plugin/listening.ts';
import { foreignKeys, reference, refused, secret } from '../plugin/schema.ts';
import { foreignServerTls } from './foreign-keys.ts';

/** What can stand in a header after `Bearer`. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

const file = () => z.string().min(1);

/** The settings of a component that serves HTTP, beside its `endpoint`: `tls`, `auth` and `allowed_hosts`. Each reader gets schemas of its own. */
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
      .meta(foreignKeys(foreignServerTls))
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
        authenticator: reference('extension', 'server_auth')
          .optional()
          .describe(
            'The extension that decides who is let in beside these tokens, such as `basicauth` or `bearertokenauth`',
          ),
        bearer_token_file: file()
          .optional()
          .describe('A file with more such tokens, one a line; it is read again when it changes'),
      })
      .refine(({ authenticator, ...tokens }) => authenticator !== undefined || hasTokens(tokens), {
        error: 'expected `bearer_tokens` or `bearer_token_file`, without which nobody could call',
      })
      .meta(foreignKeys({ request_params: refused('let clients send a header, and not a part of the URL') }))
      .optional()
      .describe('Answers only requests that carry a token, or what `authenticator` asks for');
  },
  get allowed_hosts() {
    return z
      .array(
        z.string().regex(/^(?:\*|[^\s:/@[\]]+)$/, { error: 'expected a name such as wattline.example.com, or `*`' }),
      )
      .optional()
      .describe(
        'Names that requests may be addressed to, beside addresses, `localhost`, the name of the machine and those of its certificate; `*` is any. Browsers are always held to them, and everybody on loopback or where one is given',
      );
  },
};

interface ServerConfig {
  readonly tls?: z.output<(typeof serverSettings)['tls']>;
  readonly auth?: z.output<(typeof serverSettings)['auth']>;
  readonly allowed_hosts?: z.output<(typeof serverSettings)['allowed_hosts']>;
}

/** The protection that a configuration with `serverSettings` asks for; the `open` routes need no token. */
export function listenOptions(
  { resolvePath, serverAuth }: Pick<Context, 'resolvePath'> & Partial<Pick<Context, 'serverAuth'>>,
  { tls, auth, allowed_hosts: allowedHosts = [] }: ServerConfig,
  open: readonly string[] = [],
): ListenOptions {
  const resolve = (path: string | undefined) => (path === undefined ? undefined : resolvePath(path));
  return {
    open,
    ...(allowedHosts.length > 0 && { allowedHosts }),
    tls: tls && {
      certFile: resolvePath(tls.cert_file),
      keyFile: resolvePath(tls.key_file),
      clientCaFile: resolve(tls.client_ca_file),
      minVersion: tls.min_version,
    },
    auth: auth && {
      bearerTokens: auth.bearer_tokens,
      bearerTokenFile: resolve(auth.bearer_token_file),
      ...(auth.authenticator !== undefined && {
        authenticator: auth.authenticator,
        authenticate: serverAuth?.(auth.authenticator),
      }),
    },
  };
}

interface Tokens {
  readonly bearer_tokens: readonly string[];
  readonly bearer_token_file?: string | undefined;
}

function hasTokens({ bearer_tokens, bearer_token_file }: Tokens): boolean {
  return bearer_tokens.length > 0 || bearer_token_file !== undefined;
}

/** Whether a text can be sent as a bearer token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
