import type { Temporal } from 'temporal-polyfill';
import { temporal } from '../model/temporal.ts';
import type { Stretch } from './periods.ts';

/** A time without a clock change in a zone: local time is UTC plus `offset` seconds. */
export interface SteadyStretch extends Stretch {
  readonly offset: number;
}

/** The start of the last year, in seconds since 1970; later clock changes are not known, and earlier years not needed. */
const LAST_YEAR = startOf(2099);

/** Returns the stretches of a year (UTC) between the changes of a zone's clocks, in order. */
export function steadyStretches(year: number, timeZone: string): SteadyStretch[] {
  const end = startOf(year + 1);
  const stretches: SteadyStretch[] = [];
  const begin = temporal().Instant.fromEpochMilliseconds(startOf(year) * 1000);
  let at: Temporal.ZonedDateTime | null = begin.toZonedDateTimeISO(timeZone);
  while (at && secondsOf(at) < end) {
    const next: Temporal.ZonedDateTime | null = at.getTimeZoneTransition('next');
    const to = next ? Math.min(end, secondsOf(next)) : end;
    stretches.push({ from: secondsOf(at), to, offset: at.offsetNanoseconds / 1e9 });
    at = next;
  }
  return stretches;
}

/** Returns the year of a time in UTC, or the nearest year from 1970 to 2099. */
export function yearOf(time: number): number {
  return new Date(Math.max(0, Math.min(time, LAST_YEAR)) * 1000).getUTCFullYear();
}

function secondsOf(time: Temporal.ZonedDateTime): number {
  return time.epochMilliseconds / 1000;
}

function startOf(year: number): number {
  return Date.UTC(year, 0, 1) / 1000;
}
