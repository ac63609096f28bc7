import { messageOf } from '../errors.ts';
import { loadFileUpTo } from '../text-file.ts';
import { unitIn } from './currency.ts';
import { chooseSeries } from './exchanges/choose-series.ts';
import { exchangeTable } from './exchanges/exchange-table.ts';
import {
  atLine,
  listed,
  quoted,
  type Table,
  TableError,
  type TableOptions,
  type TableRow,
  type ValueKeys,
} from './factor-table.ts';
import type { Stretch } from './periods.ts';
import { readCsvTable, readJsonTable } from './plain-table.ts';
import { type PlacedRow, type ReadRow, rowPlacer } from './row-places.ts';
import { type NamedUnit, namedUnit, type QuantityUnit, unitNames } from './units.ts';

/** A value of a file and the time for which it holds, in the quantity's own unit. */
export interface ValuePeriod extends Stretch {
  readonly value: number;
  /** As factor records write it, such as `EUR/kWh`, where it is another than the quantity's own, which is in USD. */
  readonly unit?: string;
}

export interface FactorFileOptions extends TableOptions {
  readonly units: QuantityUnit;
  /** The unit of a column that does not name it. */
  readonly unit: string | undefined;
  /** The currency of the values, which all columns must be in; undefined where they may be in any. */
  readonly currency?: string | undefined;
  /** Returns why a value in a unit such as `EUR/kWh` is refused; undefined where it is not. */
  readonly judge?: (value: number, unit: string) => string | undefined;
}

/** The maximum number of problems of a file in one message. */
const MAX_PROBLEMS = 10;

/** The longest file, in bytes: ten years of values every five minutes take 40 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads a file of values over time, CSV or JSON or as a power exchange publishes it, sorted and disjoint. A row without
 * `to` holds until the next one begins, the last as long as the one before it; one without a value leaves a gap. Throws
 * with path, line and what would be right.
 */
