import type { ServerAuth } from '../plugin/listening.ts';
import { readTextFile } from './pem-files.ts';
import { isToken } from './server.ts';

/** The reason why a request is refused, and the `WWW-Authenticate` headers with the accepted schemes. */
interface TokenProblem {
  readonly message: string;
  readonly challenges: readonly string[];
}

/** Checks the `Authorization` header of a request. Returns undefined where it has an accepted token. */
export type TokenCheck = (header: string | undefined) => TokenProblem | undefined;

/**
 * Reads the tokens that a server accepts. Throws where their file cannot be used. A token is accepted as `Bearer`, and as
 * the password of `Basic` with any user name, which browsers can ask for.
 */
export function readTokens({ bearerTokens, bearerTokenFile }: ServerAuth): TokenCheck {
  const { createHash, timingSafeEqual } = process.getBuiltinModule('node:crypto');
  // Digests have one length, which a comparison in constant time needs.
  const digestOf = (text: string) => createHash('sha256').update(text).digest();
  const digests = [...bearerTokens, ...tokensIn(bearerTokenFile)].map(digestOf);
  return (header) => {
    const presented = presentedToken(header);
    if (presented === undefined) return problem('a token is needed here; send it as `Authorization: Bearer …`');
    const digest = digestOf(presented);
    // Every known token is compared, so that the duration reveals nothing.
    const found = digests.filter((known) => timingSafeEqual(known, digest)).length > 0;
    return found ? undefined : problem('the token is not accepted here', ', error="invalid_token"');
  };
}

function tokensIn(path: string | undefined): string[] {
  if (path === undefined) return [];
  const key = 'auth.bearer_token_file';
  const tokens = readTextFile(key, path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (tokens.length === 0) throw new Error(`\`${key}\`: ${path} has no token; write one a line`);
  const wrong = tokens.findIndex((token) => !isToken(token));
  if (wrong < 0) return tokens;
  throw new Error(`\`${key}\`: ${path} has characters other than letters, digits and -._~+/ in token ${wrong + 1}`);
}

function problem(message: string, more = ''): TokenProblem {
  return { message, challenges: [`Bearer realm="wattline"${more}`, 'Basic realm="wattline"'] };
}

function presentedToken(header: string | undefined): string | undefined {
  const [, scheme = '', credentials = ''] = /^([a-z]+) +(\S+) *$/i.exec(header ?? '') ?? [];
  if (/^bearer$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return undefined;
  const text = Buffer.from(credentials, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}
