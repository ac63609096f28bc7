import { createHash, timingSafeEqual } from 'node:crypto';
import { cryptMd5, cryptSha } from './crypt.ts';

/** The most rounds of SHA-crypt: more would hold up everything else for the time of a request. */
const MOST_ROUNDS = 10_000;
const SHA_CRYPT = /^\$([56])\$(?:rounds=(\d+)\$)?([^$]{0,16})\$([./0-9A-Za-z]+)$/;
const MD5_CRYPT = /^\$apr1\$([^$]{1,8})\$([./0-9A-Za-z]{22})$/;
/** Each step of its cost doubles the time; 12 take some 0.4 s. */
const BCRYPT = /^\$2[abxy]\$(?:0[4-9]|1[0-2])\$[./0-9A-Za-z]{53}$/;
/** What is beyond is not hashed, so that a password would be right whatever follows. */
const BCRYPT_BYTES = 72;
const SHA_1 = /^\{SHA\}([+/0-9A-Za-z]{27}=)$/;
const TAKEN =
  '$2y$ (bcrypt of a cost of at most 12), $5$ and $6$ (SHA-crypt of 1000 to 10000 rounds), $apr1$ (MD5) and {SHA} are taken';

/** Says whether a password is that of a user. */
type Verify = (password: string) => Promise<boolean>;

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
    const verify = verifierOf(hash);
    if (!verify) throw fail(`has a hash of an unknown kind; ${TAKEN}`);
    users.set(name, remembering(verify));
  }
  return users;
}

/** Whether the password is that of the user. One that is not known takes as long as one that is. */
export async function isUser(users: Users, name: string, password: string): Promise<boolean> {
  const verify = users.get(name);
  if (verify) return verify(password);
  const [any] = users.values();
  await any?.(`${password} `);
  return false;
}

function verifierOf(hash: string): Verify | undefined {
  if (BCRYPT.test(hash)) {
    return async (password) => {
      if (Buffer.byteLength(password) > BCRYPT_BYTES) return false;
      const { compare } = await import('bcryptjs');
      return compare(password, hash);
    };
  }
  const [, kind, given, salt = '', sha] = SHA_CRYPT.exec(hash) ?? [];
  if (sha !== undefined) {
    const rounds = Number(given ?? 5000);
    if (rounds < 1000 || rounds > MOST_ROUNDS) return undefined;
    const algorithm = kind === '5' ? 'sha256' : 'sha512';
    return async (password) => isSame(cryptSha(algorithm, password, salt, rounds), sha);
  }
  const [, md5Salt = '', md5] = MD5_CRYPT.exec(hash) ?? [];
  if (md5 !== undefined) return async (password) => isSame(cryptMd5(password, md5Salt), md5);
  const [, sha1] = SHA_1.exec(hash) ?? [];
  if (sha1 !== undefined) return async (password) => isSame(createHash('sha1').update(password).digest('base64'), sha1);
  return undefined;
}

/** Hashes a password that was right before only fast: clients send theirs with each request. */
function remembering(verify: Verify): Verify {
  let right: Buffer | undefined;
  return async (password) => {
    const digest = createHash('sha256').update(password).digest();
    if (right && timingSafeEqual(right, digest)) return true;
    if (!(await verify(password))) return false;
    right = digest;
    return true;
  };
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
