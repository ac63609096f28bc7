import { createRequire } from 'node:module';
import type * as polyfill from 'temporal-polyfill';

const load = createRequire(import.meta.url);

/** Returns the calendar of `Temporal`, loaded at the first call, since most configurations name no time. */
export function temporal(): typeof polyfill.Temporal {
  return (load('temporal-polyfill') as typeof polyfill).Temporal;
}

/** The message where a text is not a time. */
export const TIME_WANTED =
  'expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * Returns the time of an ISO 8601 text, in seconds since 1970: a date is its first moment in the time zone. Undefined
 * where the text is neither a date nor a time with `Z` or an offset.
 */
export function readTime(text: string, timeZone: string): number | undefined {
  const { Instant, PlainDate } = temporal();
  try {
    const time = DATE.test(text) ? PlainDate.from(text).toZonedDateTime(timeZone) : Instant.from(text);
    return time.epochMilliseconds / 1000;
  } catch {
    return undefined;
  }
}

/** Returns whether a text is a day of the calendar, such as `2026-12-25`. */
export function isDate(text: string): boolean {
  return DATE.test(text) && readTime(text, 'UTC') !== undefined;
}

/** Returns whether a text is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined;
  } catch {
    return false;
  }
}
