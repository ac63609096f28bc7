import { isIP } from 'node:net';
import { secret, z } from 'wattline/plugin';

/** What may stand in a header of HTTP. */
export const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;

const path = () => z.string().min(1).optional();

const basicAuth = z
  .strictObject({
    username: z.string().optional().describe('The user'),
    username_file: path().describe('A file with the user; read again when it changes'),
    password: secret().optional().describe('The password; best as `${env:…}`'),
    password_file: path().describe('A file with the password; read again when it changes'),
  })
  .superRefine((given, ctx) => oneOf(ctx, given, ['username', 'username_file'], ['password', 'password_file']))
  .meta({ id: 'prometheus_basic_auth' });

const authorization = z
  .strictObject({
    type: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, { error: 'expected a word such as Bearer' })
      .refine((type) => type.toLowerCase() !== 'basic', { error: 'expected another word; `basic_auth` has Basic' })
      .default('Bearer')
      .describe('What stands before the credentials'),
    credentials: secret()
      .regex(HEADER_TEXT, { error: 'expected a text that a header can have, without line ends' })
      .optional()
      .describe('The credentials; best as `${env:…}`'),
    credentials_file: path().describe('A file with the credentials; read again when it changes'),
  })
  .superRefine((given, ctx) => oneOf(ctx, given, ['credentials', 'credentials_file']))
  .meta({ id: 'prometheus_authorization' });

const version = () => z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']).optional();

const tlsConfig = z
  .strictObject({
    ca: z.string().optional().describe('Certificates of the authorities that are trusted (PEM)'),
    ca_file: path().describe('A file with them; read again when it changes, as are the other two'),
    cert: z.string().optional().describe('The certificate to show to the server (PEM)'),
    cert_file: path().describe('A file with it'),
    key: secret().optional().describe('The key of that certificate (PEM, without a passphrase)'),
    key_file: path().describe('A file with it'),
    server_name: z
      .string()
      .min(1)
      .refine((name) => isIP(name) === 0, { error: 'expected a name, not an address' })
      .optional()
      .describe("The name that the server's certificate must have, where it is not that of the URL"),
    insecure_skip_verify: z
      .boolean()
      .default(false)
      .describe("Whether the server's certificate goes unchecked; whoever is on the way can then read and change"),
    min_version: version().describe('The oldest version of TLS: `TLS10`, `TLS11`, `TLS12`, `TLS13`'),
    max_version: version().describe('The newest version of TLS, in the same words'),
  })
  .superRefine((given, ctx) => {
    oneOf(ctx, given, ['ca', 'ca_file'], ['cert', 'cert_file'], ['key', 'key_file']);
    if ((given.cert ?? given.cert_file) === undefined && (given.key ?? given.key_file) === undefined) return;
    if ((given.cert ?? given.cert_file) !== undefined && (given.key ?? given.key_file) !== undefined) return;
    ctx.addIssue('expected the certificate and its key together');
  })
  .meta({ id: 'prometheus_tls_config' });

/** How a server is called, in the words of Prometheus: credentials and TLS. */
export const httpSettings = {
  basic_auth: basicAuth.optional().describe('User and password of each request'),
  authorization: authorization.optional().describe('The header `Authorization` of each request'),
  tls_config: tlsConfig.optional().describe('How a server with an https URL is checked, and what it is shown'),
  follow_redirects: z.boolean().default(true).describe('Whether redirects are followed'),
  enable_http2: z.boolean().optional().describe('Accepted without effect: HTTP/1.1 is spoken'),
};

/** The settings of Prometheus for a server that have no counterpart, each with what to use instead. */
export const absentHttpSettings = {
  bearer_token: 'use `authorization: { credentials: … }`',
  bearer_token_file: 'use `authorization: { credentials_file: … }`',
  oauth2: 'use `authorization.credentials_file`, with a token that another program renews',
  sigv4: 'AWS signatures are not supported; scrape through a proxy that adds them',
  proxy_url: 'requests go directly; set up a route or a reverse proxy, and scrape that',
  proxy_from_environment: 'requests go directly; leave it out',
  proxy_connect_header: 'requests go directly; leave it out',
  no_proxy: 'requests go directly; leave it out',
  http_headers: 'use `headers`, which holds a text for each name',
};

export type HttpSettings = z.output<z.ZodObject<typeof httpSettings>>;

interface Issues {
  addIssue(issue: { code: 'custom'; message: string; path: (string | number)[]; input: unknown }): void;
}

/** Adds an issue for each list of keys of which several are set: they are spellings of one thing. */
export function oneOf(ctx: Issues, given: object, ...alternatives: (readonly string[])[]): void {
  const settings = given as Readonly<Record<string, unknown>>;
  for (const keys of alternatives) {
    const [, second] = keys.filter((key) => settings[key] !== undefined);
    const message = `expected only one of ${keys.map((key) => `\`${key}\``).join(', ')}`;
    if (second !== undefined) ctx.addIssue({ code: 'custom', message, path: [second], input: settings[second] });
  }
}

/** Adds an issue where credentials stand in two places, which would leave open which are shown. */
export function checkCredentials(given: object, ctx: Issues): void {
  oneOf(ctx, given, ['auth', 'basic_auth', 'authorization'], ['tls', 'tls_config']);
  const { headers, ...rest } = given as { headers?: Readonly<Record<string, unknown>> };
  const own = Object.keys(headers ?? {}).find((name) => name.toLowerCase() === 'authorization');
  const [other] = ['basic_auth', 'authorization'].filter((key) => key in rest && rest[key as never] !== undefined);
  if (own === undefined || other === undefined) return;
  const message = `expected the header \`${own}\` or \`${other}\`, not both`;
  ctx.addIssue({ code: 'custom', message, path: [other], input: rest });
}
