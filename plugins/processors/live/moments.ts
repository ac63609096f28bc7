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

/** Returns the times of the earliest and the latest point of meters, which have at least one. */
export function spanOf(meters: Meters): [first: HrTime, last: HrTime] {
  let span: [HrTime, HrTime] | undefined;
  for (const points of meters.values()) {
    for (const { time } of points) {
      span ??= [time, time];
      if (secondsBetween(time, span[0]) > 0) span[0] = time;
      if (secondsBetween(span[1], time) > 0) span[1] = time;
    }
  }
  return span as [HrTime, HrTime];
}
