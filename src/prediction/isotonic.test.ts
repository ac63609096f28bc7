import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isotonic } from './isotonic.ts';

const ones = (y: readonly number[]) => y.map(() => 1);
const fit = (y: readonly number[], weights: readonly number[] = ones(y)) =>
  isotonic(y.map((value, x) => ({ x, y: value, weight: weights[x] as number })));

/** scipy 1.17.1, `scipy.optimize.isotonic_regression(y, weights=weights).x`; scikit-learn 1.9.1 says the same. */
const SCIPY = [
  { y: [1, 3, 2, 4, 3.5, 6], weights: [1, 1, 1, 1, 1, 1], fitted: [1, 2.5, 2.5, 3.75, 3.75, 6] },
  {
    y: [5, 3, 1, 8, 7, 9, 2],
    weights: [1, 2, 3, 1, 0.5, 2, 4],
    fitted: [2.3333333333333335, 2.3333333333333335, 2.3333333333333335, 5, 5, 5, 5],
  },
  {
    y: [5, 4, 3, 2, 1],
    weights: [1, 1, 2, 2, 1],
    fitted: [2.857142857142857, 2.857142857142857, 2.857142857142857, 2.857142857142857, 2.857142857142857],
  },
  { y: [2, 2, 2, 1, 3, 3], weights: [1, 1, 1, 1, 1, 1], fitted: [1.75, 1.75, 1.75, 1.75, 3, 3] },
  {
    y: [1e-9, 1e9, 1e8, 1e9 + 1, -1e3, 2e9],
    weights: [1, 2, 1000, 1, 0.001, 1],
    fitted: [1e-9, 101796407.18562874, 101796407.18562874, 999000999.0009991, 999000999.0009991, 2e9],
  },
];

/** R 4.2.2, `isoreg(y)$yf`. */
const R = [
  { y: [1, 3, 2, 4, 3.5, 6], fitted: [1, 2.5, 2.5, 3.75, 3.75, 6] },
  { y: [5, 4, 3, 2, 1], fitted: [3, 3, 3, 3, 3] },
  { y: [2, 2, 2, 1, 3, 3], fitted: [1.75, 1.75, 1.75, 1.75, 3, 3] },
  { y: [1, 0, 4, 3, 3, 5, 4, 2, 0], fitted: [0.5, 0.5, 3, 3, 3, 3, 3, 3, 3] },
];

const few = fc.array(fc.record({ y: fc.integer({ min: 0, max: 20 }), weight: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 1,
  maxLength: 9,
});

describe('isotonic regression', () => {
  it.each(SCIPY)('is what scipy makes of $y by $weights', ({ y, weights, fitted }) => {
    const values = fit(y, weights);
    fitted.forEach((expected, i) => {
      expect(Math.abs((values[i] as number) - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-9, expected));
    });
  });

  it.each(R)('is what R makes of $y', ({ y, fitted }) => {
    const values = fit(y);
    fitted.forEach((expected, i) => {
      expect(values[i]).toBeCloseTo(expected, 9);
    });
  });

  it('is the nearest of all that rise, by trying out every way to put neighbours together', () => {
    fc.assert(
      fc.property(few, (points) => {
        const [y, weights] = [points.map((one) => one.y), points.map(({ weight }) => weight)];
        expect(errorOf(fit(y, weights), y, weights)).toBeCloseTo(leastError(y, weights), 6);
      }),
    );
  });

  it('never falls, and takes a weight as so many repetitions', () => {
    fc.assert(
      fc.property(few, (points) => {
        const values = fit(
          points.map(({ y }) => y),
          points.map(({ weight }) => weight),
        );
        expect(values.every((value, i) => i === 0 || value >= (values[i - 1] as number))).toBe(true);
        const repeated = fit(points.flatMap(({ y, weight }) => Array<number>(weight).fill(y)));
        const each = points.flatMap(({ weight }, i) => Array<number>(weight).fill(values[i] as number));
        each.forEach((value, i) => {
          expect(repeated[i]).toBeCloseTo(value, 9);
        });
      }),
    );
  });
});

function errorOf(values: readonly number[], y: readonly number[], weights: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + (weights[i] as number) * ((y[i] as number) - value) ** 2, 0);
}

/** The least weighted squares of rising values, which are means of neighbours: each bit says whether a part ends there. */
function leastError(y: readonly number[], weights: readonly number[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let ends = 0; ends < 2 ** (y.length - 1); ends++) {
    const values: number[] = [];
    for (let from = 0, i = 0; i < y.length; i++) {
      if (i < y.length - 1 && !(ends & (1 << i))) continue;
      let [sum, weight] = [0, 0];
      for (let k = from; k <= i; k++) {
        sum += (y[k] as number) * (weights[k] as number);
        weight += weights[k] as number;
      }
      while (values.length <= i) values.push(sum / weight);
      from = i + 1;
    }
    if (values.every((value, i) => i === 0 || value >= (values[i - 1] as number))) {
      least = Math.min(least, errorOf(values, y, weights));
    }
  }
  return least;
}
