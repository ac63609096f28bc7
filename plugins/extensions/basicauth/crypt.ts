import { hash } from 'node:crypto';

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Hashes a password as `htpasswd -m` and `openssl passwd -apr1` do: MD5 in 1,000 rounds. Returns what follows the salt. */
export function cryptMd5(password: string, salt: string): string {
  const key = Buffer.from(password);
  const md5 = (...parts: readonly (Buffer | string)[]) => digest('md5', parts);
  const mixed = repeated(md5(key, salt, key), key.length);
  const bits = bitsOf(key.length).map((bit) => (bit ? Buffer.alloc(1) : key.subarray(0, 1)));
  let result = md5(key, '$apr1$', salt, mixed, ...bits);
  for (let round = 0; round < 1000; round++) {
    const [first, last] = round % 2 ? [key, result] : [result, key];
    result = md5(first, round % 3 ? salt : '', round % 7 ? key : '', last);
  }
  const groups = Array.from({ length: 5 }, (_, index) => [index, index + 6, index === 4 ? 5 : index + 12]);
  return encoded(result, groups, [11]);
}

/**
 * Hashes a password as `openssl passwd -5` and `-6` do, which is SHA-crypt: SHA-256 or SHA-512 in many rounds. Returns what
 * follows the salt.
 */
export function cryptSha(algorithm: 'sha256' | 'sha512', password: string, salt: string, rounds: number): string {
  const key = Buffer.from(password);
  const sha = (...parts: readonly (Buffer | string)[]) => digest(algorithm, parts);
  const mixed = sha(key, salt, key);
  const bits = bitsOf(key.length).map((bit) => (bit ? mixed : key));
  let result = sha(key, salt, repeated(mixed, key.length), ...bits);
  const longKey = repeated(sha(...Array<Buffer>(key.length).fill(key)), key.length);
  const times = 16 + (result[0] as number);
  const longSalt = repeated(sha(...Array<string>(times).fill(salt)), Buffer.byteLength(salt));
  for (let round = 0; round < rounds; round++) {
    const [first, last] = round % 2 ? [longKey, result] : [result, longKey];
    result = sha(first, round % 3 ? longSalt : '', round % 7 ? longKey : '', last);
  }
  return algorithm === 'sha256'
    ? encoded(result, groupsOf(10, 10, 2), [31, 30])
    : encoded(result, groupsOf(21, 21, 1), [63]);
}

function digest(algorithm: string, parts: readonly (Buffer | string)[]): Buffer {
  const bytes = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  return hash(algorithm, Buffer.concat(bytes), 'buffer');
}

function repeated(bytes: Buffer, length: number): Buffer {
  return Buffer.alloc(length, bytes);
}

/** The bits of a number, the lowest first. */
function bitsOf(number: number): boolean[] {
  return number === 0 ? [] : [...number.toString(2)].reverse().map((bit) => bit === '1');
}

/** The indices of three bytes each, which are apart from each other and turn by `turns` from one group to the next. */
function groupsOf(count: number, distance: number, turns: number): number[][] {
  return Array.from({ length: count }, (_, index) => {
    const group = [index, index + distance, index + 2 * distance];
    return group.map((_, place) => group[(place + index * turns) % 3] as number);
  });
}

/** Writes three bytes as four letters, and the last bytes as what they take; of each group the first byte weighs most. */
function encoded(bytes: Buffer, groups: readonly (readonly number[])[], last: readonly number[]): string {
  const letters = (indices: readonly number[], count: number) => {
    let value = indices.reduce((sum, index) => sum * 256 + (bytes[index] as number), 0);
    return Array.from({ length: count }, () => {
      const letter = ALPHABET[value % 64];
      value = Math.floor(value / 64);
      return letter;
    }).join('');
  };
  return groups.map((group) => letters(group, 4)).join('') + letters(last, last.length + 1);
}
