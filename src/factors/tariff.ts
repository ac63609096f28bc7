import type { Factor, FactorPeriod, FactorSeries } from '../model/factor.ts';
import { overlapping } from './periods.ts';
import { steadyStretches, yearOf } from './zone-clock.ts';

const SECONDS_PER_DAY = 86_400;

/** The days of a week as bands name them, Sunday first. */
export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** The months of a year as bands name them. */
export const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;

export type Day = (typeof dayNames)[number] | 'weekdays' | 'weekend' | 'holidays';
export type Month = (typeof monthNames)[number];

/** The local times of a band; a key that is left out does not restrict them. Hours that end before they begin go past midnight. */
export interface BandTimes {
  readonly days?: readonly Day[] | undefined;
  readonly months?: readonly Month[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A part of a day in seconds of its clock, and the factor that holds, if one is known. */
interface DayPart {
  readonly from: number;
  readonly to: number;
  readonly factor: Factor | undefined;
}

/** Rates by day, month and hour; of the bands that hold at a time, the first one counts. */
export interface Tariff {
  /** The rate at all other times; undefined where it is not known. */
  readonly default?: number | undefined;
  readonly bands: readonly (BandTimes & { readonly rate: number })[];
  /** Such as `2026-12-25`. */
  readonly holidays: readonly string[];
}

/**
 * The factors of a tariff by the clocks of a time zone: where they skip an hour, an edge within it falls on the skip;
 * where they repeat one, a band holds in both. Unknown before 1970 and after 2099. `factorOf` is called once for each rate.
 */
export function tariffSeries(
  tariff: Tariff,
  timeZone: string,
  factorOf: (rate: number, name: string) => Factor,
): FactorSeries {
  const partsOf = partsByDay(tariff, factorOf);
  const years = new Map<number, readonly FactorPeriod[]>();
  return {
    between(from, to) {
      const periods: FactorPeriod[] = [];
      for (let year = yearOf(from); year <= yearOf(to); year++) {
        const ofYear = years.get(year) ?? periodsOfYear(year, timeZone, partsOf);
        years.set(year, ofYear);
        for (const period of overlapping(ofYear, from, to)) append(periods, period);
      }
      return periods;
    },
  };
}

/** Returns the parts of all days of a year (UTC), cut at its ends and where the clocks are changed. */
function periodsOfYear(year: number, timeZone: string, partsOf: (midnight: number) => DayPart[]): FactorPeriod[] {
  const periods: FactorPeriod[] = [];
  for (const { from, to, offset } of steadyStretches(year, timeZone)) {
    const firstDay = Math.floor((from + offset) / SECONDS_PER_DAY);
    for (let midnight = firstDay * SECONDS_PER_DAY - offset; midnight < to; midnight += SECONDS_PER_DAY) {
      for (const part of partsOf(midnight + offset)) {
        const opens = Math.max(from, midnight + part.from);
        const closes = Math.min(to, midnight + part.to);
        if (part.factor && opens < closes) periods.push({ from: opens, to: closes, factor: part.factor });
      }
    }
  }
  return periods;
}

/** Returns the name of a band, such as `nov,dec/weekdays/07:00-22:00`; no two bands of a tariff share one. */
export function bandName({ months, days, from, to }: BandTimes): string {
  const hours = from || to ? [`${from ?? '00:00'}-${to ?? '24:00'}`] : [];
  return [...(months ? [months.join(',')] : []), ...(days ? [days.join(',')] : []), ...hours].join('/') || 'always';
}

/**
 * Returns what divides the local day that begins at a time (seconds since 1970 by the local clock) by the first band that
 * holds at each time, else by the default rate; the parts together are the whole day.
 */
function partsByDay(
  { bands, holidays, default: rate }: Tariff,
  factorOf: (rate: number, name: string) => Factor,
): (midnight: number) => DayPart[] {
  const priced = bands.map((band) => ({ band, hours: hoursOf(band), factor: factorOf(band.rate, bandName(band)) }));
  const otherwise = rate === undefined ? undefined : factorOf(rate, 'default');
  return (midnight) => {
    const date = new Date(midnight * 1000);
    const isHoliday = holidays.includes(date.toISOString().slice(0, 10));
    const ofDay = priced.filter(({ band }) => appliesOn(band, date, isHoliday));
    const edges = new Set([0, SECONDS_PER_DAY, ...ofDay.flatMap(({ hours }) => hours)]);
    const sorted = [...edges].sort((a, b) => a - b);
    return sorted.slice(1).map((to, index) => {
      const from = sorted[index] as number;
      return { from, to, factor: ofDay.find(({ hours }) => holdsAt(hours, from))?.factor ?? otherwise };
    });
  };
}

/** Adds a period, to the one before it where that is of the same factor and ends where this begins. */
function append(periods: FactorPeriod[], period: FactorPeriod): void {
  const before = periods.at(-1);
  if (before?.factor === period.factor && before.to === period.from) {
    periods[periods.length - 1] = { ...before, to: period.to };
  } else periods.push(period);
}

/** A holiday is none of Monday to Friday; a Saturday or Sunday it stays. */
function appliesOn({ days, months }: BandTimes, date: Date, isHoliday: boolean): boolean {
  if (months && !months.includes(monthNames[date.getUTCMonth()] as Month)) return false;
  if (!days) return true;
  if (isHoliday && days.includes('holidays')) return true;
  const weekday = date.getUTCDay();
  const isWeekend = weekday === 0 || weekday === 6;
  if (isHoliday && !isWeekend) return false;
  return days.includes(isWeekend ? 'weekend' : 'weekdays') || days.includes(dayNames[weekday] as Day);
}

function holdsAt([from, to]: readonly [from: number, to: number], second: number): boolean {
  return from < to ? from <= second && second < to : from <= second || second < to;
}

function hoursOf({ from = '00:00', to = '24:00' }: BandTimes): readonly [from: number, to: number] {
  return [secondOf(from), secondOf(to)];
}

function secondOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number) as [number, number];
  return (hours * 60 + minutes) * 60;
}
