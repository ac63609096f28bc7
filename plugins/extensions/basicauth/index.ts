import { type Authenticate, type Credentials, FileChanges, readTextFile } from 'wattline/http';
import {
  type Context,
  definePlugin,
  type Extension,
  foreignKeys,
  messageOf,
  refused,
  secret,
  z,
} from 'wattline/plugin';
import { isUser, readUsers, type Users } from './htpasswd.ts';

/** What a longer password costs to hash is not worth it. */
const LONGEST = 1024;

const file = () => z.string().min(1);

const configSchema = z
  .strictObject({
    htpasswd: z
      .strictObject({
        file: file()
          .optional()
          .describe('A file as `htpasswd` writes it, one `name:hash` a line; it is read again when it changes'),
        inline: secret().min(1).optional().describe('The text of such a file; its users win over those of `file`'),
      })
      .refine(({ file, inline }) => file !== undefined || inline !== undefined, {
        error: 'expected `file` or `inline`',
      })
      .optional()
      .describe('Who may call the servers that name this extension'),
    client_auth: z
      .strictObject({
        username: z
          .string()
          .regex(/^[^:\p{Cc}]+$/u, { error: 'expected a name without a colon' })
          .describe('The name of the user'),
        password: secret().describe('The password; best as `${env:…}`'),
      })
      .meta(
        foreignKeys({
          username_file: refused('write `username: ${file:…}`'),
          password_file: refused('write `password: ${file:…}`'),
        }),
      )
      .optional()
      .describe('What the clients that name this extension show to their servers'),
  })
  .refine(({ htpasswd, client_auth }) => htpasswd !== undefined || client_auth !== undefined, {
    error: 'expected `htpasswd` for servers, `client_auth` for clients, or both',
  });

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'basicauth',
  aliases: ['basic_auth'],
  stability: 'beta',
  configSchema,
  offers: ['server_auth', 'client_auth'],
  create(ctx, { htpasswd, client_auth }): Extension {
    const server = htpasswd && serverAuth(ctx, htpasswd);
    return {
      async start() {
        server?.open();
      },
      serverAuth: server?.authenticate,
      clientAuth: client_auth && clientAuth(ctx, client_auth),
    };
  },
});

function serverAuth(ctx: Context, { file, inline = '' }: NonNullable<Config['htpasswd']>) {
  const path = file === undefined ? undefined : ctx.resolvePath(file);
  const read = (): Users => {
    const known = path === undefined ? [] : readUsers(readTextFile('htpasswd.file', path), path);
    return new Map([...known, ...readUsers(inline, '`htpasswd.inline`')]);
  };
  let users: Users | undefined;
  let changes: FileChanges | undefined;
  const current = (): Users => {
    try {
      if (changes?.hasNew()) {
        users = read();
        ctx.logger.info(`the users in ${path} were read again`);
      }
    } catch (error) {
      ctx.logger.error(`${messageOf(error)}; the users before still count`);
    }
    return users ?? new Map();
  };
  const authenticate: Authenticate = async ({ authorization }) => {
    const [, encoded] = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization ?? '') ?? [];
    if (encoded === undefined) return problem('a user and a password are needed here');
    const [name = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s, 2);
    const isIn = password.length <= LONGEST && (await isUser(current(), name, password));
    return isIn ? undefined : problem('the user and the password are not accepted here');
  };
  return {
    /** Reads the users. Throws where they cannot be used. */
    open() {
      changes = new FileChanges([path]);
      users = read();
      if (users.size === 0) throw new Error('`htpasswd` has no user, so that nobody could call');
    },
    authenticate,
  };
}

function clientAuth(ctx: Context, { username, password }: NonNullable<Config['client_auth']>): Credentials {
  const encoded = Buffer.from(`${username}:${password}`).toString('base64');
  ctx.hide(encoded);
  return () => ['authorization', `Basic ${encoded}`];
}

function problem(message: string) {
  return { message, challenges: ['Basic realm="wattline", charset="UTF-8"'] };
}
