import { ticksOf } from './ticks.ts';

/** A curve with its band, and what was measured. */
export interface CurvePlot {
  readonly title: string;
  /** What the axes show, with units. */
  readonly xLabel: string;
  readonly yLabel: string;
  /** In rising order of x. */
  readonly curve: readonly CurvePoint[];
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  readonly lower?: number | undefined;
  readonly upper?: number | undefined;
}

/** The ranges of both axes: from the least to the largest x, and from 0 to the largest y. */
export interface PlotRange {
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

const WIDTH = 60;
const HEIGHT = 15;

/** Returns what of a plot the axes must show. */
export function rangeOfPlot({ curve, points }: CurvePlot): PlotRange {
  const xs = [...curve, ...points].map(({ x }) => x);
  const ys = [...points.map(({ y }) => y), ...curve.flatMap(({ y, upper = y }) => [y, upper])];
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  return { from, to: to > from ? to : from + 1, top: Math.max(...ys, Number.MIN_VALUE) };
}

/** Draws a plot with characters, whose title names what the vertical axis shows: `●` is what was measured, `─` the curve and `░` its band. */
export function drawPlot(plot: CurvePlot): string {
  const range = rangeOfPlot(plot);
  const { from, to, top } = range;
  const column = (x: number) => Math.round(((x - from) / (to - from)) * (WIDTH - 1));
  const row = (y: number) => HEIGHT - 1 - Math.round((Math.min(y, top) / top) * (HEIGHT - 1));
  const cells = Array.from({ length: HEIGHT }, () => Array<string>(WIDTH).fill(' '));
  const put = (x: number, y: number, mark: string) => {
    const line = cells[row(y)];
    if (line) line[column(x)] = mark;
  };
  for (const { x, lower, upper } of plot.curve) {
    if (lower === undefined || upper === undefined) continue;
    for (let at = row(upper); at <= row(lower); at++) (cells[at] as string[])[column(x)] = '░';
  }
  for (const { x, y } of plot.curve) put(x, y, '─');
  for (const { x, y } of plot.points) put(x, y, '●');
  return [
    plot.title,
    ...framed(cells, new Map(ticksOf(0, top, 4).map((tick) => [row(tick), String(tick)]))),
    ...axis(new Map(ticksOf(from, to, 6).map((tick) => [column(tick), String(tick)])), plot),
    '',
  ].join('\n');
}

/** How wide the numbers of the vertical axis are. */
const MARGIN = 9;

function framed(cells: readonly (readonly string[])[], ticks: ReadonlyMap<number, string>): string[] {
  return cells.map((line, at) => {
    const tick = ticks.get(at);
    return `${(tick ?? '').padStart(MARGIN)} ${tick === undefined ? '│' : '┤'}${line.join('')}`.trimEnd();
  });
}

function axis(ticks: ReadonlyMap<number, string>, { xLabel }: CurvePlot): string[] {
  const line = Array.from({ length: WIDTH }, (_, at) => (ticks.has(at) ? '┬' : '─')).join('');
  let numbers = '';
  for (const [at, text] of ticks) {
    const start = at - Math.floor(text.length / 2);
    // A number that has no room is left out.
    if (start > numbers.length || numbers === '') numbers = `${numbers.padEnd(Math.max(0, start))}${text}`;
  }
  const indent = ' '.repeat(MARGIN + 1);
  return [`${indent}└${line}`, `${indent} ${numbers}`, `${indent} ${xLabel}`];
}
