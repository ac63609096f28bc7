import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { describeWithPeers } from '../../../test/kit/peers.ts';
import { cryptMd5, cryptSha } from './crypt.ts';

/** What openssl hashes with the salt, without what stands before. */
function openssl(option: string, password: string, salt: string): string {
  const options = { input: `${password}\n`, encoding: 'utf8' } as const;
  return execFileSync('openssl', ['passwd', option, '-salt', salt, '-stdin'], options)
    .trim()
    .split('$')
    .at(-1) as string;
}

describeWithPeers('a hash', ['openssl'], () => {
  it.each(['a', 'correct horse', 'ä€😀', ...[15, 16, 17, 31, 32, 33, 64, 65, 130].map((length) => 'x'.repeat(length))])(
    'is that of openssl: %s',
    (password) => {
      const salt = 'Salt.78/';
      expect(cryptMd5(password, salt)).toBe(openssl('-apr1', password, salt));
      expect(cryptSha('sha256', password, salt, 5000)).toBe(openssl('-5', password, salt));
      expect(cryptSha('sha512', password, salt, 5000)).toBe(openssl('-6', password, salt));
    },
  );

  it.each([1000, 1001, 9999])('is that of openssl in %i rounds', (rounds) => {
    expect(cryptSha('sha256', 'pass', 'sixteen.letters.', rounds)).toBe(
      openssl('-5', 'pass', `rounds=${rounds}$sixteen.letters.`),
    );
    expect(cryptSha('sha512', 'pass', 's', rounds)).toBe(openssl('-6', 'pass', `rounds=${rounds}$s`));
  });
});
