import { type Authenticate, FileChanges, isToken, readTextFile, readTokens } from 'wattline/http';
import { type Context, definePlugin, type Extension, messageOf, secret, z } from 'wattline/plugin';

const token = () => secret().refine(isToken, { error: 'expected a token of letters, digits and -._~+/' });

const configSchema = z
  .strictObject({
    scheme: z
      .string()
      .regex(/^[A-Za-z0-9-]*$/, { error: 'expected a word such as Bearer' })
      .default('Bearer')
      .describe('What stands before the token in the header; nothing where it is empty'),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]+$/, { error: 'expected the name of a header' })
      .default('Authorization')
      .describe('The header that carries the token'),
    token: token().optional().describe('The token; best as `${env:…}`'),
    tokens: z
      .array(token())
      .default([])
      .describe('Several tokens, as while one replaces another: a server takes each of them, a client shows the first'),
    filename: z
      .string()
      .min(1)
      .optional()
      .describe('A file with more such tokens, one a line; it is read again when it changes'),
  })
  .refine(({ token, tokens, filename }) => token !== undefined || tokens.length > 0 || filename !== undefined, {
    error: 'expected `token`, `tokens` or `filename`',
  });

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'bearertokenauth',
  aliases: ['bearer_token_auth'],
  stability: 'beta',
  configSchema,
  offers: ['server_auth', 'client_auth'],
  create: (ctx, config) => bearerTokenAuth(ctx, config),
});

function bearerTokenAuth(ctx: Context, config: Config): Extension {
  const { scheme, header, filename } = config;
  const written = [...(config.token === undefined ? [] : [config.token]), ...config.tokens];
  const path = filename === undefined ? undefined : ctx.resolvePath(filename);
  const isUsual = header.toLowerCase() === 'authorization' && scheme.toLowerCase() === 'bearer';
  let authenticate: Authenticate | undefined;
  let first = written[0];
  let changes: FileChanges | undefined;
  const read = () => {
    if (path === undefined) return;
    const tokens = readTextFile('filename', path)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    if (tokens.length === 0) throw new Error(`\`filename\`: ${path} has no token; write one a line`);
    for (const one of tokens) ctx.hide(one);
    first = written[0] ?? tokens[0];
  };
  return {
    async start() {
      changes = new FileChanges([path]);
      authenticate = readTokens({ bearerTokens: written, bearerTokenFile: path }, ctx.logger, 'filename');
      read();
    },
    async serverAuth(headers) {
      const authorization = asBearer(headers[header.toLowerCase()], scheme);
      // Before the start nobody is let in.
      const problem = authenticate
        ? await authenticate({ authorization })
        : { message: 'the tokens are not known yet', challenges: [] };
      if (!problem || isUsual) return problem;
      return { message: `a token is needed here, in the header \`${header}\``, challenges: problem.challenges };
    },
    clientAuth() {
      try {
        if (changes?.hasNew()) read();
      } catch (error) {
        ctx.logger.error(`${messageOf(error)}; the token before still counts`);
      }
      if (first === undefined) throw new Error(`extension ${ctx.id} has no token yet`);
      return [header, scheme === '' ? first : `${scheme} ${first}`];
    },
  };
}

/** Returns the header as it would carry the token in the usual way. */
function asBearer(value: string | readonly string[] | undefined, scheme: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (scheme === '') return `Bearer ${value}`;
  const [given = '', rest] = value.split(/ +(.*)/s, 2);
  return rest !== undefined && given.toLowerCase() === scheme.toLowerCase() ? `Bearer ${rest}` : undefined;
}
