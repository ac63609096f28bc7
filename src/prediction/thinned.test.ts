import fc from 'fast-check';
import { expect, it } from 'vitest';
import { thinned } from './thinned.ts';

const observation = fc.record({
  x: fc.integer({ min: 0, max: 1000 }),
  y: fc.double({ min: 0, max: 1000, noNaN: true }),
  weight: fc.double({ min: 0.1, max: 10, noNaN: true }),
});

it('observations are thinned to as many as wanted, in rising order of x, with the same weight and mean', () => {
  fc.assert(
    fc.property(
      fc.array(observation, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 20 }),
      (all, most) => {
        const few = thinned(all, most);
        expect(few.length).toBe(Math.min(most, new Set(all.map(({ x }) => x)).size));
        expect(few.every(({ x }, i) => i === 0 || x > (few[i - 1]?.x as number))).toBe(true);
        const total = (some: typeof all, key: 'x' | 'y') => some.reduce((sum, one) => sum + one[key] * one.weight, 0);
        const weight = (some: typeof all) => some.reduce((sum, one) => sum + one.weight, 0);
        expect(weight(few) / weight(all)).toBeCloseTo(1, 9);
        for (const key of ['x', 'y'] as const) {
          expect(Math.abs(total(few, key) - total(all, key))).toBeLessThanOrEqual(1e-9 * (1 + total(all, key)));
        }
      },
    ),
  );
});
