import type { HrTime } from '@opentelemetry/api';
import { secondsBetween } from 'wattline/plugin';

/** A value of one meter at a time; of a counter also since when it counts, where that is known. */
export interface Point {
  readonly time: HrTime;
  readonly value: number;
  readonly start: HrTime | undefined;
}

/** How values are to be read: as a level, as a count since some start, or as what came since the point before. */
export type Form = 'gauge' | 'counter' | 'delta';

/** The point of a meter up to which everything has been counted: seconds and nanoseconds since 1970, and the value. */
export type Last = readonly [seconds: number, nanoseconds: number, value: number];

/** What was used over a stretch of time: joules or core-seconds, at an even rate. */
export interface Increment {
  readonly from: HrTime;
  readonly to: HrTime;
  readonly amount: number;
}

/** What the points of one meter came to. */
export interface Advanced {
  readonly increments: readonly Increment[];
  readonly last: Last | undefined;
  /** How many points were not after the last one. */
  readonly late: number;
  readonly resets: number;
  /** The gaps of a gauge that were too wide, in seconds. */
  readonly gaps: readonly number[];
}

/**
 * Takes the points of a meter beyond its last one. A gauge's level runs straight from point to point, whose integral is
 * that of the trapezoidal rule, unless they are more than `maxGap` seconds apart. A counter that has decreased, or that
 * counts from a start after its last point, has begun at 0 again: its value is the increment (OpenTelemetry data model,
 * resets and gaps; Prometheus's `increase`).
 */
export function advance(points: readonly Point[], form: Form, before: Last | undefined, maxGap: number): Advanced {
  const increments: Increment[] = [];
  const gaps: number[] = [];
  let late = 0;
  let resets = 0;
  let last = before;
  for (const point of [...points].sort((a, b) => secondsBetween(b.time, a.time))) {
    const { time, value } = point;
    const known = last && timeOf(last);
    if (known && secondsBetween(known, time) <= 0) {
      late++;
      continue;
    }
    const begun = beganWithin(point, known);
    if (form === 'delta') {
      const from = point.start && secondsBetween(point.start, time) > 0 ? point.start : known;
      const whole = from ? [{ from, to: time, amount: value }] : [];
      increments.push(...(known ? after(known, whole) : whole));
    } else if (last && known && form === 'counter') {
      const isReset = begun !== undefined || value < last[2];
      if (isReset) resets++;
      increments.push({ from: begun ?? known, to: time, amount: isReset ? value : value - last[2] });
    } else if (last && known) {
      const width = secondsBetween(known, time);
      if (width > maxGap) gaps.push(width);
      else increments.push({ from: known, to: time, amount: ((last[2] + value) / 2) * width });
    }
    last = [time[0], time[1], value];
  }
  return { increments, last, late, resets, gaps };
}

/** The increments as far as they lie after a time; of one that lies on both sides its share. */
export function after(floor: HrTime, increments: readonly Increment[]): Increment[] {
  return increments.flatMap((increment) => {
    const { from, to, amount } = increment;
    const left = secondsBetween(floor, to);
    if (left <= 0) return [];
    const width = secondsBetween(from, to);
    return left >= width ? [increment] : [{ from: floor, to, amount: amount * (left / width) }];
  });
}

/** Returns the time of the last point. */
export function timeOf([seconds, nanoseconds]: Last): HrTime {
  return [seconds, nanoseconds];
}

/** The start of a counter's point, where it lies between the point before and this one. */
function beganWithin({ start, time }: Point, known: HrTime | undefined): HrTime | undefined {
  if (!start || !known || secondsBetween(known, start) <= 0) return undefined;
  return secondsBetween(start, time) > 0 ? start : undefined;
}
