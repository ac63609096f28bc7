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
 * since 1970, the latest first. Of a delta when its intervals last overlapped, and when the last one began. Of
 * a gauge what stands for the address that it came from, where that is known.
 */
export type Last = readonly [
  seconds: number,
  nanoseconds: number,
  value: number,
  doubtedSince?: number | null,
  rival?: Rival | null,
  starts?: readonly number[],
  witness?: string,
];

/** The values that a counter has fallen from or left, which may be those of a second sender under the same name. */
export interface Rival {
  /** When it was there last, in seconds since 1970. */
  readonly at: number;
  readonly value: number;
  /** The first point after that: when, in seconds since 1970, and its value. */
  readonly then?: readonly [at: number, value: number];
  /** How many times in a row the counter has gone back to values that it had left. */
  readonly turns?: number;
  /** Whether one of these turns cannot have been made by a single sender. */
  readonly isSure?: true;
  /** The witness of the sender that was there, of a gauge. */
  readonly witness?: string | undefined;
  /** How surely its levels are above or below those of the other, of a gauge. */
  readonly score?: number;
  /** How many seconds after the point before it came, of a gauge. */
  readonly width?: number;
  /** Whether it may have overflowed there. */
  readonly isWrap?: true;
}

/** Returns the time of the last point. */
export function timeOf([seconds, nanoseconds]: readonly [seconds: number, nanoseconds: number, ...unknown[]]): HrTime {
  return [seconds, nanoseconds];
}
