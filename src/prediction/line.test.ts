import { describe, expect, it } from 'vitest';
import { fitLine } from './line.ts';

const observed = (xs: readonly number[], ys: readonly number[], weights?: readonly number[]) =>
  xs.map((x, i) => ({ x, y: ys[i] as number, ...(weights && { weight: weights[i] as number }) }));

describe('a line', () => {
  it('is that of least squares', () => {
    const { slope, intercept } = fitLine(observed([0, 1, 2, 4, 8], [10, 13, 15, 21, 28]));
    // scipy 1.17.1, `linregress`.
    expect(slope).toBeCloseTo(2.25, 9);
    expect(intercept).toBeCloseTo(10.65, 9);
  });

  it('is that of weighted least squares', () => {
    const { slope, intercept } = fitLine(observed([0, 1, 2, 4, 8], [10, 13, 15, 21, 28], [1, 2, 3, 1, 5]));
    // numpy 2.4.6, `polyfit(x, y, 1, w=sqrt(weights))`.
    expect(slope).toBeCloseTo(2.176470588235295, 9);
    expect(intercept).toBeCloseTo(10.735294117647056, 9);
  });

  it('loses no digits where y is large beside what it varies by', () => {
    const { slope, intercept } = fitLine(
      observed(
        [1, 2, 3, 5, 9],
        [0.25, 0.5, 0.5, 1, 2].map((y) => 1e9 + y),
      ),
    );
    // In fractions: 7/32 and 1e9 − 1/40.
    expect(slope).toBeCloseTo(7 / 32, 6);
    expect(intercept).toBeCloseTo(1e9 - 0.025, 6);
  });

  it('has the slope and the offset of observations on one: 25 + 25 x is 175 at 6', () => {
    const { slope, intercept } = fitLine([1, 2, 3, 4, 5].map((x) => ({ x, y: 25 + 25 * x })));
    expect(intercept + 6 * slope).toBeCloseTo(175, 9);
  });
});
