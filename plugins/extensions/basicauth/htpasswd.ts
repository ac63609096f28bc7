import { createHash, timingSafeEqual } from 'node:crypto';
import { cryptMd5, cryptSha } from './crypt.ts';

/** The most rounds of SHA-crypt: more would hold up everything else for the time of a request. */
const MOST_ROUNDS = 10_000;
const SHA_CRYPT = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]{0,16})\$([./0-9A-Za-z]+)$/;
const MD5_CRYPT = /^\$apr1\$([^$]{1,8})\$([./0-9A-Za-z]{22})$/;
const SHA_1 = /^\{SHA\}([+/0-9A-Za-z]{27}=)$/;
const TAKEN = '$apr1$ (MD5), {SHA}, $5$ and $6$ (SHA-crypt of at most 10000 rounds) are taken';

/** Says whether a password is that of a user. */
type Verify = (password: string) => boolean;

/** The users of an htpasswd file, each with what verifies a password. */
export type Users = ReadonlyMap<string, Verify>;

/**
 * Reads users from the text of an htpasswd file, one a line as `name:hash`; of two lines for one user the later counts.
 * Throws, with the number of the line and not its text, where one cannot be used; `source` is what the text is called.
 */
export function readUsers(text: string, source: string): Users {
  const users = new Map<string, Verify>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, name, hash] = /^([^:]+):(.+)$/.exec(line.trim()) ?? [];
    const fail = (problem: string) => new Error(`${source}: line ${index + 1} ${problem}`);
    if (name === undefined || hash === undefined) throw fail('is not of the form `name:hash`, as htpasswd writes it');
    if (/^\$2[abxy]\$/.test(hash)) throw fail(`has a hash of bcrypt, which is not known here; ${TAKEN}`);
    const verify = verifierOf(hash);
    if (!verify) throw fail(`has a hash of an unknown kind; ${TAKEN}`);
    users.set(name, remembering(verify));
  }
  return users;
}

/** Whether the password is that of the user. One that is not known takes as long as one that is. */
export function isUser(users: Users, name: string, password: string): boolean {
  const verify = users.get(name);
  if (verify) return verify(password);
  const [any] = users.values();
  any?.(`${password} `);
  return false;
}

function verifierOf(hash: string): Verify | undefined {
  const [, kind, given, salt = '', sha] = SHA_CRYPT.exec(hash) ?? [];
  if (sha !== undefined) {
    const rounds = Number(given ?? 5000);
    if (rounds < 1000 || rounds > MOST_ROUNDS) return undefined;
    const algorithm = kind === '5' ? 'sha256' : 'sha512';
    return (password) => isSame(cryptSha(algorithm, password, salt, rounds), sha);
  }
  const [, md5Salt = '', md5] = MD5_CRYPT.exec(hash) ?? [];
  if (md5 !== undefined) return (password) => isSame(cryptMd5(password, md5Salt), md5);
  const [, sha1] = SHA_1.exec(hash) ?? [];
  if (sha1 !== undefined) return (password) => isSame(createHash('sha1').update(password).digest('base64'), sha1);
  return undefined;
}

/** Hashes a password that was right before only fast: clients send theirs with each request. */
function remembering(verify: Verify): Verify {
  let right: Buffer | undefined;
  return (password) => {
    const digest = createHash('sha256').update(password).digest();
    if (right && timingSafeEqual(right, digest)) return true;
    if (!verify(password)) return false;
    right = digest;
    return true;
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
