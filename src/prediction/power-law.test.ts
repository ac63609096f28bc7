import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPowerLaw, type PowerLaw, powerLawAt } from './power-law.ts';

const pairs = (xs: readonly number[], ys: readonly number[]) => xs.map((x, i) => ({ x, y: ys[i] as number }));

/**
 * scipy 1.17.1: offset and scale by `nnls`, the exponent by `minimize_scalar(method='bounded', xatol=1e-12)` from the best of
 * 0.1, 0.101 … 3. Squares are flat around their least, so the exponent is known to some 1e-8.
 */
const SCIPY = [
  {
    observations: pairs([0, 1, 2, 4, 8], [10, 13, 15, 21, 28]),
    law: { to: 8, offset: 9.834784607753601, scale: 3.266045324768221, exponent: 0.8315003751761542 },
  },
  {
    observations: pairs([1, 2, 3, 5, 9], [2, 5, 11, 30, 99]),
    law: { to: 9, offset: 0.8147183182102516, scale: 1.0482905576846087, exponent: 2.066135490703888 },
  },
  {
    observations: pairs([0, 10, 20, 50, 100], [0.6, 18.6, 29.5, 43.2, 46.1]),
    law: { to: 100, offset: 0.17290668917403668, scale: 9.978744391960076, exponent: 0.34431183118944797 },
  },
];

const sizes = fc.constantFrom(1e-6, 1e-3, 1, 1e3, 1e9);
const anyObservations = fc
  .record({
    xs: fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 12 }),
    ys: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
    xSize: sizes,
    ySize: sizes,
  })
  .map(({ xs, ys, xSize, ySize }) =>
    pairs(
      xs.map((x) => x * xSize),
      ys.map((y) => y * ySize),
    ),
  );

describe('a power law', () => {
  it.each(SCIPY)('has the least squares that scipy finds: $law', ({ observations, law }) => {
    const fitted = fitPowerLaw(observations);
    expect(squares(fitted, observations)).toBeLessThanOrEqual(
      squares({ kind: 'power', ...law }, observations) * (1 + 1e-9),
    );
    expect(fitted.exponent).toBeCloseTo(law.exponent, 6);
    for (const { x } of observations)
      expect(powerLawAt(fitted, x)).toBeCloseTo(powerLawAt({ kind: 'power', ...law }, x), 5);
  });

  it('is found where the observations lie on one', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        fc.double({ min: 0.2, max: 2.9, noNaN: true }),
        (offset, scale, exponent) => {
          const exact: PowerLaw = { kind: 'power', offset, scale, exponent, to: 8 };
          const fitted = fitPowerLaw([0, 1, 2, 4, 8].map((x) => ({ x, y: powerLawAt(exact, x) })));
          for (const x of [0, 0.5, 3, 8, 16]) {
            expect(Math.abs(powerLawAt(fitted, x) - powerLawAt(exact, x))).toBeLessThanOrEqual(
              1e-7 * powerLawAt(exact, 16),
            );
          }
        },
      ),
    );
  });

  it('has neither an offset nor a scale below 0, so that it never falls, whatever the sizes of the numbers', () => {
    fc.assert(
      fc.property(anyObservations, (observations) => {
        const { offset, scale, exponent } = fitPowerLaw(observations);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(scale).toBeGreaterThanOrEqual(0);
        expect(exponent).toBeGreaterThanOrEqual(0.1);
        expect(exponent).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('is even through the mean where the observations fall', () => {
    const { offset, scale } = fitPowerLaw(pairs([0, 1, 2], [30, 20, 10]));
    expect([offset, scale]).toEqual([20, 0]);
  });

  it('rises beyond what it was fitted to no steeper than from 0 to there', () => {
    const convex = fitPowerLaw(pairs([0, 1, 2, 4], [10, 11, 14, 26]));
    expect(powerLawAt(convex, 4)).toBeCloseTo(26, 6);
    expect(powerLawAt(convex, 8)).toBeCloseTo(42, 6);
    const concave = fitPowerLaw(pairs([0, 1, 4, 9], [10, 11, 12, 13]));
    expect(powerLawAt(concave, 16)).toBeCloseTo(14, 6);
  });

  it('misses by no more than the best of many offsets, scales and exponents', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 4, maxLength: 4 }), (ys) => {
        const observations = pairs([0, 1, 3, 6], ys);
        const least = squares(fitPowerLaw(observations), observations);
        for (const exponent of [0.1, 0.5, 1, 2, 3]) {
          for (const offset of [0, 2, 5, 10, 20]) {
            for (const scale of [0, 0.1, 0.5, 1, 3]) {
              const other = squares({ kind: 'power', offset, scale, exponent, to: 6 }, observations);
              expect(least).toBeLessThanOrEqual(other + 1e-9);
            }
          }
        }
      }),
    );
  });
});

function squares(law: PowerLaw, observations: readonly { x: number; y: number }[]): number {
  return observations.reduce((sum, { x, y }) => sum + (y - powerLawAt(law, x)) ** 2, 0);
}
