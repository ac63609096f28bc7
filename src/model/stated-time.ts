import { instantOf } from './temporal.ts';

/** Times from here on, in seconds since 1970, are refused: nanoseconds of later ones do not fit into OTLP's 64 bits. */
export const LATEST_TIME = 1e10;

/**
 * From here on a number is milliseconds, microseconds or nanoseconds since 1970. Of the years 1973 to 5138 no two of them
 * and of seconds are the same number.
 */
const MILLISECONDS = 1e11;
const MICROSECONDS = 1e14;
const NANOSECONDS = 1e17;

const EXAMPLE = '2026-01-31T12:00:00Z';

/**
 * Returns a time in seconds since 1970, or in words what is wrong with it. It is a number since 1970, in seconds, milli-,
 * micro- or nanoseconds by its size, or ISO 8601 text, which needs `Z` or an offset unless a time zone is given.
 */
export function statedTime(value: unknown, timeZone?: string): number | string {
  if (typeof value === 'number' && !Number.isNaN(value)) {
    return secondsOf(value) ?? 'is no time from 1970 to 2286, in seconds or smaller units';
  }
  const time = typeof value === 'string' ? instantOf(value, timeZone) : undefined;
  if (time) return secondsOf(Number(time.epochNanoseconds) / 1e9) ?? 'is no time from 1970 to 2286';
  const isLocal = typeof value === 'string' && timeZone === undefined && instantOf(value, 'UTC') !== undefined;
  return isLocal
    ? `has no offset from UTC; write it as ${EXAMPLE}, or set \`time_zone\` where it is received`
    : `is neither a number since 1970 nor a time such as ${EXAMPLE}`;
}

/** Returns a number since 1970 in seconds, whatever its unit; undefined where it is below 0 or too late. */
function secondsOf(value: number): number | undefined {
  let seconds = value;
  if (value >= NANOSECONDS) seconds = value / 1e9;
  else if (value >= MICROSECONDS) seconds = value / 1e6;
  else if (value >= MILLISECONDS) seconds = value / 1e3;
  return seconds >= 0 && seconds < LATEST_TIME ? seconds : undefined;
}
