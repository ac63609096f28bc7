import type { HrTime } from '@opentelemetry/api';

/** A value of one meter at a time; of a counter also since when it counts, where that is known. */
export interface Point {
  readonly time: HrTime;
  readonly value: number;
  readonly start: HrTime | undefined;
}

/**
 * The point of a meter up to which everything has been counted: seconds and nanoseconds since 1970, and the value, which
 * is the highest since the counter began. Where later points could not be counted also when the first of these came, in
 * seconds since 1970; where it may have two senders what the other one was at; and when its senders began, in seconds
 * since 1970, the latest first.
 */
export type Last = readonly [
  seconds: number,
  nanoseconds: number,
  value: number,
  doubtedSince?: number | null,
  rival?: Rival | null,
  starts?: readonly number[],
];

/** The values that a counter has fallen from or left, which may be those of a second sender under the same name. */
export interface Rival {
  /** When it was there last, in seconds since 1970. */
  readonly at: number;
  readonly value: number;
  /** The first point after that: when, in seconds since 1970, and its value. */
  readonly then?: readonly [at: number, value: number];
  /** Whether the counter has gone back to values that it had left before. */
  readonly isBack?: true;
  /** Whether it may have overflowed there. */
  readonly isWrap?: true;
  /** Whether it has only been seen there, by a step that was beyond its ceiling. */
  readonly isSeen?: true;
}

/** Returns the time of the last point. */
export function timeOf([seconds, nanoseconds]: readonly [seconds: number, nanoseconds: number, ...unknown[]]): HrTime {
  return [seconds, nanoseconds];
}
