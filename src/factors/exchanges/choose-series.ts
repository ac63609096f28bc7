import { atLine, listed, shown, TableError } from '../factor-table.ts';

/** One of the series of prices in a file, under each of its names. */
export interface Series {
  readonly names: readonly string[];
}

/** The most characters of the names that a problem lists. */
const MOST_NAMES = 300;

/**
 * Returns the one series that `area` names, or the only one where it is left out. Throws a `TableError` that says what to
 * state where there is none or more than one.
 */
export function chooseSeries<T extends Series>(all: readonly T[], area: string | undefined, line: number): T {
  const found = area === undefined ? all : all.filter(({ names }) => names.includes(area));
  if (found.length === 1) return found[0] as T;
  throw new TableError(atLine(line, problemOf(all, found, area)));
}

function problemOf(all: readonly Series[], found: readonly Series[], area: string | undefined): string {
  if (all.length === 0) return 'there is no day-ahead price';
  if (all.every(({ names }) => names.length === 0)) return 'it names no area; expected no `area` beside `file`';
  if (found.length > 1)
    return `it has prices of more than one area; expected \`area\` beside \`file\`, one of ${choice(found)}`;
  return `it has no area ${shown(JSON.stringify(area))}; expected \`area\` to be one of ${choice(all)}`;
}

/** Returns the first name of each series that no other has. */
function choice(all: readonly Series[]): string {
  const counts = new Map<string, number>();
  for (const name of all.flatMap(({ names }) => [...new Set(names)])) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = all.map(({ names }) => names.find((name) => counts.get(name) === 1) ?? names[0] ?? '');
  return shown(listed([...new Set(names)]), MOST_NAMES);
}
