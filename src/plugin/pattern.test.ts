import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern } from './pattern.ts';

const parse = (text: string) => pattern().parse(text);

describe('a pattern', () => {
  it('is found anywhere in a text, unless it is anchored', () => {
    expect(['eu-west-1', 'us-east-1', 'neu'].filter((text) => parse('eu').test(text))).toEqual(['eu-west-1', 'neu']);
    expect(['eu-west-1', 'neu'].filter((text) => parse('^eu').test(text))).toEqual(['eu-west-1']);
    expect(parse('(?i)^EU').test('eu-west-1')).toBe(true);
  });

  it('has the groups that took part, in either way of writing them', () => {
    const found = parse(String.raw`(?P<streams>\d+) streams(?: @ (?<bitrate>\d+k))?`);
    expect(found.groupNames).toEqual(['streams', 'bitrate']);
    expect(found.groups('a 2 streams @ 2500k, 3 streams')).toEqual({ streams: '2', bitrate: '2500k' });
    expect(found.groups('2 streams')).toEqual({ streams: '2' });
    expect(found.groups('baseline')).toEqual({});
    expect(parse('a(?P<rest>.*)').groups('a')).toEqual({ rest: '' });
  });

  it('agrees with JavaScript on what both can say', () => {
    const part = fc.constantFrom('a', 'b', '.', '[ab]', '(?:ab|b)', 'a*', 'b+', 'a?');
    const parts = fc.array(part, { minLength: 1, maxLength: 6 }).map((list) => list.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.boolean(), text, (source, isAnchored, tested) => {
        const whole = isAnchored ? `^${source}$` : source;
        expect(parse(whole).test(tested)).toBe(new RegExp(whole).test(tested));
      }),
    );
  });

  it.each(['', '(', '[z-a]', '(?=a)', String.raw`(a)\1`, '(?P<a>x)(?P<a>y)', '(?:(?:a{99}){99}){99}'])(
    'is not %j',
    (text) => {
      expect(pattern().safeParse(text).success).toBe(false);
    },
  );

  it('says what is wrong with it', () => {
    expect(
      pattern()
        .safeParse('(?=a)')
        .error?.issues.map(({ message }) => message),
    ).toEqual([
      'expected a regular expression in the syntax of RE2: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ]);
  });
});
