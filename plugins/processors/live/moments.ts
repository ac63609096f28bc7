import type { HrTime } from '@opentelemetry/api';
import { secondsBetween } from 'wattline/plugin';
import type { Point } from './points.ts';

/** Points of meters, by what tells the meters apart. */
export type Meters = Map<string, Point[]>;

/**
 * Parts the points of meters by their times, in order, so that a request with several points of a meter comes to the same as
 * a request for each. Mostly every meter has one point, and they are not parted.
 */
export function byTime(meters: Meters): readonly Meters[] {
  if ([...meters.values()].every(({ length }) => length === 1)) return [meters];
  const points = [...meters].flatMap(([source, own]) => own.map((point) => ({ source, point })));
  const moments = Map.groupBy(points, ({ point: { time } }) => time.join(' '));
  const inOrder = [...moments.values()].sort(([a], [b]) =>
    secondsBetween(b?.point.time as HrTime, a?.point.time as HrTime),
  );
  return inOrder.map((moment) => {
    const sources = Map.groupBy(moment, ({ source }) => source);
    return new Map([...sources].map(([source, own]) => [source, own.map(({ point }) => point)]));
  });
}

/** Returns the earliest and the latest of some times, of which there is at least one. */
export function spanOf(times: readonly HrTime[]): [first: HrTime, last: HrTime] {
  let [first, last] = [times[0] as HrTime, times[0] as HrTime];
  for (const time of times) {
    // Mostly all points of a request have one time.
    if (time === first || time === last) continue;
    if (secondsBetween(time, first) > 0) first = time;
    if (secondsBetween(last, time) > 0) last = time;
  }
  return [first, last];
}

/** Returns whether two times are the same. */
export function isSameTime(a: HrTime, b: HrTime): boolean {
  return a === b || (a[0] === b[0] && a[1] === b[1]);
}
