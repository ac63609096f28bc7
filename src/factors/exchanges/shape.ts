import { numberReader, type Sheet } from '../csv.ts';
import { atLine, type Moment, type Table, TableError, type TableOptions, type TableRow } from '../factor-table.ts';
import { readDayFirstClock, readIsoClock } from '../local-time.ts';
import { steadyStretches } from '../zone-clock.ts';

/**
 * The form in which a power exchange publishes its prices. None of them has a specification that is public, so that each
 * says what its form is known from; what is certain of a file is what its own header says.
 */
export interface Shape {
  /** What the header begins with. */
  readonly header: RegExp;
  /** Returns the prices of one area. Throws a `TableError` that says what the configuration must add. */
  read(sheet: Sheet, options: TableOptions): Table;
}

/** What begins a cell of a header, which may be in quotes, and what ends one. */
export const SEPARATOR = '"?[,;\\t]"?';

/** The clocks that a header names for sure; a mere `CET` stands for winter time and for what clocks show. */
const namedClocks: ReadonlyMap<string, string> = new Map([
  ['UTC', 'UTC'],
  ['WET/WEST', 'Europe/Lisbon'],
  ['CET/CEST', 'Europe/Brussels'],
  ['EET/EEST', 'Europe/Helsinki'],
]);

/** How far the clock is ahead of UTC where a time says which one it is, in seconds. */
const offsets: ReadonlyMap<string, number> = new Map([
  ['UTC', 0],
  ['WET', 0],
  ['WEST', 3600],
  ['CET', 3600],
  ['CEST', 7200],
  ['EET', 7200],
  ['EEST', 10_800],
]);

/**
 * Returns whose clocks the times of a column go by: those that its name says, such as `MTU (CET/CEST)`, else the
 * configured ones. Throws where neither says it, and where `(CET)` is not what these show in winter.
 */
export function zoneOf(column: string, { timeZone }: TableOptions, line: number): string {
  const name = /\(([^)]*)\)$/.exec(column)?.[1] ?? '';
  const zone = namedClocks.get(name) ?? timeZone;
  const problem = zone === undefined ? 'has local times' : clockProblem(name, zone);
  if (zone !== undefined && problem === undefined) return zone;
  const wanted = 'expected `time_zone` beside `file` to be that of the exchange, such as Europe/Stockholm';
  throw new TableError(atLine(line, `\`${column}\` ${problem}; ${wanted}`));
}

function clockProblem(name: string, zone: string): string | undefined {
  const offset = offsets.get(name);
  // Any year will do, and Europe begins it with winter time.
  if (offset === undefined || steadyStretches(2026, zone)[0]?.offset === offset) return undefined;
  return `is not what clocks of ${zone} show`;
}

/** Returns the unit of prices in a currency, such as `eur_per_mwh`; undefined where there is none. */
export function unitOf(currency: string | undefined): string | undefined {
  if (currency === '€') return 'eur_per_mwh';
  return currency !== undefined && /^[a-z]{3}$/i.test(currency) ? `${currency.toLowerCase()}_per_mwh` : undefined;
}

/** Returns the text of a price, undefined where there is none. ENTSO-E and SMARD write `-`, ENTSO-E also `n/e`. */
export function priceText(cell: string | undefined): string | undefined {
  return cell === undefined || /^(?:-|n\/[ae])?$/i.test(cell) ? undefined : cell;
}

/** Returns the table of an exchange, whose times have the day first or are in ISO 8601, and whose decimals may have a comma. */
export function exchangeRows(rows: readonly TableRow[], timeZone: string, timeKeys: Table['timeKeys']): Table {
  return {
    rows,
    timeZone,
    timeKeys,
    momentWanted: 'expected a time such as 29.03.2026 01:00',
    readMoment: readClock,
    readNumber: numberReader(rows.some(({ value }) => typeof value === 'string' && value.includes(','))),
  };
}

/** A time that may say which clock shows it, such as `26/10/2025 02:00:00 (CEST)`, or which of two it is, as `(A)`. */
const MARKED = /^(?<time>[^()]+?)(?: \((?<mark>[A-Z]+)\))?$/;

function readClock(value: unknown): Moment | undefined {
  const { time = '', mark } = MARKED.exec(String(value))?.groups ?? {};
  const clock = readDayFirstClock(time) ?? readIsoClock(time);
  if (clock === undefined || mark === undefined) return clock === undefined ? undefined : { clock };
  const turn = ['A', 'B'].indexOf(mark);
  if (turn >= 0) return { clock, turn };
  const offset = offsets.get(mark);
  return offset === undefined ? undefined : { clock, offset };
}
