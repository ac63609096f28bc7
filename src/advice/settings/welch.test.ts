import { expect, it } from 'vitest';
import { chanceOfMore } from './welch.ts';

const first = [10.1, 11.2, 9.7, 10.4];
const second = [8.9, 9.4, 9.1];

it('is the p-value of scipy', () => {
  // scipy 1.17.1, scipy.stats.ttest_ind(first, second, equal_var=False, alternative='greater'); in the second by 0.5 less.
  expect(chanceOfMore(first, second)).toBeCloseTo(0.012053607113480944, 12);
  expect(chanceOfMore(first, second, 0.5)).toBeCloseTo(0.05370920325958404, 12);
  expect(chanceOfMore(second, first)).toBeCloseTo(1 - 0.012053607113480944, 12);
});

it('takes what does not vary as it is', () => {
  expect(chanceOfMore([2, 2], [1, 1])).toBe(0);
  expect(chanceOfMore([1, 1], [1, 1])).toBe(1);
});
