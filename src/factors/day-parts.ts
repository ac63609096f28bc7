import type { Factor } from '../model/factor.ts';

/** The days of a week as bands name them, Sunday first. */
export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** The months of a year as bands name them. */
export const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] as const;

export type Day = (typeof dayNames)[number] | 'weekdays' | 'weekend' | 'holidays';
export type Month = (typeof monthNames)[number];

/** When a band holds, in local time; what it leaves out does not matter. Hours that end before they begin go past midnight. */
export interface BandTimes {
  readonly days?: readonly Day[] | undefined;
  readonly months?: readonly Month[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A part of a day in seconds of its clock, and the factor that holds; undefined is unknown. */
export interface DayPart {
  readonly from: number;
  readonly to: number;
  readonly factor: Factor | undefined;
}

/** What the bands of a tariff ask of a day. */
export interface DayKind {
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 0 is January. */
  readonly month: number;
  readonly isHoliday: boolean;
}

/** Seconds of a day without a clock change. */
export const SECONDS_PER_DAY = 86_400;

/** The parts of a day by the first band that holds at each time, else by `otherwise`; together they are the whole day. */
export function dayParts(
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
