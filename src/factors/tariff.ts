import type { Factor, FactorPeriod, FactorSeries } from '../model/factor.ts';
import { type BandTimes, type DayPart, dayParts, SECONDS_PER_DAY } from './day-parts.ts';
import { overlaps } from './periods.ts';
import { ZoneClock } from './zone-clock.ts';

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
