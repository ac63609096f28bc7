import { parse } from 'csv-parse/sync';
import { LineCounter, parseDocument } from 'yaml';

/** A row of a file as it is written; an empty cell is undefined. */
export interface TableRow {
  readonly from: unknown;
  readonly to: unknown;
  readonly value: unknown;
  /** What the value is called: `value`, or its unit. */
  readonly valueKey: string;
}

/** The rows of a file, and the line that each stands on. */
export interface FactorTable {
  readonly rows: readonly TableRow[];
  lineOf(row: number): number;
}

/** What is wrong with a file, as `atLine` writes it. */
export class TableError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** A problem in one line, such as `3: what is wrong; what would be right`. */
export function atLine(line: number | undefined, message: string): string {
  return line === undefined ? ` ${message}` : `${line}: ${message}`;
}

/** Reads CSV with a header of `from`, optionally `to`, and one of the value keys, in any order. Throws a `TableError`. */
export function readCsvTable(text: string, valueKeys: readonly string[]): FactorTable {
  const [header, ...records] = parseCsv(text);
  if (!header) throw new TableError([atLine(1, `there is no header; ${keysWanted(valueKeys)}`)]);
  const keys = header.record;
  const valueKey = findValueKey(keys, valueKeys, () => header.line);
  const rows = records.map(({ record }) => rowOf((key) => record[keys.indexOf(key)] || undefined, valueKey));
  return { rows, lineOf: (row) => (records[row] as CsvRecord).line };
}

/** Reads a JSON list of objects with `from`, optionally `to`, and one of the value keys. Throws a `TableError`. */
export function readJsonTable(text: string, valueKeys: readonly string[]): FactorTable {
  const items = parseJson(text);
  if (!Array.isArray(items)) throw new TableError([atLine(1, `expected a list of objects; ${keysWanted(valueKeys)}`)]);
  let lines: readonly number[] | undefined;
  const lineOf = (index: number) => {
    lines ??= findLines(text);
    return lines[index] as number;
  };
  const rows = items.map((item: unknown, index): TableRow => {
    const known = (typeof item === 'object' ? item : undefined) ?? {};
    const valueKey = findValueKey(Object.keys(known), valueKeys, () => lineOf(index));
    return rowOf((key) => (known as Readonly<Record<string, unknown>>)[key] ?? undefined, valueKey);
  });
  return { rows, lineOf };
}

function rowOf(cell: (key: string) => unknown, valueKey: string): TableRow {
  return { from: cell('from'), to: cell('to'), value: cell(valueKey), valueKey };
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

function parseCsv(text: string): CsvRecord[] {
  try {
    const records = parse(text, { trim: true, skip_empty_lines: true, info: true });
    // With `info` the records come wrapped, which the types of csv-parse do not say.
    const wrapped = records as unknown as { record: string[]; info: { lines: number } }[];
    return wrapped.map(({ record, info }) => ({ record, line: info.lines }));
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw new TableError([atLine(lines, message)]);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const line = /line (\d+)/.exec(message)?.[1];
    throw new TableError([atLine(line ? Number(line) : undefined, `this is no JSON: ${message}`)]);
  }
}

/** The one of some keys that names the value. Throws where there is none or more than one, or another key is amiss. */
function findValueKey(keys: readonly string[], valueKeys: readonly string[], line: () => number): string {
  const known = ['from', 'to', ...valueKeys];
  const [valueKey, ...more] = keys.filter((key) => valueKeys.includes(key));
  const isSound =
    keys.includes('from') && new Set(keys).size === keys.length && keys.every((key) => known.includes(key));
  if (valueKey !== undefined && more.length === 0 && isSound) return valueKey;
  throw new TableError([atLine(line(), `found ${listed(keys) || 'nothing'}; ${keysWanted(valueKeys)}`)]);
}

function keysWanted(valueKeys: readonly string[]): string {
  const orPlain = valueKeys.includes('value') ? '' : ', or `value` with its `unit` in the configuration';
  return `expected \`from\`, optionally \`to\`, and one of ${listed(valueKeys)}${orPlain}`;
}

function listed(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(', ');
}

/** The lines of the items of a JSON list: JSON is YAML, whose parser says where things stand. */
function findLines(text: string): number[] {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter });
  const { items } = contents as unknown as { items: readonly { range: readonly [number, ...number[]] }[] };
  return items.map(({ range }) => lineCounter.linePos(range[0]).line);
}
