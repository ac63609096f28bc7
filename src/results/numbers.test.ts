import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberScanner } from './numbers.ts';

/** How many lists of numbers each property is tried on. */
const numRuns = Number(process.env.SCANNED_TEXTS ?? 2000);
const scanner = new NumberScanner();

/** The number that the text is read as; undefined where reading ends anywhere but at its end. */
function read(text: string): number | undefined {
  const end = scanner.read(Buffer.from(`${text}\0`), 0);
  return end === text.length ? scanner.value : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function expectSame(texts: readonly string[]): void {
  for (const text of texts) {
    if (!Object.is(read(text), parsed(text))) expect([text, read(text)]).toEqual([text, parsed(text)]);
  }
}

const lists = (number: fc.Arbitrary<string>) => fc.array(number, { size: 'medium', maxLength: 100 });
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 20 });

describe('a number', () => {
  it('is that of JSON.parse, to the bit, as programs print it', () => {
    const printed = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc
        .double({ min: 0, max: 1e4, noNaN: true })
        .chain((value) => fc.integer({ min: 1, max: 21 }).map((precision) => value.toPrecision(precision))),
      fc
        .tuple(fc.double({ min: 0, max: 1e10, noNaN: true }), fc.nat(18))
        .map(([value, decimals]) => value.toFixed(decimals)),
    );
    fc.assert(fc.property(lists(printed), expectSame), { numRuns });
  });

  it('is that of JSON.parse halfway between two doubles, and beside it', () => {
    const halfway = fc
      .tuple(
        fc.bigInt({ min: 2n ** 50n, max: 2n ** 55n }),
        fc.constantFrom('', '.125', '.25', '.5', '.75', '.49', '.51', '.24', '.26', '.4999', '.5001', '.50'),
      )
      .map(([whole, rest]) => `${whole}${rest}`);
    fc.assert(fc.property(lists(halfway), expectSame), { numRuns });
  });

  it('is one exactly where JSON has one', () => {
    const pieces = fc
      .tuple(
        fc.constantFrom('', '', '-', '+'),
        digits,
        fc.constantFrom('', '.'),
        digits,
        fc.constantFrom('', '', 'e', 'E', 'e+', 'E-'),
        digits.map((text) => text.slice(0, 3)),
      )
      .map((parts) => parts.join(''));
    fc.assert(fc.property(lists(pieces), expectSame), { numRuns });
  });
});
