import type { RunFacts, Sampling } from 'wattline/plugin';

/** The maximum number of points in an answer of Prometheus. */
const POINTS_A_REQUEST = 11_000;
/** The maximum number of points of one run, in 100 requests. */
export const MOST_POINTS = 100 * POINTS_A_REQUEST;

/** The start and end of a run in whole milliseconds since 1970. */
export interface RunTime {
  readonly start: number;
  readonly end: number;
}

/** The points of a query: `count` of them, `step` milliseconds apart, the first at `first`. */
export interface Grid {
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Returns the time of a run: from start and end, or one of them and the duration; undefined where unknown. */
export function runTimeOf(run: Pick<RunFacts, 'startTime' | 'endTime' | 'statedDuration'>): RunTime | undefined {
  const duration = run.statedDuration;
  let { startTime: start, endTime: end } = run;
  if (duration !== undefined) {
    start ??= end === undefined ? undefined : end - duration;
    end ??= start === undefined ? undefined : start + duration;
  }
  if (start === undefined || end === undefined) return undefined;
  const time = { start: Math.round(start * 1000), end: Math.round(end * 1000) };
  return time.end > time.start ? time : undefined;
}

/**
 * Divides a run into as many equal steps of at least `step` milliseconds as fit, so that less than a millisecond per step
 * is left out at its end. Points of intervals are at the ends of the steps, since rates look back; instants have one more
 * at the start.
 */
export function gridOf({ start, end }: RunTime, step: number, sampling: Sampling): Grid {
  const steps = Math.max(1, Math.floor((end - start) / step));
  const length = Math.floor((end - start) / steps);
  return sampling === 'interval'
    ? { first: start + length, step: length, count: steps }
    : { first: start, step: length, count: steps + 1 };
}

/** Splits a grid into grids that are small enough for one request each, in order. */
export function requestsOf({ first, step, count }: Grid): Grid[] {
  return Array.from({ length: Math.ceil(count / POINTS_A_REQUEST) }, (_, index) => {
    const before = index * POINTS_A_REQUEST;
    return { first: first + before * step, step, count: Math.min(POINTS_A_REQUEST, count - before) };
  });
}
