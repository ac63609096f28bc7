import Table from 'cli-table3';
import type { RunFigures } from './run-figures.ts';

const DIGITS = 6;
const PLAIN = { style: { head: [], border: [] } };

/** Sums over all runs, by figure, and how many runs had it. */
export class Totals {
  runs = 0;
  readonly sums = new Map<string, { sum: number; runs: number }>();

  add({ figures }: RunFigures): void {
    this.runs++;
    for (const [name, value] of figures) {
      const known = this.sums.get(name) ?? { sum: 0, runs: 0 };
      known.sum += value;
      known.runs++;
      this.sums.set(name, known);
    }
  }
}

/** A table with a row for each run and a column for each label and figure that any of them has. */
export function formatRuns(runs: readonly RunFigures[]): string {
  const labels = [...new Set(runs.flatMap((run) => Object.keys(run.labels)))];
  const figures = [...new Set(runs.flatMap((run) => [...run.figures.keys()]))];
  const table = new Table({
    ...PLAIN,
    head: [...labels, 'ended', ...figures],
    colAligns: [...labels.map(() => 'left' as const), 'left', ...figures.map(() => 'right' as const)],
  });
  for (const run of runs) {
    const words = labels.map((name) => printable(run.labels[name] ?? '–'));
    const numbers = figures.map((name) => formatNumber(run.figures.get(name)));
    table.push([...words, new Date(run.ended * 1000).toISOString(), ...numbers]);
  }
  return table.toString();
}

/** A table of the sums of each figure. */
export function formatTotals(totals: Totals): string {
  const table = new Table({
    ...PLAIN,
    head: [`total of ${totals.runs} runs`, 'sum', 'runs with it'],
    colAligns: ['left', 'right', 'right'],
  });
  for (const [name, { sum, runs }] of totals.sums) table.push([name, formatNumber(sum), String(runs)]);
  return table.toString();
}

/** A number with six significant digits; a dash where there is none. */
function formatNumber(value: number | undefined): string {
  if (value === undefined) return '–';
  return value === 0 ? '0' : Number(value.toPrecision(DIGITS)).toString();
}

/** A label that comes from outside, without anything that could drive a terminal. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '�');
}
