import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NUMBER_BYTES, writeNumber, writeTime } from './number-text.ts';

const decimal = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: 0, max: 6 }))
  .map(([digits, decimals]) => digits / 10 ** decimals);
const measured = fc
  .tuple(fc.integer({ min: -1_000_000, max: 10_000_000 }), fc.integer({ min: 0, max: 3 }))
  .map(([digits, decimals]) => Number((digits / 10 ** decimals).toFixed(decimals)));
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const corners = [0, -0, 0.001, -0.001, 0.0005, 0.1 + 0.2, 999.9995, 1e12 - 0.001, 1e12, 1e15, 1e21, 5e-324, 2 ** 53];

function written(write: typeof writeNumber, number: number): string {
  const out = Buffer.alloc(NUMBER_BYTES + 2, '#');
  const end = write(out, 1, number);
  if (out[0] !== 35 || out[NUMBER_BYTES + 1] !== 35) throw new Error(`${number} does not stay within its bytes`);
  return out.toString('latin1', 1, end);
}

describe.each([
  ['writeNumber', writeNumber],
  ['writeTime', writeTime],
])('%s', (_, write) => {
  it('writes what String does', () => {
    fc.assert(
      fc.property(fc.oneof(measured, decimal, double, fc.constantFrom(...corners)), (number) => {
        expect(written(write, number)).toBe(String(number));
      }),
      { numRuns: 20_000 },
    );
  });

  it('writes every number of thousandths below 100 as String does', () => {
    for (let thousandths = -1000; thousandths < 100_000; thousandths++) {
      const number = thousandths / 1000;
      if (written(write, number) !== String(number)) expect(written(write, number)).toBe(String(number));
    }
  });
});
