import type { Times } from './sample-times.ts';
import type { SeriesLabels } from './series-labels.ts';

/** A value of a series, which is finite, and its time in milliseconds since 1970. */
export interface Point {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly time: number;
  readonly value: number;
}

/** At least one value of a series, each at its time in milliseconds since 1970; all values are finite. */
export interface PointSeries {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly times: Times;
  readonly values: ArrayLike<number>;
}

/** The oldest and the newest time among points, in milliseconds since 1970; undefined where there is none. */
export function timeSpan(
  points: readonly Point[],
  series: readonly PointSeries[],
): { oldest: number; newest: number } | undefined {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { time } of points) {
    if (time < oldest) oldest = time;
    if (time > newest) newest = time;
  }
  for (const { times } of series) {
    for (let i = 0; i < times.length; i++) {
      const time = times.at(i) as number;
      if (time < oldest) oldest = time;
      if (time > newest) newest = time;
    }
  }
  return newest < oldest ? undefined : { oldest, newest };
}
