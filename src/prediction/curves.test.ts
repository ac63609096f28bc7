import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Curve, fitCurve, kindFor, valueAt } from './curves.ts';
import type { Observation } from './observation.ts';

const kinds = ['linear', 'power', 'monotone'] as const;

const line = fc.record({
  intercept: fc.double({ min: 0, max: 1000, noNaN: true }),
  slope: fc.double({ min: 0.01, max: 100, noNaN: true }),
  xs: fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 60 }),
});

/** Observations of four different x and more, many of them equal or near each other, of very different sizes. */
const anything: fc.Arbitrary<Observation[]> = fc
  .record({
    four: fc.uniqueArray(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 }),
    more: fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0, max: 50, noNaN: true })), {
      maxLength: 80,
    }),
    ys: fc.infiniteStream(fc.oneof(fc.constantFrom(0, 1, 1e-6, 1e9), fc.double({ min: 0, max: 1000, noNaN: true }))),
    weights: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    size: fc.constantFrom(1e-6, 1, 1e6),
  })
  .map(({ four, more, ys, weights, size }) =>
    [...four, ...more].map((x) => ({ x: x * size, y: ys.next().value, weight: weights.next().value })),
  );

describe('a curve of each kind', () => {
  it.each(kinds)('%s is the line where the observations lie on one', (kind) => {
    fc.assert(
      fc.property(line, ({ intercept, slope, xs }) => {
        const curve = fitCurve(
          kind,
          xs.map((x) => ({ x, y: intercept + slope * x })),
        );
        for (const x of [0, 1, 50, 99.5, 120]) {
          const expected = intercept + slope * x;
          expect(Math.abs(valueAt(curve, x) - expected)).toBeLessThan(1e-7 * (1 + intercept + slope * 100));
        }
      }),
    );
  });

  it.each(kinds)('%s is the same bit for bit in whatever order the observations come', (kind) => {
    fc.assert(
      fc.property(anything, (observations) => {
        expect(fitCurve(kind, observations.toReversed())).toEqual(fitCurve(kind, observations));
        const halves = [...observations.filter((_, i) => i % 2), ...observations.filter((_, i) => i % 2 === 0)];
        expect(fitCurve(kind, halves)).toEqual(fitCurve(kind, observations));
      }),
    );
  });

  it.each(kinds)('%s takes a weight as so many repetitions', (kind) => {
    fc.assert(
      fc.property(anything, (observations) => {
        const repeated = observations.flatMap(({ x, y, weight = 1 }) => Array<Observation>(weight).fill({ x, y }));
        const [weighted, plain] = [fitCurve(kind, observations), fitCurve(kind, repeated)];
        const most = Math.max(...observations.map(({ y }) => y));
        // The search for an exponent ends where squares differ by rounding alone.
        const rounding = kind === 'power' ? 1e-4 : 1e-7;
        for (const { x } of observations) {
          expect(Math.abs(valueAt(weighted, x) - valueAt(plain, x))).toBeLessThanOrEqual(rounding * most);
        }
      }),
    );
  });

  it.each(['power', 'monotone'] as const)('%s falls nowhere, within what was observed and beyond', (kind) => {
    fc.assert(
      fc.property(anything, (observations) => {
        expectToRise(fitCurve(kind, observations), observations);
      }),
    );
  });

  it.each(kinds)('%s is even where all y are equal', (kind) => {
    fc.assert(
      fc.property(anything, fc.constantFrom(0, 1e-6, 12.5, 1e9), (observations, y) => {
        const curve = fitCurve(
          kind,
          observations.map((one) => ({ ...one, y })),
        );
        for (const { x } of observations) expect(Math.abs(valueAt(curve, 2 * x) - y)).toBeLessThanOrEqual(1e-12 * y);
      }),
    );
  });

  it('needs different x: two for a line, three for a power law, four for a monotone cubic', () => {
    expect([1, 2, 3, 4].map((different) => kindFor('auto', different))).toEqual([
      undefined,
      undefined,
      'power',
      'monotone',
    ]);
    expect(kindFor('linear', 1)).toBeUndefined();
    expect(kindFor('linear', 2)).toBe('linear');
  });
});

describe('a monotone cubic', () => {
  it('is PCHIP through what isotonic regression leaves of the means of each x', () => {
    const [xs, ys] = [
      [0, 0, 1, 2, 2, 3, 5, 5, 8],
      [3, 4, 3.2, 8, 6, 6.5, 12, 9, 11],
    ];
    const curve = fitCurve(
      'monotone',
      xs.map((x, i) => ({ x, y: ys[i] as number })),
    );
    // scipy 1.17.1: `isotonic_regression` with how often each x was there as weights, then `PchipInterpolator`.
    const expected = [
      [0, 3.4],
      [0.5, 3.4],
      [1.5, 5.116666666666666],
      [2, 6.833333333333333],
      [2.25, 6.833333333333333],
      [4, 8.58578431372549],
      [5, 10.5],
      [6, 10.773420479302834],
      [7.9, 10.999412854030501],
      [8, 11],
      [9, 11],
    ] as const;
    for (const [x, value] of expected) expect(valueAt(curve, x)).toBeCloseTo(value, 9);
  });

  it('goes on with its last slope beyond what was observed, or less steeply where it was so on the whole', () => {
    const concave = fitCurve(
      'monotone',
      [0, 1, 2, 3].map((x) => ({ x, y: [10, 20, 25, 26][x] as number })),
    );
    expect(valueAt(concave, 3.5)).toBeCloseTo(26, 9);
    const convex = fitCurve(
      'monotone',
      [1, 2, 3, 4].map((x) => ({ x, y: 10 + x ** 3 })),
    );
    expect(valueAt(convex, 5)).toBeCloseTo(74 + (74 - 11) / 3, 9);
    expect(valueAt(convex, 0)).toBeLessThan(11);
  });

  it('has 16 knots at most, and misses a smooth curve by less than 0.5 % of its rise for it', () => {
    const observations = Array.from({ length: 1000 }, (_, i) => ({ x: i, y: 50 + 100 * Math.sqrt(i / 999) }));
    const curve = fitCurve('monotone', observations);
    expect(curve.kind === 'monotone' && curve.xs.length).toBe(16);
    const errors = observations.map(({ x, y }) => Math.abs(valueAt(curve, x) - y));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.5);
  });

  it('of noise is nearer to what is behind it than a curve through every observation', () => {
    const behind = (x: number) => 20 + 80 * x;
    const observations = Array.from({ length: 64 }, (_, i) => {
      const x = i / 63;
      return { x, y: behind(x) + 5 * Math.sin(i ** 2) };
    });
    const curve = fitCurve('monotone', observations);
    const missed = (value: (one: Observation) => number) =>
      observations.reduce((sum, one) => sum + Math.abs(value(one) - behind(one.x)), 0);
    expect(missed(({ x }) => valueAt(curve, x))).toBeLessThan(0.5 * missed(({ y }) => y));
  });
});

function expectToRise(curve: Curve, observations: readonly Observation[]): void {
  const most = Math.max(...observations.map(({ x }) => x));
  const values = Array.from({ length: 400 }, (_, i) => valueAt(curve, (most * i) / 200));
  const rounding = 1e-12 * Math.max(...values);
  values.forEach((value, i) => {
    expect(value).toBeGreaterThanOrEqual((values[i - 1] ?? 0) - rounding);
  });
}
