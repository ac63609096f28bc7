import { type ClockTime, type Moment, quoted, type Table, type TableRow } from './factor-table.ts';
import { clockTimes } from './zone-clock.ts';

/** A row whose cells have been read; `value` is undefined where it is not known. */
export interface ReadRow {
  readonly row: TableRow;
  readonly from: Moment;
  readonly to: Moment | undefined;
  readonly value: number | undefined;
}

/** A row with its times in seconds since 1970; `to` is undefined where it has none. */
export interface PlacedRow {
  readonly row: TableRow;
  readonly from: number;
  readonly to: number | undefined;
  readonly value: number | undefined;
}

type TimesOf = (clock: number) => number[];

/**
 * Returns what places the rows of a file in time, to be called with each in their order. Of two rows at a local time that
 * clocks repeat the first is the earlier. It returns a problem where there are not two in order, or where clocks skip the
 * time; a row without a value is then left out.
 */
export function rowPlacer(
  rows: readonly ReadRow[],
  { timeZone, timeKeys }: Pick<Table, 'timeZone' | 'timeKeys'>,
): (row: ReadRow) => PlacedRow[] | string {
  const timesOf = timeZone === undefined ? () => [] : clockTimes(timeZone);
  const counts = countRepeated(rows, timesOf);
  const seen = new Map<number, number>();
  let before = Number.NEGATIVE_INFINITY;

  /** Returns when a row begins, or why that is not certain. */
  const beginOf = (from: ClockTime): number | string => {
    const times = timesOf(from.clock);
    if (times.length === 0) return `a time that the clocks of ${timeZone} skip; expected no value then`;
    if (from.turn !== undefined) return times[from.turn] ?? `which the clocks of ${timeZone} show once`;
    const stated = statedTime(from);
    if (stated !== undefined && !times.includes(stated)) return `which no clock of ${timeZone} shows`;
    if (times.length === 1) return times[0] as number;
    const index = seen.get(from.clock) ?? 0;
    seen.set(from.clock, index + 1);
    const time = times[index];
    const isCertain = counts.get(from.clock) === 2 && time !== undefined && time > before;
    if (isCertain && (stated ?? time) === time) return time;
    return `a time that the clocks of ${timeZone} show twice; expected two rows that begin then, the earlier first`;
  };

  return ({ row, from, to, value }) => {
    const begin = typeof from === 'number' ? from : beginOf(from);
    if (typeof begin === 'string') {
      return value === undefined ? [] : `\`${timeKeys.from}\` is ${quoted(row.from)}, ${begin}`;
    }
    before = begin;
    if (row.length !== undefined) return [{ row, from: begin, to: begin + row.length, value }];
    const end = to === undefined ? undefined : endOf(to, from, begin, timesOf);
    const isAfter = to === undefined || (end !== undefined && end > begin);
    return isAfter
      ? [{ row, from: begin, to: end, value }]
      : `\`${timeKeys.to}\` is not after \`${timeKeys.from}\`; expected a later time`;
  };
}

/** Returns the first time after the beginning at which the clocks show the end of a row; undefined where there is none. */
function endOf(to: Moment, from: Moment, begin: number, timesOf: TimesOf): number | undefined {
  if (typeof to === 'number') return to;
  const times = timesOf(to.clock);
  // Where clocks skip from 02:00 to 03:00, `01:00` to `02:00` is the hour before.
  if (times.length === 0) return timesOf(to.clock - 1).map((time) => time + 1)[0];
  const stated = statedTime(to);
  if (stated !== undefined) return times.find((time) => time === stated);
  const later = times.filter((time) => time > begin);
  // Where clocks repeat that hour, `02:00` to `03:00` is one of the two hours, and not both.
  if (typeof from !== 'number' && to.clock > from.clock && timesOf(from.clock).length === 2) {
    later.push(begin + to.clock - from.clock);
  }
  return later.length === 0 ? undefined : Math.min(...later);
}

function statedTime({ clock, offset }: ClockTime): number | undefined {
  return offset === undefined ? undefined : clock - offset;
}

/** Returns how many rows begin at each local time that clocks repeat. */
function countRepeated(rows: readonly ReadRow[], timesOf: TimesOf): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { from } of rows) {
    if (typeof from === 'number' || timesOf(from.clock).length < 2) continue;
    counts.set(from.clock, (counts.get(from.clock) ?? 0) + 1);
  }
  return counts;
}
