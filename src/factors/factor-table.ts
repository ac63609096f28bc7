import { parse } from 'csv-parse/sync';

/** A row of a file as it is written; an empty cell is undefined. */
export interface TableRow {
  readonly from: unknown;
  readonly to: unknown;
  readonly value: unknown;
  /** The key of the value: `value`, or its unit. */
  readonly valueKey: string;
  /** Returns the line of the file on which it stands. */
  line(): number;
}

/** The problems of a file, as `atLine` writes them. */
export class TableError extends Error {
  readonly problems: readonly string[];
  constructor(...problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Returns a problem in one line, such as `3: what is wrong; what would be right`. */
export function atLine(line: number | string, message: string): string {
  return line === '' ? ` ${message}` : `${line}: ${message}`;
}

/** The most characters of a file that a problem shows at a time. */
const SHOWN = 60;

/** Returns a text as problems show it, shortened. */
export function shown(text: string, most: number = SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Reads CSV with a header of `from`, optionally `to`, and one of the value keys, in any order. Throws a `TableError`. */
export function readCsvTable(text: string, valueKeys: readonly string[]): TableRow[] {
  const [header, ...records] = parseCsv(text);
  if (!header) throw new TableError(atLine(1, `there is no header; ${keysWanted(valueKeys)}`));
  const keys = header.record;
  const valueKey = findValueKey(keys, valueKeys, () => header.info.lines);
  return records.map(({ record, info }) => {
    return rowOf(
      (key) => record[keys.indexOf(key)] || undefined,
      valueKey,
      () => info.lines,
    );
  });
}

/** Reads a JSON list of objects with `from`, optionally `to`, and one of the value keys. Throws a `TableError`. */
export function readJsonTable(text: string, valueKeys: readonly string[]): TableRow[] {
  const items = parseJson(text);
  if (!Array.isArray(items)) throw new TableError(atLine(1, `expected a list of objects; ${keysWanted(valueKeys)}`));
  let lines: readonly number[] | undefined;
  return items.map((item: unknown, index) => {
    const line = () => {
      lines ??= findLines(text);
      return lines[index] as number;
    };
    const known = ((typeof item === 'object' ? item : undefined) ?? {}) as Readonly<Record<string, unknown>>;
    return rowOf((key) => known[key] ?? undefined, findValueKey(Object.keys(known), valueKeys, line), line);
  });
}

function rowOf(cell: (key: string) => unknown, valueKey: string, line: () => number): TableRow {
  return { from: cell('from'), to: cell('to'), value: cell(valueKey), valueKey, line };
}

function parseCsv(text: string) {
  try {
    const records = parse(text, { trim: true, skip_empty_lines: true, info: true });
    // With `info` the records come wrapped, which the types of csv-parse do not say.
    return records as unknown as { record: string[]; info: { lines: number } }[];
  } catch (error) {
    const { message, lines = '' } = error as Error & { lines?: number };
    // The message may have a whole cell in it.
    throw new TableError(atLine(lines, shown(message, 2 * SHOWN)));
  }
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
function findValueKey(keys: readonly string[], valueKeys: readonly string[], line: () => number): string {
  const known = ['from', 'to', ...valueKeys];
  const [valueKey, ...more] = keys.filter((key) => valueKeys.includes(key));
  const isSound =
    keys.includes('from') && new Set(keys).size === keys.length && keys.every((key) => known.includes(key));
  if (valueKey !== undefined && more.length === 0 && isSound) return valueKey;
  throw new TableError(atLine(line(), `found ${shown(listed(keys)) || 'nothing'}; ${keysWanted(valueKeys)}`));
}

function keysWanted(valueKeys: readonly string[]): string {
  const orPlain = valueKeys.includes('value') ? '' : ', or `value` with its `unit` in the configuration';
  return `expected \`from\`, optionally \`to\`, and one of ${listed(valueKeys)}${orPlain}`;
}

function listed(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(', ');
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
