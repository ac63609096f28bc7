import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, slopeOf } from './slope.ts';

describe('a slope', () => {
  const number = fc.integer({ min: -1000, max: 1000 });

  it('is that of a line, without an error', () => {
    fc.assert(
      fc.property(number, number, fc.uniqueArray(number, { minLength: 3 }), (start, rise, times) => {
        const slope = slopeOf(
          times,
          times.map((time) => start + rise * time),
        );
        expect(slope.rise).toBeCloseTo(rise, 6);
        expect(slope.error).toBeCloseTo(0, 6);
      }),
    );
  });

  it('has the error that textbooks give it', () => {
    // Anscombe's first quartet: y = 3 + 0.5 x, with a standard error of 0.118.
    const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
    const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
    const { rise, error } = slopeOf(x, y);
    expect(rise).toBeCloseTo(0.5001, 4);
    expect(error).toBeCloseTo(0.1179, 4);
  });
});

it('a percentile is one of the values, and as many do not exceed it', () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 0.2, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 1, 3, 5, 5]);
});
