import type { HrTime } from '@opentelemetry/api';

const NANOSECONDS = 1e9;

/** Seconds since 1970 as the SDK's `[seconds, nanoseconds]`. */
export function toHrTime(seconds: number): HrTime {
  const whole = Math.floor(seconds);
  const nanoseconds = Math.round((seconds - whole) * NANOSECONDS);
  return nanoseconds === NANOSECONDS ? [whole + 1, 0] : [whole, nanoseconds];
}

/** Seconds since 1970; exact to 0.2 µs. */
export function toSeconds([seconds, nanoseconds]: HrTime): number {
  return seconds + nanoseconds / NANOSECONDS;
}

/** Seconds from `from` to `to`, exact to the nanosecond over spans of up to 100 days. */
export function secondsBetween(from: HrTime, to: HrTime): number {
  return ((to[0] - from[0]) * NANOSECONDS + (to[1] - from[1])) / NANOSECONDS;
}

/** That many seconds after a time, exact to the nanosecond. */
export function addSeconds(start: HrTime, seconds: number): HrTime {
  const whole = Math.floor(seconds);
  const nanoseconds = start[1] + Math.round((seconds - whole) * NANOSECONDS);
  const carry = Math.floor(nanoseconds / NANOSECONDS);
  return [start[0] + whole + carry, nanoseconds - carry * NANOSECONDS];
}
