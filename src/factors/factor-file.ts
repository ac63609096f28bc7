import { messageOf } from '../errors.ts';
import { loadFileUpTo } from '../text-file.ts';
import { atLine, readCsvTable, readJsonTable, shown, TableError, type TableRow } from './factor-table.ts';
import type { Stretch } from './periods.ts';
import { readTime, TIME_WANTED } from './time-text.ts';
import type { QuantityUnit } from './units.ts';

/** A value of a file and the time for which it holds, in the quantity's own unit. */
export interface ValuePeriod extends Stretch {
  readonly value: number;
}

export interface FactorFileOptions {
  readonly units: QuantityUnit;
  /** The unit of a column `value`. */
  readonly unit: string | undefined;
  /** Of dates without a time. */
  readonly timeZone: string;
}

/** The maximum number of problems of a file in one message. */
const MAX_PROBLEMS = 10;

/** The longest file, in bytes: ten years of values every five minutes take 40 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The last second of the year 9999; a larger number is in milliseconds. */
const LATEST = 253_402_300_799;

/**
 * Reads a CSV or JSON file of values over time, sorted and disjoint. A row without `to` holds until the next one begins,
 * the last as long as the one before it; one without a value leaves a gap. Throws with path, line and what would be right.
 */
export async function readFactorFile(path: string, options: FactorFileOptions): Promise<ValuePeriod[]> {
  const read = await loadFileUpTo(path, MOST_BYTES).catch((error) => {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const text = read.toString().replace(/^\uFEFF/, '');
  try {
    const valueKeys = [...Object.keys(options.units.fileUnits), ...(options.unit === undefined ? [] : ['value'])];
    const rows = /\.csv$/i.test(path) ? readCsvTable(text, valueKeys) : readJsonTable(text, valueKeys);
    return periodsOf(rows, options);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    throw new Error(error.problems.map((problem) => `${path}:${problem}`).join('\n'), { cause: error });
  }
}

/** A row that has been read; `to` and `value` are undefined where it has none. */
interface Row extends Pick<TableRow, 'line'> {
  readonly from: number;
  readonly to: number | undefined;
  readonly value: number | undefined;
}

function periodsOf(table: readonly TableRow[], options: FactorFileOptions): ValuePeriod[] {
  if (table.length === 0) throw new TableError(atLine('', 'there are no rows'));
  const rows = readAll(table, (row) => readRow(row, options)).sort((a, b) => a.from - b.from);
  return readAll(rows, (row, at) => withEnd(row, rows[at - 1], rows[at + 1])).flat();
}

/** Returns what `read` makes of each row. Throws the first problems, in the order of lines, where it returns any as text. */
function readAll<T extends Pick<TableRow, 'line'>, R>(
  rows: readonly T[],
  read: (row: T, index: number) => R | string,
): R[] {
  const results = rows.map(read);
  const problems = rows.flatMap(({ line }, index) => {
    const result = results[index];
    return typeof result === 'string' ? { line: line(), message: result } : [];
  });
  if (problems.length === 0) return results as R[];
  const shown = problems.sort((a, b) => a.line - b.line).slice(0, MAX_PROBLEMS);
  const more = problems.length - shown.length;
  const lines = shown.map(({ line, message }) => atLine(line, message));
  throw new TableError(...lines, ...(more > 0 ? [atLine('', `and ${more} more`)] : []));
}

/** Returns a row, or its problem. */
function readRow({ from, to, value, valueKey, line }: TableRow, options: FactorFileOptions): Row | string {
  const { units, unit, timeZone } = options;
  const begins = readMoment(from, timeZone);
  const ends = to === undefined ? undefined : readMoment(to, timeZone);
  if (begins === undefined) return `\`from\` is ${quoted(from)}; ${MOMENT_WANTED}`;
  if (to !== undefined && ends === undefined) return `\`to\` is ${quoted(to)}; ${MOMENT_WANTED}`;
  if (ends !== undefined && ends <= begins) return '`to` is not after `from`; expected a later time';
  if (value === undefined) return { line, from: begins, to: ends, value: undefined };
  const number = readNumber(value);
  if (!Number.isFinite(number)) {
    return `\`${valueKey}\` is ${quoted(value)}; expected a number, or nothing where it is unknown`;
  }
  if (number < 0 && !units.mayBeNegative) return `\`${valueKey}\` is ${number}; expected a number of at least 0`;
  const divisor = units.fileUnits[valueKey === 'value' ? String(unit) : valueKey] as number;
  return { line, from: begins, to: ends, value: number / divisor };
}

const MOMENT_WANTED = `${TIME_WANTED}, or seconds since 1970`;

function readMoment(value: unknown, timeZone: string): number | undefined {
  const seconds = readNumber(value);
  if (Number.isNaN(seconds)) return typeof value === 'string' ? readTime(value, timeZone) : undefined;
  return Math.abs(seconds) <= LATEST ? seconds : undefined;
}

/** Returns a number, or NaN where the value is not one. */
function readNumber(value: unknown): number {
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return typeof value === 'number' ? value : Number.NaN;
}

/** Returns the period of a row between its neighbours in time, none where it has no value, or its problem. */
function withEnd({ from, to, value }: Row, before: Row | undefined, after: Row | undefined): ValuePeriod[] | string {
  if (before && (before.from === from || (before.to ?? from) > from)) {
    return `it begins before what line ${before.line()} states has ended; expected times that do not overlap`;
  }
  const end = to ?? after?.from ?? (before && from + (from - before.from));
  if (end === undefined) return 'nobody knows until when it holds; expected `to` in a single row';
  return value === undefined ? [] : [{ from, to: end, value }];
}

function quoted(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : shown(JSON.stringify(value));
}
