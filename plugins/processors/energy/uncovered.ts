import { eachSegment } from 'wattline/figures';
import { type Integrated, Series } from 'wattline/plugin';

/** A stretch of time, in seconds from the start of a series. */
export type Stretch = readonly [from: number, to: number];

/** Less than that, in seconds, is the rounding of a time since 1970. */
export const ROUNDING = 1e-6;

/** The stretches between `opens` and `closes`, in seconds from the start of its series, that a signal was not measured in. */
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

/** How many seconds all stretches have together. */
export function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, [from, to]) => sum + (to - from), 0);
}

/** One value over all of the stretches, as samples of intervals from the same start; undefined where there is none. */
export function constantOver(stretches: readonly Stretch[], value: number, { start }: Series): Series | undefined {
  if (stretches.length === 0) return undefined;
  const values = stretches.flatMap(() => [value, Number.NaN]);
  return Series.irregular(start, Float64Array.from(stretches.flat()), Float64Array.from(values));
}
