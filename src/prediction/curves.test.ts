import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitCurve, kindFor, valueAt } from './curves.ts';

const line = fc.record({
  intercept: fc.double({ min: 0, max: 1000, noNaN: true }),
  slope: fc.double({ min: 0.01, max: 100, noNaN: true }),
  xs: fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 10 }),
});

describe('a curve of each kind', () => {
  it.each(['linear', 'power', 'monotone'] as const)('%s is the line where the observations lie on one', (kind) => {
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
