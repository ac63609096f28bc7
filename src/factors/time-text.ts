import { temporal } from './temporal.ts';

/** What a text must be to name a time. */
export const TIME_WANTED =
  'expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00';

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/**
 * The time that an ISO 8601 text names, in seconds since 1970: a date is its first moment in the time zone. Undefined
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

/** Whether a text is a day of the calendar, such as `2026-12-25`. */
export function isDate(text: string): boolean {
  return DATE.test(text) && readTime(text, 'UTC') !== undefined;
}

/** Whether a text is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined;
  } catch {
    return false;
  }
}
