import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secrets } from './secrets.ts';

function knowing(...texts: readonly (string | readonly [text: string, shown: string])[]): Secrets {
  const secrets = new Secrets();
  for (const one of texts) typeof one === 'string' ? secrets.add(one) : secrets.add(one[0], one[1]);
  return secrets;
}

describe('redact', () => {
  it.each([
    ['as it is', 'the token is hunter2-hunter2!', 'the token is [REDACTED]!'],
    ['in other case', 'getaddrinfo HUNTER2-hunter2', 'getaddrinfo [REDACTED]'],
    ['several times', 'hunter2-hunter2hunter2-hunter2', '[REDACTED][REDACTED]'],
    ['cut off', 'you sent "hunter2-hun', 'you sent "[REDACTED]'],
    ['where only a little of it is', 'hunter2', 'hunter2'],
  ])('hides a secret %s', (_, text, shown) => {
    expect(knowing('hunter2-hunter2').redact(text)).toBe(shown);
  });

  it('hides a secret as JSON, HTML and URLs write it', () => {
    const secret = 'a"<b>&c d\\';
    const secrets = knowing(secret);
    for (const text of [JSON.stringify(secret), 'a&quot;&lt;b&gt;&amp;c d\\', encodeURIComponent(secret)]) {
      expect(secrets.redact(text)).toMatch(/^"?\[REDACTED\]"?$/);
    }
  });

  it('shows an expression in the place of what it has given, the longest of several', () => {
    const secrets = knowing(['/var/lib', '${env:A}'], ['/var/lib/wattline', '${env:B}'], ['./results/a', '${env:C}']);
    expect(secrets.redact('/var/lib/wattline/x and /var/lib/y in /tmp/results/a')).toBe(
      '${env:B}/x and ${env:A}/y in /tmp/${env:C}',
    );
  });

  it('hides the host of a URL, which the system names by itself, unless it is this machine', () => {
    const secrets = knowing(['http://vm.internal:8428', '${env:VM}'], ['http://127.0.0.1:8428', '${env:HERE}']);
    expect(secrets.redact('getaddrinfo ENOTFOUND vm.internal')).toBe('getaddrinfo ENOTFOUND ${env:VM}');
    expect(secrets.redact('serving at http://127.0.0.1:9514')).toBe('serving at http://127.0.0.1:9514');
  });

  it('takes a short text for a whole word, and no word of a language, address or digit for a secret', () => {
    const secrets = knowing(
      ['0.50', '${env:USD}'],
      ['start', '${env:AT}'],
      ['10.0.0.1:80', '${env:HOST}'],
      ['5', '${env:N}'],
    );
    expect(secrets.redact('10.50 and 0.50 at start of 10.0.0.1:80 in 5')).toBe(
      '10.50 and ${env:USD} at start of 10.0.0.1:80 in 5',
    );
  });

  it('counts what is secret for two reasons as the stricter', () => {
    expect(knowing(['the-token', '${env:TOKEN}'], 'the-token').redact('the-token')).toBe('[REDACTED]');
    expect(knowing('the-token', ['the-token', '${env:TOKEN}']).redact('the-token')).toBe('[REDACTED]');
  });

  it('hides each line of a secret', () => {
    expect(knowing('first line\nsecond line\n').redact('> second line')).toBe('> [REDACTED]');
  });

  it('hides a text of any length, and beside it short ones', () => {
    const long = 'x1'.repeat(100_000);
    expect(knowing(long).redact(`a ${long} b`)).toBe('a [REDACTED] b');
    expect(knowing(long, 'the-token').redact(`the-token ${long}`)).toBe('[REDACTED] [REDACTED]');
    expect(knowing(long).redact('a text without it')).toBe('a text without it');
  });

  it('leaves no secret in any text around it', () => {
    const anyText = fc.string({ unit: 'grapheme' });
    // Letters alone could be a part of what stands in its place.
    const secret = fc.stringMatching(/^[a-z0-9]{3}[%$.+*?^()[\]{}|\\/-][a-z0-9]{4,40}$/);
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), anyText, anyText, (all, before, after) => {
        const secrets = knowing(...all);
        for (const one of all) expect(secrets.redact(`${before}${one}${after}`)).not.toContain(one);
      }),
    );
  });
});

describe('redactIn', () => {
  it('changes texts at any depth, and nothing else', () => {
    const value = { a: ['x the-token', 12345678, null], b: { c: true } };
    expect(knowing('the-token', '12345678').redactIn(value)).toEqual({
      a: ['x [REDACTED]', 12345678, null],
      b: { c: true },
    });
  });
});
