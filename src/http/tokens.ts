import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { Authenticate, AuthProblem, ServerAuth } from '../plugin/listening.ts';
import { FileChanges } from './file-changes.ts';
import { readTextFile } from './pem-files.ts';
import { isToken } from './server.ts';

/**
 * Reads the tokens that a server accepts. Throws where their file cannot be used, which the setting `key` names; one that is changed later is read again,
 * and the tokens before stay where it cannot be. A token is accepted as `Bearer`, and as the password of `Basic` with any
 * user name, which browsers can ask for.
 */
export function readTokens(
  { bearerTokens, bearerTokenFile }: ServerAuth,
  logger?: Logger,
  key = 'auth.bearer_token_file',
): Authenticate {
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  // Digests have one length, which a comparison in constant time needs.
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  const read = () => [...bearerTokens, ...tokensIn(bearerTokenFile, key)].map(digestOf);
  const changes = new FileChanges([bearerTokenFile]);
  let digests = read();
  return async ({ authorization }) => {
    const presented = presentedToken(authorization);
    if (presented === undefined) return problem('a token is needed here; send it as `Authorization: Bearer …`');
    if (changes.hasNew()) {
      try {
        digests = read();
        logger?.info(`the tokens in ${bearerTokenFile} were read again`);
      } catch (error) {
        logger?.error(`${messageOf(error)}; the tokens before still count`);
      }
    }
    const digest = digestOf(presented);
    // Every known token is compared, so that the duration reveals nothing.
    const found = digests.filter((known) => timingSafeEqual(known, digest)).length > 0;
    return found ? undefined : problem('the token is not accepted here', ', error="invalid_token"');
  };
}

function tokensIn(path: string | undefined, key: string): string[] {
  if (path === undefined) return [];
  const tokens = readTextFile(key, path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (tokens.length === 0) throw new Error(`\`${key}\`: ${path} has no token; write one a line`);
  const wrong = tokens.findIndex((token) => !isToken(token));
  if (wrong < 0) return tokens;
  throw new Error(`\`${key}\`: ${path} has characters other than letters, digits and -._~+/ in token ${wrong + 1}`);
}

function problem(message: string, more = ''): AuthProblem {
  return { message, challenges: [`Bearer realm="wattline"${more}`, 'Basic realm="wattline"'] };
}

function presentedToken(header: string | undefined): string | undefined {
  const [, scheme = '', credentials = ''] = /^([a-z]+) +(\S+) *$/i.exec(header ?? '') ?? [];
  if (/^bearer$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return undefined;
  const text = Buffer.from(credentials, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}
