import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceInterval, type Estimate, meanInterval, studentT } from './mean-interval.ts';

describe('Student’s t', () => {
  it.each([
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, two-sided.
    [0.9, 1, 6.314],
    [0.95, 1, 12.706],
    [0.95, 2, 4.303],
    [0.95, 3, 3.182],
    [0.9, 4, 2.132],
    [0.95, 5, 2.571],
    [0.95, 10, 2.228],
    [0.99, 30, 2.75],
    [0.95, 1e6, 1.96],
  ])('at %s with %s degrees of freedom is %s', (level, degrees, expected) => {
    expect(studentT(level, degrees)).toBeCloseTo(expected, 3);
  });
});

describe('the interval of a mean', () => {
  it('is unknown of fewer than two values', () => {
    expect([meanInterval([], 0.95), meanInterval([1], 0.95)]).toEqual([undefined, undefined]);
    const [one, two] = [
      { value: 1, error: 0, runs: 1 },
      { value: 1, error: 1, runs: 2 },
    ];
    expect([differenceInterval(one, two, 0.95), differenceInterval(two, one, 0.95)]).toEqual([undefined, undefined]);
  });

  it('is that of the textbook', () => {
    // s = √2.5, t(0.95, 4) = 2.7764.
    const { value, lower, upper } = meanInterval([1, 2, 3, 4, 5], 0.95) as Estimate;
    expect([value, lower, upper]).toEqual([3, expect.closeTo(1.036757, 5), expect.closeTo(4.963243, 5)]);
  });

  it('of a difference holds it, moves with it, and turns with its sign', () => {
    const sampled = fc.record({
      value: fc.integer({ min: -1000, max: 1000 }),
      error: fc.integer({ min: 0, max: 100 }),
      runs: fc.integer({ min: 2, max: 50 }),
    });
    fc.assert(
      fc.property(sampled, sampled, fc.integer({ min: -100, max: 100 }), (a, b, shift) => {
        const plain = differenceInterval(a, b, 0.95) as Estimate;
        const shifted = differenceInterval({ ...a, value: a.value + shift }, b, 0.95) as Estimate;
        const turned = differenceInterval(b, a, 0.95) as Estimate;
        expect(plain.value).toBe(a.value - b.value);
        expect(plain.upper - plain.value).toBeCloseTo(plain.value - plain.lower, 6);
        expect(plain.upper).toBeGreaterThanOrEqual(plain.value + a.error);
        expect(shifted.lower).toBeCloseTo(plain.lower + shift, 6);
        expect(turned.upper).toBeCloseTo(-plain.lower, 6);
      }),
    );
  });

  it('of a difference is that of the textbook', () => {
    // Equal errors of 1 with 5 runs each: 8 degrees of freedom, t(0.95, 8) = 2.306.
    const found = differenceInterval({ value: 10, error: 1, runs: 5 }, { value: 4, error: 1, runs: 5 }, 0.95);
    expect(found).toEqual({
      value: 6,
      lower: expect.closeTo(6 - 2.306 * Math.SQRT2, 3),
      upper: expect.closeTo(6 + 2.306 * Math.SQRT2, 3),
    });
  });
});
