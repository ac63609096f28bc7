import Table from 'cli-table3';
import { type Spread, spreadOf } from '../figures/spread.ts';
import type { PowerKind } from '../model/power-kind.ts';
import { type Figures, type MeasuredFigure, quantities } from './figures.ts';
import { differenceOf } from './statistics.ts';

const PLAIN = { style: { head: [], border: [], compact: true } };
const DIGITS = 5;
/** The maximum number of runs side by side; more are listed one below the other. */
const MOST_COLUMNS = 3;

/** A run with its figures, and how the power came about that they rest on. */
export interface Row {
  readonly name: string;
  readonly power: PowerKind;
  readonly figures: Figures;
}

/** Returns a table of the runs of one command, with mean and sample standard deviation where there are several. */
export function formatRuns(rows: readonly Row[]): string {
  const runs = rows.map(({ name, power, figures }) => [
    printable(name),
    power,
    ...quantities.map((key) => format(figures[key])),
  ]);
  const spreads = quantities.map((key) => spreadOf(valuesOf(rows, key)));
  if (rows.length > 1) {
    runs.push(['mean', '', ...spreads.map((spread) => format(spread?.mean))]);
    runs.push(['standard deviation', '', ...spreads.map((spread) => format(spread?.deviation, 2))]);
  }
  const lines = [['', 'power', ...quantities], ...runs];
  return tableOf(rows.length > MOST_COLUMNS ? lines : transpose(lines));
}

/** Returns a table of two commands: the mean of each, and the difference of the second from the first. */
export function formatDifference(first: readonly Row[], second: readonly Row[]): string {
  const lines = quantities.map((key) => {
    const [a, b] = [valuesOf(first, key), valuesOf(second, key)];
    const difference = differenceOf(a, b);
    const base = spreadOf(a)?.mean;
    const percent = difference && base ? `${signed((100 * difference.mean) / base, 3)} %` : '–';
    return [key, withSpread(spreadOf(a)), withSpread(spreadOf(b)), withSpread(difference, signed), percent];
  });
  const names = [first, second].map(([row]) => printable(row?.name.replace(/ #1$/, '') ?? ''));
  const power = ['power', first[0]?.power ?? '', second[0]?.power ?? '', '', ''];
  return tableOf([['', ...names, `${names[1]} − ${names[0]}`, 'relative'], power, ...lines]);
}

function tableOf([head = [], ...lines]: readonly (readonly string[])[]): string {
  const colAligns = head.map((_, index) => (index === 0 ? ('left' as const) : ('right' as const)));
  const table = new Table({ ...PLAIN, head: [...head], colAligns });
  for (const line of lines) table.push([...line]);
  return table.toString();
}

function valuesOf(rows: readonly Row[], key: MeasuredFigure): number[] {
  return rows.map(({ figures }) => figures[key]);
}

function transpose(lines: readonly (readonly string[])[]): string[][] {
  return (lines[0] ?? []).map((_, column) => lines.map((line) => line[column] ?? ''));
}

function withSpread(spread: Spread | undefined, formatMean: (value: number) => string = format): string {
  if (!spread) return '–';
  return spread.deviation === undefined
    ? formatMean(spread.mean)
    : `${formatMean(spread.mean)} ± ${format(spread.deviation, 2)}`;
}

function signed(value: number, digits?: number): string {
  return value > 0 ? `+${format(value, digits)}` : format(value, digits);
}

function format(value: number | undefined, digits = DIGITS): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(digits)));
}

/** Returns the name without control characters, which could drive the terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '�');
}
