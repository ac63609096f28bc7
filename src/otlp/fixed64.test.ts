import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixed64Of, fixed64OfBigint, numberOfHalves, unsigned64 } from './fixed64.ts';

const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 1n << 32n }));
/** Nanoseconds next to whole seconds, where a double is most easily on the wrong side. */
const nearSecond = fc
  .tuple(fc.bigInt({ min: 0n, max: 18_446_744_072n }), fc.bigInt({ min: -2n, max: 2n }))
  .map(([seconds, beside]) => BigInt.asUintN(64, seconds * 1_000_000_000n + beside));

describe('64 bits', () => {
  it('are exact, of their halves and of a whole number', () => {
    fc.assert(
      fc.property(fc.oneof(uint64, nearSecond), (value) => {
        const expected = [Number(value / 1_000_000_000n), Number(value % 1_000_000_000n)];
        expect(fixed64Of(Number(value & 0xffff_ffffn), Number(value >> 32n))).toEqual(expected);
        expect(fixed64OfBigint(value)).toEqual(expected);
      }),
      { numRuns: 5000 },
    );
  });

  it('are the nearest double', () => {
    fc.assert(
      fc.property(uint64, (value) => {
        expect(numberOfHalves(Number(value & 0xffff_ffffn), Number(value >> 32n))).toBe(Number(value));
      }),
    );
  });

  it('are never more than 64 bits where they are counted', () => {
    fc.assert(
      fc.property(fc.oneof(uint64, fc.bigInt({ min: (1n << 64n) - 4096n, max: (1n << 64n) - 1n })), (value) => {
        const counted = unsigned64(numberOfHalves(Number(value & 0xffff_ffffn), Number(value >> 32n)));
        expect(fixed64OfBigint(BigInt(counted))).toBeDefined();
        expect(counted).toBe(Number(value) === 2 ** 64 ? 2 ** 64 - 2048 : Number(value));
      }),
    );
  });

  it('have no sign, and are no more', () => {
    expect(fixed64OfBigint(-1n)).toBeUndefined();
    expect(fixed64OfBigint(1n << 64n)).toBeUndefined();
  });
});
