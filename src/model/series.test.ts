import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsBetween, toHrTime, toSeconds } from './hr-time.ts';
import { Series, seriesOf } from './series.ts';

const nanoseconds = ([seconds, rest]: readonly [number, number]) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);
const time = fc.tuple(fc.integer({ min: 0, max: 9e9 }), fc.integer({ min: 0, max: 999_999_999 }));

describe('times', () => {
  it('keep every step exact to the nanosecond, from any start', () => {
    const steps = fc.integer({ min: 1, max: 600_000 }).map((milliseconds) => milliseconds / 1000);
    fc.assert(
      fc.property(time, steps, fc.integer({ min: 1, max: 5000 }), (start, step, index) => {
        const series = Series.regular(start, step, new Float64Array(index + 1));
        const expected = BigInt(Math.round(step * 1000)) * 1_000_000n * BigInt(index);
        expect(nanoseconds(series.time(index)) - nanoseconds(start)).toBe(expected);
      }),
    );
  });

  it('turn a fraction of a second into the nearest nanosecond', () => {
    const start = toHrTime(1766947958.1251214);
    expect(start).toEqual([1766947958, 125121355]);
    expect(Series.regular(start, 0.1, new Float64Array(4)).time(3)).toEqual([1766947958, 425121355]);
    expect(toHrTime(1.9999999999)).toEqual([2, 0]);
    expect(toHrTime(0)).toEqual([0, 0]);
  });

  it('survive the way to seconds and back within a double', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9e9, noNaN: true }), (seconds) => {
        const [whole, rest] = toHrTime(seconds);
        expect(Number.isInteger(whole) && Number.isInteger(rest) && rest >= 0 && rest < 1e9).toBe(true);
        expect(Math.abs(toSeconds([whole, rest]) - seconds)).toBeLessThanOrEqual(1e-6);
      }),
    );
  });

  it('are subtracted without losing nanoseconds', () => {
    expect(secondsBetween([1766947958, 999999999], [1766947959, 0])).toBe(1e-9);
    expect(secondsBetween([10, 5], [8, 5])).toBe(-2);
  });
});

describe('seriesOf', () => {
  const pointsAt = (times: readonly [number, number][]) =>
    times.map((endTime, value) => ({ startTime: endTime, endTime, value, attributes: {} }));

  const within100Days = time.map(([seconds, rest]): [number, number] => [1766947958 + (seconds % 8_640_000), rest]);

  it('sorts points by time, whatever their order, and says how far they are apart', () => {
    fc.assert(
      fc.property(fc.uniqueArray(within100Days, { selector: String, minLength: 1, maxLength: 20 }), (times) => {
        const series = seriesOf(pointsAt(times)) as Series;
        const sorted = times.map((at, i) => ({ at: nanoseconds(at), i })).sort((a, b) => (a.at < b.at ? -1 : 1));
        expect([...series.values]).toEqual(sorted.map(({ i }) => i));
        expect(series.length).toBe(times.length);
        sorted.forEach(({ at }, i) => {
          expect(series.offset(i)).toBe(Number(at - (sorted[0]?.at as bigint)) / 1e9);
        });
      }),
    );
  });

  it('is undefined without a point', () => {
    expect(seriesOf([])).toBeUndefined();
  });
});
