import { describe, expect, it } from 'vitest';
import { toSeconds } from 'wattline/plugin';
import { type Point, samplesOf } from './samples.ts';

const grid = { first: 1_766_948_005_125, step: 5000, count: 6 };
const at = (index: number) => grid.first + index * grid.step;
const seriesOf = (points: readonly Point[], sampling: 'instant' | 'interval' = 'instant') => {
  const samples = samplesOf(points, grid, sampling);
  if (!('series' in samples)) throw new Error(samples.problem);
  return samples.series;
};

describe('points', () => {
  it('become samples at their times; means of intervals begin one step earlier', () => {
    const points = [0, 1, 2].map((index): Point => [at(index), 10 + index]);
    expect([...seriesOf(points).values]).toEqual([10, 11, 12]);
    expect(seriesOf(points)).toMatchObject({ start: [1_766_948_005, 125_000_000], step: 5 });
    expect(seriesOf(points, 'interval').start).toEqual([1_766_948_000, 125_000_000]);
  });

  it('that are missing are NaN between others, and are not there at the ends', () => {
    const points: Point[] = [
      [at(0), Number.NaN],
      [at(1), 4],
      [at(2), Number.NaN],
      [at(4), 5],
      [at(5), Number.NaN],
    ];
    const series = seriesOf(points);
    expect([...series.values]).toEqual([4, Number.NaN, Number.NaN, 5]);
    expect(toSeconds(series.start)).toBe(at(1) / 1000);
  });

  it('that a server has moved keep their times, and those that left the run are dropped', () => {
    const points = [-1, 0, 1, 2, 3, 4, 5].map((index): Point => [at(index) + 875, index + 1]);
    const series = seriesOf(points);
    expect([...series.values]).toEqual([1, 2, 3, 4, 5]);
    expect(series.start).toEqual([1_766_948_006, 0]);
  });

  it.each([
    [[], 'no_samples'],
    [[[at(1), Number.NaN]], 'no_samples'],
    [[[at(-1), 1]], 'no_samples'],
    [
      [
        [at(1), 1],
        [at(2), -0.5],
      ],
      'invalid_samples',
    ],
    [[[at(1), Number.POSITIVE_INFINITY]], 'invalid_samples'],
  ] as [Point[], string][])('%j are refused as %s', (points, reason) => {
    expect(samplesOf(points, grid, 'interval')).toMatchObject({ reason });
  });
});
