import type { Temporal } from 'temporal-polyfill';
import { overlapping, type Stretch } from './periods.ts';
import { temporal } from './temporal.ts';

/** A time over which the clocks of a zone are not changed: local time is UTC plus `offset` seconds. */
export interface SteadyStretch extends Stretch {
  readonly offset: number;
}

/** Clock changes before are of no use here, and those after nobody knows. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2099;

/** The clocks of a time zone, across daylight saving and other changes of its offset, from 1970 to 2099. */
export class ZoneClock {
  readonly #timeZone: string;
  readonly #years = new Map<number, readonly SteadyStretch[]>();

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  /** The stretches that overlap the time from `from` to `to`, in order; one that outlasts a year (UTC) comes in pieces. */
  between(from: number, to: number): readonly SteadyStretch[] {
    const stretches: SteadyStretch[] = [];
    const last = yearOf(to);
    for (let year = yearOf(from); year <= last; year++)
      stretches.push(...overlapping(this.#stretchesOf(year), from, to));
    return stretches;
  }

  #stretchesOf(year: number): readonly SteadyStretch[] {
    const known = this.#years.get(year);
    if (known) return known;
    const stretches = findStretches(year, this.#timeZone);
    this.#years.set(year, stretches);
    return stretches;
  }
}

function findStretches(year: number, timeZone: string): SteadyStretch[] {
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

function secondsOf(time: Temporal.ZonedDateTime): number {
  return time.epochMilliseconds / 1000;
}

function startOf(year: number): number {
  return Date.UTC(year, 0, 1) / 1000;
}

/** The year of a time in UTC, or the known one that is nearest. */
function yearOf(time: number): number {
  if (time < startOf(FIRST_YEAR)) return FIRST_YEAR;
  return time < startOf(LAST_YEAR) ? new Date(time * 1000).getUTCFullYear() : LAST_YEAR;
}
