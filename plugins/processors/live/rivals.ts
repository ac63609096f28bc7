import { secondsBetween, toSeconds } from 'wattline/plugin';
import { type Last, type Point, type Rival, timeOf } from './points.ts';

/**
 * What a step of a counter says of who sends it: it `fell` without a reason, or a start says that another sends it; it has
 * `passed` what it fell from as one that was reset does; it is back there at once (`returned`), or has gone back and forth
 * (`crossed`), as no counter of one sender does.
 */
export type Step = 'fell' | 'passed' | 'returned' | 'crossed';

/** The share of a value by which it may fall without a reason: readings out of order, rounding, sums of several sources. */
const NOISE = 0.01;
/** A counter that was reset passes its old value at no more than that many times the pace that it had since. */
const PACE = 4;

/** Returns whether a value has fallen by more than noise, which is at least so much, in the unit of the value. */
export function isFall(from: number, to: number, least: number): boolean {
  return from - to > Math.max(NOISE * from, least);
}

/** Returns the rival of a counter as far as it counts for a point: after `maxGap` seconds it is gone. */
export function rivalOf({ time }: Point, last: Last | undefined, maxGap: number): Rival | undefined {
  const rival = last?.[4] ?? undefined;
  return rival && toSeconds(time) - rival.at <= maxGap ? rival : undefined;
}

/** Returns whether a point is one of the rival's rather than the next after the last. */
export function isOfRival({ value }: Point, last: Last, rival: Rival, least: number): boolean {
  const current = last[2];
  // What was beyond the ceiling may be the next of its own, unless the counter has gone on without it.
  if (isFall(rival.value, value, least) || toSeconds(timeOf(last)) < rival.at) return false;
  return rival.value > current || isFall(current, value, least);
}

/**
 * Returns whether a counter may have passed the value that it had fallen from, rather than having gone back to that of
 * another sender: it has been about as fast since its fall as now. Where it fell just before, it must have fallen far.
 */
export function hasPassed({ time, value }: Point, last: Last, { at, value: left, then }: Rival): boolean {
  const current = last[2];
  const known = toSeconds(timeOf(last));
  const isNext = !then || known <= then[0];
  if (left <= current || (isNext && current >= left / 2)) return false;
  const pace = isNext ? current / (known - at) : (current - then[1]) / (known - then[0]);
  return value - current <= PACE * pace * secondsBetween(timeOf(last), time);
}
