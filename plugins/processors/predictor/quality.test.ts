import { expect, it } from 'vitest';
import { atOnce, fitModel, type GroupModel, type ModelOptions } from 'wattline/prediction';
import { judging } from './quality.ts';
import type { LearntRun } from './training-set.ts';

const options: ModelOptions = { model: 'auto', leastDifferent: 3, level: 0.9, outside: 'flag' };

function qualityOf(values: readonly (readonly [x: number, y: number])[]) {
  const runs: LearntRun[] = values.map(([x, y], i) => ({ id: `${i}`, group: '', start: i, x, y }));
  const sorted = runs.toSorted((a, b) => a.x - b.x || a.y - b.y);
  return atOnce(judging(fitModel(sorted, options).groups.get('') as GroupModel, sorted, 'auto'));
}

/** Runs of 1 to 5 streams that differ by up to 1 W from a line; those from a number on draw more by so many watts. */
const around = (count: number, shiftFrom = count, shift = 0) =>
  Array.from({ length: count }, (_, i) => {
    const x = 1 + (i % 5);
    return [x, 25 + 25 * x + ((i * 7919) % 21) / 10 - 1 + (i >= shiftFrom ? shift : 0)] as const;
  });

it('claims no 90 % below 9 runs', () => {
  expect(qualityOf(around(8))).toMatchObject({ error90: undefined, meanAbsoluteError: expect.any(Number) });
  expect(qualityOf(around(9)).error90).toBeGreaterThan(0);
});

it('is as good as runs are alike', () => {
  const { meanAbsoluteError, error90 } = qualityOf(around(200));
  expect(meanAbsoluteError).toBeGreaterThan(0.4);
  expect(meanAbsoluteError).toBeLessThan(0.7);
  expect(error90).toBeGreaterThan(0.8);
  expect(error90).toBeLessThan(1.2);
});

it('finds a drift of the latest 50 runs by those before, and none in noise', () => {
  expect(qualityOf(around(200))).toMatchObject({ hasDrifted: false });
  expect(Math.abs(qualityOf(around(200)).drift as number)).toBeLessThan(0.5);
  const { drift, hasDrifted } = qualityOf(around(200, 150, 10));
  expect(drift).toBeCloseTo(10, 0);
  expect(hasDrifted).toBe(true);
});

it('calls nothing a drift with fewer than 100 runs, or where those before say nothing of such runs', () => {
  expect(qualityOf(around(99, 50, 10))).toMatchObject({ hasDrifted: false });
  const rising = Array.from({ length: 200 }, (_, i) => [i, 10 * i] as const);
  expect(qualityOf(rising)).toMatchObject({ drift: undefined, hasDrifted: false });
});

it('compares known with predicted power for the 64 smallest values', () => {
  const { comparisons } = qualityOf(Array.from({ length: 100 }, (_, i) => [99 - i, 10] as const));
  expect(comparisons.map(({ x }) => x)).toEqual(Array.from({ length: 64 }, (_, i) => i));
  expect(comparisons[0]).toEqual({ x: 0, known: 10, predicted: 10 });
});
