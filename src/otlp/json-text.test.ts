import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JsonText } from './json-text.ts';
import { OtlpError } from './otlp-error.ts';

function isRead(text: string): boolean {
  const json = new JsonText(Buffer.from(text));
  try {
    json.pass(0);
    json.end();
    return true;
  } catch (error) {
    if (error instanceof OtlpError) return false;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const tokens = fc.constantFrom(
  ...['{', '}', '[', ']', ',', ':', '"', '""', '"a"', '\\', '\\n', '\\u00e9', ' ', '\n', '\t', '\v', '\u0001'],
  ...['0', '-1', '1.5e3', '01', '.5', '1.', '+1', '1e', 'true', 'null', 'falsely', 'NaN', 'é', '\u2028'],
);
const odd = fc.array(tokens, { maxLength: 8 }).map((list) => list.join(''));
const valid = fc.json();
/** A text with a piece of it taken out, and another one put in. */
const broken = fc.tuple(valid, fc.nat(), fc.nat(3), odd).map(([text, at, length, other]) => {
  const from = at % (text.length + 1);
  return text.slice(0, from) + other + text.slice(from + length);
});

it('takes what is JSON, and nothing else', () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(valid, odd, broken), (text) => {
      taken += Number(isJson(text));
      expect(isRead(text), JSON.stringify(text)).toBe(isJson(text));
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(500);
});

it('reads texts and numbers as JSON.parse does', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true })),
      (value) => {
        const text = JSON.stringify(value);
        expect(new JsonText(Buffer.from(text)).scalar()).toBe(JSON.parse(Buffer.from(text).toString()));
      },
    ),
  );
});
