import { secondsBetween, toSeconds } from 'wattline/plugin';
import { type Last, type Point, type Rival, timeOf } from './points.ts';

/**
 * What a step of a counter says of who sends it: it `fell` without a reason, or a start says that another sends it; it has
 * `passed` what it fell from as one that was reset does; it was `reset` again, below all that it had been at; it has
 * `turned` back to values that it had left; or it has done so too many times for one sender (`crossed`).
 */
export type Step = 'fell' | 'passed' | 'reset' | 'turned' | 'crossed';

/**
 * How much of a fall is noise, in joules or core-seconds: Kepler's counters step back by up to 0.7 J, those of CPUs by a few
 * ticks of the kernel.
 */
export const leastNoise = { J: 1, s: 0.05, W: 0, '{cpu}': 0 };
/** The share of a value by which it may fall without a reason: readings out of order, rounding, sums of several sources. */
const NOISE = 0.01;
/** The share of a value by which a sender's next one may be below it: less than by chance two lives of a process are apart. */
const STEADY = 0.001;
/**
 * After how many turns in a row it is known that two senders share a name. Each goes on where it was, while a counter that
 * is reset again and again falls to anywhere: it seems to go on with one chance in two each time.
 */
const TURNS = 10;
/** After how many turns that is known where one of them is beyond what a single sender can do; one may be a bad reading. */
const SURE_TURNS = 2;
/** A counter that was reset passes its old value at no more than that many times the pace that it had since. */
const PACE = 4;

/** Returns whether a value has fallen by more than noise, which is at least so much, in the unit of the value. */
export function isFall(from: number, to: number, least: number): boolean {
  return from - to > Math.max(NOISE * from, least);
}

/** Returns the rival of a counter as far as it counts for a point: after `maxGap` seconds it is gone. */
export function rivalOf({ time }: Pick<Point, 'time'>, last: Last | undefined, maxGap: number): Rival | undefined {
  const rival = last?.[4] ?? undefined;
  return rival && toSeconds(time) - rival.at <= maxGap ? rival : undefined;
}

/** Returns whether a point is one of the rival's rather than the next after the last. */
export function isOfRival({ value }: Point, last: Last, rival: Rival, least: number): boolean {
  const current = last[2];
  // What was beyond the ceiling may be the next of its own, unless the counter has gone on without it.
  if (rival.value - value > Math.max(STEADY * rival.value, least) || toSeconds(timeOf(last)) < rival.at) return false;
  return rival.value > current || isFall(current, value, least);
}

/**
 * Returns whether a counter may have passed the value that it had fallen from, rather than having gone back to that of
 * another sender: it has been about as fast since its fall as now, which takes two points to tell.
 */
export function hasPassed({ time, value }: Point, last: Last, rival: Rival): boolean {
  const { value: left, then, turns = 0 } = rival;
  const current = last[2];
  if (!then || turns > 0 || left <= current || isNextTo(last, rival)) return false;
  const pace = (current - then[1]) / (toSeconds(timeOf(last)) - then[0]);
  return value - current <= PACE * pace * secondsBetween(timeOf(last), time);
}

/** Returns whether the last point is the only one since another sender may have been left. */
export function isNextTo(last: Last, { then }: Rival): boolean {
  return !then || toSeconds(timeOf(last)) <= then[0];
}

/** Returns whether so many turns can only be those of two senders. */
export function isCrossed(turns: number, isSure: boolean): boolean {
  return turns >= (isSure ? SURE_TURNS : TURNS);
}
