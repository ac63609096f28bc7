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
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  try {
    const valueKeys = ['value', ...Object.keys(options.units.fileUnits)];
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
  const problems = new Map<number, string>();
  const rows: Row[] = [];
  for (const [index, row] of table.rows.entries()) {
    const read = readRow(row, index, options);
    if (typeof read === 'string') problems.set(index, read);
    else rows.push(read);
  }
  if (problems.size === 0 && rows.length === 0) throw new TableError([' there are no rows']);
  rows.sort((a, b) => a.from - b.from);
  const periods = rows.flatMap((row, at) => {
    const period = withEnd(row, rows[at - 1], rows[at + 1], table.lineOf);
    if (typeof period !== 'string') return period;
    problems.set(row.index, period);
    return [];
  });
  if (problems.size === 0) return periods;
  const told = [...problems].sort(([a], [b]) => a - b).slice(0, MAX_PROBLEMS);
  const more = problems.size - told.length;
  throw new TableError([
    ...told.map(([index, problem]) => atLine(table.lineOf(index), problem)),
    ...(more > 0 ? [` and ${more} more`] : []),
  ]);
}

/** A row, or what is wrong with it. */
function readRow({ from, to, value, valueKey }: TableRow, index: number, options: FactorFileOptions): Row | string {
  const { units, unit, timeZone } = options;
  const begins = readMoment(from, timeZone);
  const ends = to === undefined ? undefined : readMoment(to, timeZone);
  if (begins === undefined) return `\`from\` is ${quoted(from)}; ${MOMENT_WANTED}`;
  if (to !== undefined && ends === undefined) return `\`to\` is ${quoted(to)}; ${MOMENT_WANTED}`;
  if (ends !== undefined && ends <= begins) return '`to` is not after `from`; expected a later time';
  const divisor = units.fileUnits[valueKey === 'value' ? (unit ?? '') : valueKey];
  if (divisor === undefined) {
    const known = Object.keys(units.fileUnits)
      .map((name) => `\`${name}\``)
      .join(' or ');
    return `the unit of \`value\` is not known; call it ${known}, or write that as \`unit\` in the configuration`;
  }
  if (value === undefined) return { index, from: begins, to: ends, value: undefined };
  const number = typeof value === 'boolean' ? Number.NaN : Number(value);
  if (!Number.isFinite(number))
    return `\`${valueKey}\` is ${quoted(value)}; expected a number, or nothing where it is unknown`;
  if (number < 0 && !units.mayBeNegative) return `\`${valueKey}\` is ${number}; expected a number of at least 0`;
  return { index, from: begins, to: ends, value: number / divisor };
}

const MOMENT_WANTED = `${TIME_WANTED}, or seconds since 1970`;

function readMoment(value: unknown, timeZone: string): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const seconds = Number(value);
  if (Number.isNaN(seconds)) return readTime(String(value), timeZone);
  return Math.abs(seconds) <= LATEST ? seconds : undefined;
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
