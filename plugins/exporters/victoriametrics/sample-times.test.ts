import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Series, toHrTime } from 'wattline/plugin';
import { areSame, sampleTimes, type Times, toMilliseconds } from './sample-times.ts';

const step = fc.oneof(
  fc.integer({ min: 1, max: 10_000_000 }).map((milliseconds) => milliseconds / 1000),
  fc.double({ min: 1e-6, max: 1e5, noNaN: true }),
  fc.constantFrom(0.1, 1 / 3, 0.0005, 1e-9),
);
const start = fc.oneof(
  fc.integer({ min: -1000, max: 4_000_000_000 }).map((seconds): [number, number] => [seconds, 0]),
  fc.double({ min: 0, max: 4e9, noNaN: true }).map(toHrTime),
  fc
    .tuple(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 0, max: 999 }))
    .map(([seconds, milliseconds]): [number, number] => [seconds, milliseconds * 1_000_000]),
);

const list = (times: Times) => Array.from({ length: times.length }, (_, index) => times.at(index));

it('are those of each sample by itself', () => {
  fc.assert(
    fc.property(start, step, fc.integer({ min: 0, max: 2000 }), (from, every, length) => {
      const series = Series.regular(from, every, new Float64Array(length));
      const times = list(sampleTimes(series));
      const each = Array.from({ length }, (_, index) => toMilliseconds(series.time(index)));
      if (times.some((time, index) => time !== each[index]) || times.length !== length) expect(times).toEqual(each);
    }),
    { numRuns: 2000 },
  );
});

it('of irregular samples are those of each too', () => {
  const series = Series.irregular([10, 500_000_000], Float64Array.of(0, 0.25, 7), new Float64Array(3));
  expect(list(sampleTimes(series))).toEqual([10_500, 10_750, 17_500]);
});

it('are the same only where each is', () => {
  const regular = (from: number, every: number, length: number) =>
    sampleTimes(Series.regular([from, 0], every, new Float64Array(length)));
  const times = regular(10, 5, 3);
  expect(areSame(times, times)).toBe(true);
  expect(areSame(times, regular(10, 5, 3))).toBe(true);
  for (const other of [regular(11, 5, 3), regular(10, 6, 3), regular(10, 5, 4), [10_000, 15_000, 20_001]]) {
    expect(areSame(times, other)).toBe(false);
  }
});
