import { createRequire } from 'node:module';
import type * as polyfill from 'temporal-polyfill';

const load = createRequire(import.meta.url);

/** Returns the calendar of `Temporal`, loaded at the first call, since most configurations and runs name no time in words. */
export function temporal(): typeof polyfill.Temporal {
  return (load('temporal-polyfill') as typeof polyfill).Temporal;
}

/** Texts without these are not tried, since what throws takes as long as many that are read. */
const YEAR = /^[+-]?\d{4}/;
const OFFSET = /[Tt ]\S*(?:[Zz]|[+-]\d)/;

/**
 * Returns the moment that an ISO 8601 text states with `Z` or an offset, and that a date or a time without either states in
 * the time zone, where one is given; undefined where the text is neither. An hour that comes twice is the first of the two.
 */
export function instantOf(text: string, timeZone?: string): polyfill.Temporal.Instant | undefined {
  if (!YEAR.test(text)) return undefined;
  const { Instant, PlainDateTime } = temporal();
  if (OFFSET.test(text)) return attempt(() => Instant.from(text));
  // A zone in brackets would be passed over in silence.
  if (timeZone === undefined || text.includes('[')) return undefined;
  return attempt(() => PlainDateTime.from(text).toZonedDateTime(timeZone).toInstant());
}

/** Returns whether a text is the name of a time zone, such as `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  return attempt(() => new Intl.DateTimeFormat('en', { timeZone: text })) !== undefined;
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
