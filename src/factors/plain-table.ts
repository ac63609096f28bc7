import { numberReader, readSheet } from './csv.ts';
import {
  atLine,
  listed,
  type Moment,
  shown,
  type Table,
  TableError,
  type TableRow,
  type ValueKeys,
} from './factor-table.ts';
import { readIsoClock } from './local-time.ts';
import { readTime, TIME_WANTED } from './time-text.ts';

/** The last second of the year 9999; a larger number is in milliseconds. */
const LATEST = 253_402_300_799;

/**
 * Reads cells separated by commas, semicolons or tabs, with a header of `from`, optionally `to`, and one of the value keys,
 * in any order. Numbers may have a decimal comma where commas do not separate. Throws a `TableError`.
 */
export function readCsvTable(text: string, valueKeys: ValueKeys, timeZone: string | undefined): Table {
  const { header, lines, separator } = readSheet(text, keysWanted(valueKeys));
  const valueKey = findValueKey(header.cells, valueKeys, () => header.line);
  const [from, to, value] = ['from', 'to', valueKey].map((key) => header.cells.indexOf(key)) as [
    number,
    number,
    number,
  ];
  const hasComma = separator !== ',' && lines.some(({ cells }) => cells[value]?.includes(','));
  const rows = lines.map(({ cells, line }) => {
    const cell = (index: number) => cells[index] || undefined;
    return rowOf(cell(from), cell(to), cell(value), valueKey, () => line);
  });
  return plainTable(rows, timeZone, numberReader(hasComma));
}

/** Reads a JSON list of objects with `from`, optionally `to`, and one of the value keys. Throws a `TableError`. */
export function readJsonTable(text: string, valueKeys: ValueKeys, timeZone: string | undefined): Table {
  const items = parseJson(text);
  if (!Array.isArray(items)) throw new TableError(atLine(1, `expected a list of objects; ${keysWanted(valueKeys)}`));
  let lines: readonly number[] | undefined;
  const rows = items.map((item: unknown, index) => {
    const line = () => {
      lines ??= findLines(text);
      return lines[index] as number;
    };
    const known = ((typeof item === 'object' ? item : undefined) ?? {}) as Readonly<Record<string, unknown>>;
    const valueKey = findValueKey(Object.keys(known), valueKeys, line);
    return rowOf(known.from ?? undefined, known.to ?? undefined, known[valueKey] ?? undefined, valueKey, line);
  });
  return plainTable(rows, timeZone, Number);
}

function plainTable(
  rows: readonly TableRow[],
  timeZone: string | undefined,
  readNumber: (text: string) => number,
): Table {
  return {
    rows,
    timeZone,
    timeKeys: { from: 'from', to: 'to' },
    momentWanted: `${TIME_WANTED}, or seconds since 1970`,
    readMoment: (value) => readMoment(value, timeZone),
    readNumber,
  };
}

function rowOf(from: unknown, to: unknown, value: unknown, valueKey: string, line: () => number): TableRow {
  return { from, to, value, valueKey, unit: valueKey === 'value' ? undefined : valueKey, line };
}

function readMoment(value: unknown, timeZone: string | undefined): Moment | undefined {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof seconds === 'number' && !Number.isNaN(seconds)) return Math.abs(seconds) <= LATEST ? seconds : undefined;
  if (typeof value !== 'string') return undefined;
  const clock = readIsoClock(value);
  return clock === undefined ? readTime(value, timeZone ?? 'UTC') : { clock };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    throw new TableError(atLine(/line (\d+)/.exec(message)?.[1] ?? '', `this is no JSON: ${message}`));
  }
}

/** Returns the key of the value. Throws where there is none or more than one, or where another key is unknown. */
function findValueKey(keys: readonly string[], valueKeys: ValueKeys, line: () => number): string {
  const isKnown = (key: string) => key === 'from' || key === 'to' || valueKeys.includes(key);
  const [valueKey, ...more] = keys.filter((key) => valueKeys.includes(key));
  const isSound = keys.includes('from') && new Set(keys).size === keys.length && keys.every(isKnown);
  if (valueKey !== undefined && more.length === 0 && isSound) return valueKey;
  throw new TableError(atLine(line(), `found ${shown(listed(keys)) || 'nothing'}; ${keysWanted(valueKeys)}`));
}

function keysWanted(valueKeys: ValueKeys): string {
  const orPlain = valueKeys.includes('value') ? '' : ', or `value` with its `unit` in the configuration';
  return `expected \`from\`, optionally \`to\`, and one of ${listed(valueKeys.examples)}${orPlain}`;
}

/** What a text of JSON consists of, as far as lines and the items of a list are concerned. */
const PIECE = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},\n]|[^\s"[\]{},]+/g;

/** Returns the lines of the items of a list in valid JSON. */
function findLines(text: string): number[] {
  const lines: number[] = [];
  let [line, depth, isBeforeItem] = [1, 0, false];
  for (const [piece] of text.matchAll(PIECE)) {
    if (piece === '\n') {
      line++;
      continue;
    }
    if (isBeforeItem) lines.push(line);
    if (piece === '[' || piece === '{') depth++;
    else if (piece === ']' || piece === '}') depth--;
    isBeforeItem = depth === 1 && (piece === ',' || lines.length === 0);
  }
  return lines;
}