export async function readFactorFile(path: string, options: FactorFileOptions): Promise<ValuePeriod[]> {
  const read = await loadFileUpTo(path, MOST_BYTES).catch((error) => {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const text = read.toString().replace(/^\uFEFF/, '');
  try {
    const table = readTable(text, /\.json$/i.test(path), options);
    checkUnits(table.rows, options);
    return periodsOf(table, options);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    // It is no cause of its own, whose lines would be said a second time.
    throw new Error(error.problems.map((problem) => `${path}:${problem}`).join('\n'));
  }
}

/** The keys that a value may have: its unit, or `value` where the configuration names the unit. */
function valueKeysOf({ units, unit, currency }: FactorFileOptions): ValueKeys {
  const wanted = currency === undefined ? undefined : unitIn(currency, units.unit);
  return {
    examples: [...unitNames(units, currency), ...(unit === undefined ? [] : ['value'])],
    includes(key) {
      if (key === 'value') return unit !== undefined;
      const named = namedUnit(units, key);
      return named !== undefined && (wanted === undefined || named.unit === wanted);
    },
  };
}

function readTable(text: string, isJson: boolean, options: FactorFileOptions): Table {
  const published = isJson ? undefined : exchangeTable(text, options);
  if (published) return published;
  const table = (isJson ? readJsonTable : readCsvTable)(text, valueKeysOf(options), options.timeZone);
  chooseSeries([{ names: [] }], options.area, 1);
  return table;
}

/** Throws where a row is in no unit, or in one that is not converted, such as in another currency. */
function checkUnits(rows: readonly TableRow[], options: FactorFileOptions): void {
  const { includes } = valueKeysOf(options);
  const strange = rows.find((row) => !includes(unitOf(row, options) ?? ''));
  if (!strange) return;
  const unit = unitOf(strange, options);
  const wanted = listed(unitNames(options.units, options.currency));
  const problem =
    unit === undefined
      ? `the file does not say what its values are in; expected \`unit\` beside \`file\`, one of ${wanted}`
      : `the values are in \`${unit}\`, which is not converted to ${options.units.unit}; expected one of ${wanted}`;
  throw new TableError(atLine(strange.line(), problem));
}

/** Returns what a row is in, once `checkUnits` has passed it. */
function namedUnitOf(row: TableRow, options: FactorFileOptions): NamedUnit {
  return namedUnit(options.units, unitOf(row, options) as string) as NamedUnit;
}

/** Returns the unit of a row, such as `eur_per_mwh`: that which the file names, else that of the configuration. */
function unitOf(row: TableRow, { unit }: FactorFileOptions): string | undefined {
  return row.unit ?? unit;
}

function periodsOf(table: Table, options: FactorFileOptions): ValuePeriod[] {
  if (table.rows.length === 0) throw new TableError(atLine('', 'there are no rows'));
  const lineOf = ({ row }: Pick<ReadRow, 'row'>) => row.line();
  const read = readAll(
    table.rows,
    (row) => row.line(),
    (row) => readRow(row, table, options),
  );
  const placed = readAll(read, lineOf, rowPlacer(read, table)).flat();
  const rows = placed.sort((a, b) => a.from - b.from);
  const periods = readAll(rows, lineOf, (row, at) => withEnd(row, rows[at - 1], rows[at + 1])).flat();
  return periods.map(({ row, ...period }) => {
    const { unit } = namedUnitOf(row, options);
    return unit === options.units.unit ? period : { ...period, unit };
  });
}

/** Returns what `read` makes of each row. Throws the first problems, in the order of lines, where it returns any as text. */
function readAll<T, R>(
  rows: readonly T[],
  lineOf: (row: T) => number,
  read: (row: T, index: number) => R | string,
): R[] {
  const results = rows.map(read);
  const problems = rows.flatMap((row, index) => {
    const result = results[index];
    return typeof result === 'string' ? { line: lineOf(row), message: result } : [];
  });
  if (problems.length === 0) return results as R[];
  const shown = problems.sort((a, b) => a.line - b.line).slice(0, MAX_PROBLEMS);
  const more = problems.length - shown.length;
  const lines = shown.map(({ line, message }) => atLine(line, message));
  throw new TableError(...lines, ...(more > 0 ? [atLine('', `and ${more} more`)] : []));
}

/** Returns a row, or its problem. */
function readRow(row: TableRow, table: Table, options: FactorFileOptions): ReadRow | string {
  const { value, valueKey } = row;
  const from = readMoment(row.from, table.timeKeys.from, table);
  if (typeof from === 'string') return from;
  const to = row.to === undefined ? undefined : readMoment(row.to, table.timeKeys.to, table);
  if (typeof to === 'string') return to;
  if (value === undefined) return { row, from, to, value: undefined };
  const number = typeof value === 'string' && value.trim() !== '' ? table.readNumber(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    return `\`${valueKey}\` is ${quoted(value)}; expected a number, or nothing where it is unknown`;
  }
  if (number < 0 && !options.units.mayBeNegative)
    return `\`${valueKey}\` is ${number}; expected a number of at least 0`;
  const named = namedUnitOf(row, options);
  const own = number / named.divisor;
  const reason = options.judge?.(own, named.unit);
  if (reason !== undefined) return `\`${valueKey}\` is ${number}; ${reason}`;
  return { row, from, to, value: own };
}

/** Returns a time, or its problem. */
function readMoment(value: unknown, key: string, table: Table): ReadRow['from'] | string {
  const moment = table.readMoment(value);
  if (moment === undefined) return `\`${key}\` is ${quoted(value)}; ${table.momentWanted}`;
  if (typeof moment === 'number' || table.timeZone !== undefined) return moment;
  return `\`${key}\` is ${quoted(value)}, a local time; expected \`time_zone\` beside \`file\`, or a time with its offset`;
}

/** Returns the period of a row between its neighbours in time, none where it has no value, or its problem. */
function withEnd(
  { row, from, to, value }: PlacedRow,
  before: PlacedRow | undefined,
  after: PlacedRow | undefined,
): (ValuePeriod & Pick<PlacedRow, 'row'>)[] | string {
  if (before && (before.from === from || (before.to ?? from) > from)) {
    return `it begins before what line ${before.row.line()} states has ended; expected times that do not overlap`;
  }
  const end = to ?? after?.from ?? (before && from + (from - before.from));
  if (end === undefined) return 'nobody knows until when it holds; expected `to` in a single row';
  return value === undefined ? [] : [{ row, from, to: end, value }];
}
