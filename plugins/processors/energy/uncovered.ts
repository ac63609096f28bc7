import { eachSegment } from 'wattline/figures';
import { type Integrated, Series } from 'wattline/plugin';

/** A stretch of time, in seconds from the start of a series. */
export type Stretch = readonly [from: number, to: number];

/** A shorter time, in seconds, is the rounding of times since 1970. */
export const ROUNDING = 1e-6;

/** Returns the stretches from `opens` to `closes`, in seconds from the start of the series, in which it was not measured. */
export function uncovered({ series, sampling, duration }: Integrated, opens: number, closes: number): Stretch[] {
  const stretches: Stretch[] = [];
  let known = opens;
  const leave = (until: number) => {
    if (until - known > ROUNDING) stretches.push([known, until]);
  };
  eachSegment(series, sampling, duration, (from, _, to) => {
    leave(Math.min(from, closes));
    known = Math.max(known, to);
  });
  leave(closes);
  return stretches;
}

/** Returns the seconds of all stretches together. */
export function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, [from, to]) => sum + (to - from), 0);
}

/** Returns one value over all stretches, as samples of intervals from the start of a series. */
export function constantOver(stretches: readonly Stretch[], value: number, { start }: Series): Series {
  const values = stretches.flatMap(() => [value, Number.NaN]);
  return Series.irregular(start, Float64Array.from(stretches.flat()), Float64Array.from(values));
}
