import type { Factor, FactorPeriod, FactorSeries } from '../model/factor.ts';
import { overlaps } from './periods.ts';
import { ZoneClock } from './zone-clock.ts';

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

/** The kind of a day, by which bands apply. */
interface DayKind {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 is January. */
  readonly month: number;
  readonly isHoliday: boolean;
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
  const clock = new ZoneClock(timeZone);
  const partsOf = partsByDay(tariff, factorOf);
  return {
    between(from, to) {
      const periods: FactorPeriod[] = [];
      for (const stretch of clock.between(from, to)) {
        const first = dayOf(Math.max(from, stretch.from) + stretch.offset);
        const last = dayOf(Math.min(to, stretch.to) + stretch.offset);
        for (let day = first; day <= last; day++) {
          const midnight = day * SECONDS_PER_DAY - stretch.offset;
          for (const part of partsOf(day)) {
            const opens = Math.max(stretch.from, midnight + part.from);
            const closes = Math.min(stretch.to, midnight + part.to);
            if (part.factor && opens < closes) append(periods, { from: opens, to: closes, factor: part.factor });
          }
        }
      }
      return periods.filter((period) => overlaps(period, from, to));
    },
  };
}

/** Returns the name of a band, such as `nov,dec/weekdays/07:00-22:00`; no two bands of a tariff share one. */
export function bandName({ months, days, from, to }: BandTimes): string {
  const hours = from || to ? [`${from ?? '00:00'}-${to ?? '24:00'}`] : [];
  return [...(months ? [months.join(',')] : []), ...(days ? [days.join(',')] : []), ...hours].join('/') || 'always';
}

/** The parts of a local day, by its number since 1970. Days of one kind share them: there are 168 kinds at most. */
function partsByDay(
  { bands, holidays, default: rate }: Tariff,
  factorOf: (rate: number, name: string) => Factor,
): (day: number) => readonly DayPart[] {
  const withFactors = bands.map((band) => ({ ...band, factor: factorOf(band.rate, bandName(band)) }));
  const otherwise = rate === undefined ? undefined : factorOf(rate, 'default');
  const free = new Set(holidays.map((date) => dayOf(Date.parse(date) / 1000)));
  const known = new Map<number, readonly DayPart[]>();
  return (day) => {
    const date = new Date(day * SECONDS_PER_DAY * 1000);
    const kind = { weekday: date.getUTCDay(), month: date.getUTCMonth(), isHoliday: free.has(day) };
    const key = (kind.month * 7 + kind.weekday) * 2 + Number(kind.isHoliday);
    const parts = known.get(key) ?? dayParts(kind, withFactors, otherwise);
    known.set(key, parts);
    return parts;
  };
}

/** Adds a period, to the one before it where that is of the same factor and ends where this begins. */
function append(periods: FactorPeriod[], period: FactorPeriod): void {
  const before = periods.at(-1);
  if (before?.factor === period.factor && before.to === period.from) {
    periods[periods.length - 1] = { ...before, to: period.to };
  } else periods.push(period);
}

function dayOf(second: number): number {
  return Math.floor(second / SECONDS_PER_DAY);
}

/** Returns the parts of a day by the first band that holds at each time, else by `otherwise`; together they are the whole day. */
function dayParts(
  kind: DayKind,
  bands: readonly (BandTimes & { readonly factor: Factor })[],
  otherwise: Factor | undefined,
): DayPart[] {
  const ofDay = bands.filter((band) => appliesOn(band, kind));
  const edges = new Set([0, SECONDS_PER_DAY]);
  for (const band of ofDay) for (const edge of hoursOf(band)) edges.add(edge);
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index] as number;
    return { from, to, factor: ofDay.find((band) => holdsAt(band, from))?.factor ?? otherwise };
  });
}

/** A holiday is none of Monday to Friday; a Saturday or Sunday it stays. */
function appliesOn({ days, months }: BandTimes, { weekday, month, isHoliday }: DayKind): boolean {
  if (months && !months.includes(monthNames[month] as Month)) return false;
  if (!days) return true;
  if (isHoliday && days.includes('holidays')) return true;
  const isWeekend = weekday === 0 || weekday === 6;
  if (isHoliday && !isWeekend) return false;
  return days.includes(isWeekend ? 'weekend' : 'weekdays') || days.includes(dayNames[weekday] as Day);
}

function holdsAt(band: BandTimes, second: number): boolean {
  const [from, to] = hoursOf(band);
  return from < to ? from <= second && second < to : from <= second || second < to;
}

function hoursOf({ from = '00:00', to = '24:00' }: BandTimes): readonly [from: number, to: number] {
  return [secondOf(from), secondOf(to)];
}

function secondOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number) as [number, number];
  return (hours * 60 + minutes) * 60;
}
