import { readFile } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import { atLine, type FactorTable, readCsvTable, readJsonTable, TableError, type TableRow } from './factor-table.ts';
import type { Stretch } from './periods.ts';
import { readTime, TIME_WANTED } from './time-text.ts';
import type { QuantityUnit } from './units.ts';

/** What a file states for a stretch of time, in the quantity's own unit. */
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

/** How many problems of a file are told at once. */
const MAX_PROBLEMS = 10;

/** The last second of the year 9999; what is later is meant in milliseconds. */
const LATEST = 253_402_300_799;

/**
 * Reads a CSV or JSON file of values over time, sorted and disjoint. A row without `to` holds until the next one begins,
 * the last as long as the one before it; one without a value leaves a gap. Throws with path, line and what would be right.
 */
export async function readFactorFile(path: string, options: FactorFileOptions): Promise<ValuePeriod[]> {
  const read = await readFile(path, 'utf8').catch((error) => {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const text = read.replace(/^\uFEFF/, '');
  try {
    const valueKeys = [...Object.keys(options.units.fileUnits), ...(options.unit === undefined ? [] : ['value'])];
    const table = /\.csv$/i.test(path) ? readCsvTable(text, valueKeys) : readJsonTable(text, valueKeys);
    return periodsOf(table, options);
  } catch (error) {
    if (!(error instanceof TableError)) throw error;
    throw new Error(error.problems.map((problem) => `${path}:${problem}`).join('\n'), { cause: error });
  }
}

/** A row that has been read; `to` and `value` are undefined where it has none. */
interface Row {
  readonly index: number;
  readonly from: number;
  readonly to: number | undefined;
  readonly value: number | undefined;
}

function periodsOf(table: FactorTable, options: FactorFileOptions): ValuePeriod[] {
  if (table.rows.length === 0) throw new TableError([atLine(undefined, 'there are no rows')]);
  const rows = sound(table, table.rows.entries(), ([index, row]) => [index, readRow(row, index, options)]);
  rows.sort((a, b) => a.from - b.from);
  const periods = sound(table, rows.entries(), ([at, row]) => {
    return [row.index, withEnd(row, rows[at - 1], rows[at + 1], table.lineOf)];
  });
  return periods.flat();
}

/** What comes of the items, none of which is a problem (a text); else throws the first problems, in order of their rows. */
function sound<T, R>(
  table: FactorTable,
  items: Iterable<T>,
  read: (item: T) => readonly [row: number, R | string],
): R[] {
  const results: R[] = [];
  const problems: [row: number, message: string][] = [];
  for (const item of items) {
    const [row, result] = read(item);
    if (typeof result === 'string') problems.push([row, result]);
    else results.push(result);
  }
  if (problems.length === 0) return results;
  const told = problems.sort(([a], [b]) => a - b).slice(0, MAX_PROBLEMS);
  const lines = told.map(([row, message]) => atLine(table.lineOf(row), message));
  const more = problems.length - told.length;
  throw new TableError(more > 0 ? [...lines, atLine(undefined, `and ${more} more`)] : lines);
}

/** A row, or what is wrong with it. */
function readRow({ from, to, value, valueKey }: TableRow, index: number, options: FactorFileOptions): Row | string {
  const { units, unit, timeZone } = options;
  const begins = readMoment(from, timeZone);
  const ends = to === undefined ? undefined : readMoment(to, timeZone);
  if (begins === undefined) return `\`from\` is ${quoted(from)}; ${MOMENT_WANTED}`;
  if (to !== undefined && ends === undefined) return `\`to\` is ${quoted(to)}; ${MOMENT_WANTED}`;
  if (ends !== undefined && ends <= begins) return '`to` is not after `from`; expected a later time';
  if (value === undefined) return { index, from: begins, to: ends, value: undefined };
  const number = readNumber(value);
  if (!Number.isFinite(number)) {
    return `\`${valueKey}\` is ${quoted(value)}; expected a number, or nothing where it is unknown`;
  }
  if (number < 0 && !units.mayBeNegative) return `\`${valueKey}\` is ${number}; expected a number of at least 0`;
  const divisor = units.fileUnits[valueKey === 'value' ? String(unit) : valueKey] as number;
  return { index, from: begins, to: ends, value: number / divisor };
}

const MOMENT_WANTED = `${TIME_WANTED}, or seconds since 1970`;

function readMoment(value: unknown, timeZone: string): number | undefined {
  const seconds = readNumber(value);
  if (Number.isNaN(seconds)) return typeof value === 'string' ? readTime(value, timeZone) : undefined;
  return Math.abs(seconds) <= LATEST ? seconds : undefined;
}

/** A number, or NaN where a value is none. */
function readNumber(value: unknown): number {
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return typeof value === 'number' ? value : Number.NaN;
}

/** The period of a row among its neighbours in time, none where it has no value, or what is wrong. */
function withEnd(
  { from, to, value }: Row,
  before: Row | undefined,
  after: Row | undefined,
  lineOf: FactorTable['lineOf'],
): ValuePeriod[] | string {
  if (before && (before.from === from || (before.to ?? from) > from)) {
    return `it begins before what line ${lineOf(before.index)} states has ended; expected times that do not overlap`;
  }
  const end = to ?? after?.from ?? (before && from + (from - before.from));
  if (end === undefined) return 'nobody knows until when it holds; expected `to` in a single row';
  return value === undefined ? [] : [{ from, to: end, value }];
}

function quoted(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));
}
