import type { HrTime } from '@opentelemetry/api';
import type { Origin } from 'wattline/figures';
import { secondsBetween, toSeconds } from 'wattline/plugin';
import { type Ceiling, mostWithin } from './ceilings.ts';

/** A value of one meter at a time; of a counter also since when it counts, where that is known. */
export interface Point {
  readonly time: HrTime;
  readonly value: number;
  readonly start: HrTime | undefined;
}

/**
 * The point of a meter up to which everything has been counted: seconds and nanoseconds since 1970, and the value, which
 * is the highest since the counter began. Where later points could not be counted also when the first of these came, in
 * seconds since 1970.
 */
export type Last = readonly [seconds: number, nanoseconds: number, value: number, doubtedSince?: number];

/** What is known of a counter beside its points. */
export interface CounterRules {
  readonly origin: Origin;
  /** The amounts, ascending, by which it may fall when its register overflows. */
  readonly ranges: readonly number[];
  readonly ceiling: Ceiling;
  /** How long it may stay where it cannot be counted until counting begins anew from there, in seconds. */
  readonly maxGap: number;
  /** A counter that began after this time, in seconds since 1970, is counted from its start. */
  readonly countedFrom: number;
}

/** Why a point that came in its turn is not counted. */
export type Doubt = 'beyond_ceiling' | 'unexplained_fall';

/**
 * What a counter's new point comes to. `counts`: what was used since a time. `begins`: nothing, and counting goes on from
 * there. `waits`: nothing yet, since the next point will tell. A reason is given where somebody should know.
 */
export type Verdict =
  | { readonly kind: 'counts'; readonly from: HrTime; readonly amount: number; readonly isReset: boolean }
  | { readonly kind: 'begins' | 'waits'; readonly reason?: Doubt };

/** The share of a value by which it may fall without a reason: readings out of order, rounding, sums of several sources. */
const NOISE = 0.01;

/** Returns what a counter's point comes to, which must be after the last one. */
export function judge(point: Point, last: Last | undefined, rules: CounterRules): Verdict {
  const { time, value } = point;
  const { origin, ceiling, maxGap } = rules;
  const known = last && timeOf(last);
  const begun = beganAfter(known, point, ceiling);
  if (!last || !known) {
    const isWhole = begun && origin === 'process' && toSeconds(begun) > rules.countedFrom;
    return isWhole ? { kind: 'counts', from: begun, amount: value, isReset: false } : { kind: 'begins' };
  }
  const [, , highest, doubtedSince] = last;
  const most = mostWithin(ceiling, secondsBetween(known, time));
  const isDoubtedLong = doubtedSince !== undefined && toSeconds(time) - doubtedSince > maxGap;
  const count = (amount: number): Verdict => ({ kind: 'counts', from: known, amount, isReset: false });
  const reset = (): Verdict => ({ kind: 'counts', from: begun ?? known, amount: value, isReset: true });

  if (begun && origin === 'process') return reset();
  if (value >= highest) {
    if (value - highest <= most) return count(value - highest);
    return { kind: isDoubtedLong ? 'begins' : 'waits', reason: 'beyond_ceiling' };
  }
  const fall = highest - value;
  if (fall <= NOISE * highest)
    return isDoubtedLong ? { kind: 'begins', reason: 'unexplained_fall' } : { kind: 'waits' };
  // After a longer silence it cannot be told whether the register overflowed once, or the machine was booted.
  const range = secondsBetween(known, time) <= maxGap ? rules.ranges.find((one) => one >= fall) : undefined;
  if (range !== undefined && range - fall <= most) return count(range - fall);
  return value <= most ? reset() : { kind: 'begins', reason: 'unexplained_fall' };
}

/** Says why a point is not counted, as the rest of a sentence about its metric. */
export function describeDoubt(doubt: Doubt, { ceiling }: CounterRules): string {
  return doubt === 'beyond_ceiling'
    ? `has risen by more than its meter can measure (${ceiling.rate} a second), which is not counted`
    : 'has fallen to what cannot have been used since; it is counted from there';
}

/** Returns the time of the last point. */
export function timeOf([seconds, nanoseconds]: Last): HrTime {
  return [seconds, nanoseconds];
}

/** The start of a point where it lies after the last one, and what was counted since can have been used since. */
function beganAfter(known: HrTime | undefined, { start, time, value }: Point, ceiling: Ceiling): HrTime | undefined {
  if (!start || (known && secondsBetween(known, start) <= 0)) return undefined;
  const seconds = secondsBetween(start, time);
  return seconds > 0 && value <= mostWithin(ceiling, seconds) ? start : undefined;
}
