import { expect, it } from 'vitest';
import { spreadOf } from './spread.ts';

it('is the mean and the sample standard deviation', () => {
  const spread = spreadOf([2, 4, 4, 4, 5, 5, 7, 9]);
  expect(spread?.mean).toBe(5);
  expect(spread?.deviation).toBeCloseTo(Math.sqrt(32 / 7), 12);
  expect(spreadOf([3])).toEqual({ mean: 3, deviation: undefined, runs: 1 });
  expect(spreadOf([])).toBeUndefined();
});
