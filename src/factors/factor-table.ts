import { parse } from 'csv-parse/sync';
import { isSeq, LineCounter, parseDocument } from 'yaml';

/** A row of a file as it is written; an empty cell is undefined. */
export interface TableRow {
  readonly from: unknown;
  readonly to: unknown;
  readonly value: unknown;
  /** What names the value: `value`, or its unit. */
  readonly valueKey: string;
}

/** The rows of a file, and the line that each begins on. */
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
  if (!header) throw new TableError([atLine(1, `there is no header; ${headerWanted(valueKeys)}`)]);
  const valueKey = checkKeys(header.record, valueKeys, header.line);
  const [from, to, value] = ['from', 'to', valueKey].map((name) => header.record.indexOf(name)) as [
    number,
    number,
    number,
  ];
  const cell = (record: readonly string[], column: number) => record[column] || undefined;
  return {
    rows: records.map(({ record }) => ({
      from: cell(record, from),
      to: cell(record, to),
      value: cell(record, value),
      valueKey,
    })),
    lineOf: (row) => (records[row] as CsvRecord).line,
  };
}

/** Reads a JSON list of objects with `from`, optionally `to`, and one of the value keys. Throws a `TableError`. */
export function readJsonTable(text: string, valueKeys: readonly string[]): FactorTable {
  const items = parseJson(text);
  if (!Array.isArray(items)) throw new TableError([atLine(1, 'expected a list of {"from", "to", "value"}')]);
  const lineOf = (index: number) => findLine(text, index);
  const rows = items.map((item: unknown, index): TableRow => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) {
      throw new TableError([atLine(lineOf(index), 'expected an object of "from", "to" and "value"')]);
    }
    const known = item as Readonly<Record<string, unknown>>;
    const valueKey = checkKeys(Object.keys(known), valueKeys, () => lineOf(index));
    return { from: known.from ?? undefined, to: known.to ?? undefined, value: known[valueKey] ?? undefined, valueKey };
  });
  return { rows, lineOf };
}

interface CsvRecord {
  readonly record: readonly string[];
  readonly line: number;
}

function parseCsv(text: string): CsvRecord[] {
  try {
    const records = parse(text, { bom: true, trim: true, skip_empty_lines: true, info: true });
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
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const { message } = error as Error;
    throw new TableError([atLine(Number(/line (\d+)/.exec(message)?.[1]) || undefined, `this is no JSON: ${message}`)]);
  }
}

/** The one key among them that names the value. */
function checkKeys(keys: readonly string[], valueKeys: readonly string[], line: number | (() => number)): string {
  const found = keys.filter((key) => valueKeys.includes(key));
  const strange = keys.find((key) => ![...valueKeys, 'from', 'to'].includes(key));
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  const [valueKey] = found;
  if (valueKey !== undefined && found.length === 1 && keys.includes('from') && !strange && !twice) return valueKey;
  const problem = strange === undefined ? keys.join(', ') || 'nothing' : `\`${strange}\` is not known`;
  throw new TableError([atLine(typeof line === 'number' ? line : line(), `${problem}; ${headerWanted(valueKeys)}`)]);
}

function headerWanted(valueKeys: readonly string[]): string {
  return `expected \`from\`, optionally \`to\`, and one of ${valueKeys.map((key) => `\`${key}\``).join(', ')}`;
}

/** The line of an item of a JSON list; JSON is YAML, whose parser says where things stand. */
function findLine(text: string, index: number): number {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter });
  const item = isSeq(contents) ? (contents.items[index] as { range?: readonly number[] } | undefined) : undefined;
  return lineCounter.linePos(item?.range?.[0] ?? 0).line;
}
