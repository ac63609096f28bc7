import type { Temporal } from 'temporal-polyfill';
import { temporal } from '../model/temporal.ts';
import type { Stretch } from './periods.ts';

/** A time without a clock change in a zone: local time is UTC plus `offset` seconds. */
export interface SteadyStretch extends Stretch {
  readonly offset: number;
}

const SECONDS_PER_DAY = 86_400;

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

/**
 * Returns what finds the times at which the clocks of a zone show a local time, in seconds since 1970 as if it were UTC:
 * none where they skip it, two in their order where they repeat it, none before 1970 and after 2099.
 */
export function clockTimes(timeZone: string): (clock: number) => number[] {
  const years = new Map<number, readonly SteadyStretch[]>();
  const stretchesOf = (year: number) => {
    const known = years.get(year) ?? steadyStretches(year, timeZone);
    years.set(year, known);
    return known;
  };
  return (clock) => {
    const times: number[] = [];
    // No clock is a day away from UTC.
    const last = yearOf(clock + SECONDS_PER_DAY);
    for (let year = yearOf(clock - SECONDS_PER_DAY); year <= last; year++) {
      for (const { from, to, offset } of stretchesOf(year)) {
        const time = clock - offset;
        if (from <= time && time < to) times.push(time);
      }
    }
    return times;
  };
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
