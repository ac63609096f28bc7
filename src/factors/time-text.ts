import { instantOf } from '../model/temporal.ts';

/** The message where a text is not a time. */
export const TIME_WANTED =
  'expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Returns the time of an ISO 8601 text, in seconds since 1970: a date is its first moment in the time zone. Undefined
 * where the text is neither a date nor a time with `Z` or an offset.
 */
export function readTime(text: string, timeZone: string): number | undefined {
  const time = instantOf(text, DATE.test(text) ? timeZone : undefined);
  return time && time.epochMilliseconds / 1000;
}

/** Returns whether a text is a day of the calendar, such as `2026-12-25`. */
export function isDate(text: string): boolean {
  return DATE.test(text) && readTime(text, 'UTC') !== undefined;
}
