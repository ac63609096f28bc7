import Table from 'cli-table3';
import type { RunFigures } from './run-figures.ts';
import type { Totals } from './totals.ts';

const DIGITS = 4;
/** Headings are broken after an underscore, so that no column is wider than its numbers need. */
const HEADING_WIDTH = 9;
/** Beyond this many characters columns move closer together. */
const WIDTH = 120;
const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

/**
 * A table with a row for each run and a column for each figure and each label that differs between them; above it stand
 * the labels that all runs share, their date if they share it, and what the figures of any of them assume. Times are UTC.
 */
export function formatRuns(runs: readonly RunFigures[]): string {
  const all = [...new Set(runs.flatMap((run) => Object.keys(run.labels)))];
  const isShared = (name: string) =>
    name !== 'scenario' && runs.every(({ labels }) => labels[name] === runs[0]?.labels[name]);
  const shared = all.filter(isShared).map((name) => `${name} ${printable(runs[0]?.labels[name] ?? '')}`);
  const labels = all.filter((name) => !isShared(name));
  const figures = [...new Set(runs.flatMap((run) => [...run.figures.keys()]))];
  const dates = new Set(runs.map(({ ended }) => formatTime(ended).slice(0, 'YYYY-MM-DD'.length)));
  const [shown = ''] = dates;
  const date = dates.size === 1 && shown.length > 1 ? shown : '';
  const rows = runs.map((run) => [
    ...labels.map((name) => printable(run.labels[name] ?? '–')),
    formatTime(run.ended).slice(date.length).trim(),
    ...figures.map((name) => formatNumber(run.figures.get(name))),
  ]);
  const title = [countOf(runs.length), ...(date ? [`ended on ${date}`] : []), ...shared].join(', ');
  const assumed = [...new Set(runs.flatMap(({ assumptions }) => assumptions))].map((one) => `assumed: ${one}\n`);
  return `${title}\n${assumed.join('')}${formatTable([...labels, 'ended', ...figures], labels.length + 1, rows)}\n`;
}

/** A table of the sums of each figure. */
export function formatTotals(totals: Totals): string {
  const rows = totals.sums.map(({ column, value, runs }) => [column, formatNumber(value), String(runs)]);
  const table = rows.length ? `${formatTable(['figure', 'sum', 'runs'], 1, rows)}\n` : '';
  const { restated } = totals;
  const again = restated ? `valued again since: ${countOf(restated)}; the sums are of the first figures\n` : '';
  return `total of ${countOf(totals.runs)}\n${table}${again}`;
}

/** Columns that line up: the first `words` of them to the left, numbers to the right. */
function formatTable(headings: readonly string[], words: number, rows: readonly (readonly string[])[]): string {
  const heads = headings.map((heading) => broken(printable(heading)));
  const colAligns = headings.map((_, i) => (i < words ? ('left' as const) : ('right' as const)));
  const format = (gap: number): string => {
    const style = { head: [], border: [], 'padding-left': 0, 'padding-right': gap };
    const table = new Table({ chars: NO_BORDERS, style, head: heads, colAligns });
    for (const row of rows) table.push([...row]);
    return table.toString().replace(/ +$/gm, '');
  };
  const text = format(2);
  return text.split('\n').some((line) => line.length > WIDTH) ? format(1) : text;
}

/** A heading in lines, broken after underscores and before its unit. */
function broken(heading: string): string {
  const lines: string[] = [];
  for (const part of heading.replace(' [', '\n[').split(/(?<=_)|(?=\n)/)) {
    const line = lines.at(-1);
    if (line === undefined || part.startsWith('\n') || line.length + part.length > HEADING_WIDTH)
      lines.push(part.trim());
    else lines[lines.length - 1] = line + part;
  }
  return lines.join('\n');
}

function countOf(runs: number): string {
  return `${runs} ${runs === 1 ? 'run' : 'runs'}`;
}

function formatTime(seconds: number | undefined): string {
  const date = new Date((seconds ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString().slice(0, 19).replace('T', ' ');
}

/** A number with four significant digits; a dash where there is none. */
function formatNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e9)) return value.toExponential(DIGITS - 1);
  return String(Number(value.toPrecision(DIGITS)));
}

/** A label that comes from outside, without anything that could drive a terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '�');
}
