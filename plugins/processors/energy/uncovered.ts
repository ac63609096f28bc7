import { eachSegment } from 'wattline/figures';
import { type Integrated, Series } from 'wattline/plugin';

/** A stretch of time, in seconds from the start of a series. */
export type Stretch = readonly [from: number, to: number];

/** A shorter time, in seconds, is the rounding of times since 1970. */
const ROUNDING = 1e-6;

/** Returns the stretches from `opens` to `closes`, in seconds from the start of the series, in which it was not measured. */
export function uncovered({ series, sampling, duration }: Integrated, opens: number, closes: number): Stretch[] {
  const stretches: Stretch[] = [];
  if (isWholeRun(series)) return stretches;
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

/**
 * Returns when a run took place within the window from `opens` to `closes`, where it says that it took another time than
 * that, such as since it waited at first: its duration from the start on, or up to the end where its samples are from there.
 */
export function placeIn({ series, sampling }: Integrated, opens: number, closes: number, duration: number): Stretch {
  if (Math.abs(closes - opens - duration) <= ROUNDING) return [opens, closes];
  const isLate = series.end(sampling) > opens + duration + ROUNDING && series.offset(0) >= closes - duration - ROUNDING;
  return isLate ? [closes - duration, closes] : [opens, opens + duration];
}

/** Returns for how many of the seconds that were measured it was not between `opens` and `closes`. */
export function outside(measured: Integrated, opens: number, closes: number): number {
  const { series, sampling, duration } = measured;
  if (isWholeRun(series)) return 0;
  if (series.offset(0) >= opens - ROUNDING && series.end(sampling) <= closes + ROUNDING) return 0;
  let seconds = 0;
  eachSegment(series, sampling, duration, (from, _, to) => {
    seconds += to - from - Math.max(0, Math.min(to, closes) - Math.max(from, opens));
  });
  return seconds;
}

/** Returns whether a series is a single sample that stands for its run, whenever it was taken. */
function isWholeRun({ length, step }: Series): boolean {
  return length === 1 && step === undefined;
}

/** Returns the seconds of all stretches together. */
export function lengthOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, [from, to]) => sum + (to - from), 0);
}

/** Returns one value over all stretches, as samples of intervals from the start of a series. */
export function constantOver(stretches: readonly Stretch[], value: number, { start }: Series): Series {
  const values = stretches.flatMap(() => [value, Number.NaN]);
  return Series.held(start, Float64Array.from(stretches.flat()), Float64Array.from(values));
}
