import type { Sampling, Series } from '../model/series.ts';

/** How far apart two samples may be, in steps, for the line between them to stand for what is missing there. */
const WIDEST_JOIN = 2;

/** Takes a straight piece of a series: from one value to another, and when, in seconds from the start of the series. */
export type VisitSegment = (from: number, first: number, to: number, last: number) => void;

/**
 * Visits what a series states, in time order. A missing sample (NaN) leaves a gap: the samples on both sides of it are
 * joined only where they are at most two steps apart, a step of uneven samples being their median distance. A single
 * sample lasts one step, or `duration` seconds where it has no step; without either it states nothing.
 */
export function eachSegment(
  series: Series,
  sampling: Sampling,
  duration: number | undefined,
  visit: VisitSegment,
): void {
  if (series.length === 1) visitSingle(series, duration, visit);
  else if (sampling === 'interval') visitIntervals(series, visit);
  else visitInstants(series, visit);
}

function visitSingle({ values, step }: Series, duration: number | undefined, visit: VisitSegment): void {
  const value = values[0] as number;
  const width = step ?? duration;
  if (width !== undefined && !Number.isNaN(value)) visit(0, value, width, value);
}

function visitInstants(series: Series, visit: VisitSegment): void {
  const { values, length } = series;
  let before = -1;
  let widest: number | undefined;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    if (before >= 0) {
      const from = series.offset(before);
      const to = series.offset(i);
      // Half a thousandth of a step is rounding.
      if (i > before + 1) widest ??= usualStep(series) * (WIDEST_JOIN + 0.0005);
      if (i === before + 1 || to - from <= (widest as number)) visit(from, values[before] as number, to, value);
    }
    before = i;
  }
}

function visitIntervals(series: Series, visit: VisitSegment): void {
  const { values, length } = series;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const from = series.offset(i);
    const to = i + 1 < length ? series.offset(i + 1) : from + (from - series.offset(i - 1));
    visit(from, value, to, value);
  }
}

/** The seconds between two samples: the step, or the median of the distances. */
function usualStep(series: Series): number {
  if (series.step !== undefined) return series.step;
  const distances = Float64Array.from({ length: series.length - 1 }, (_, i) => series.offset(i + 1) - series.offset(i));
  return distances.sort()[Math.floor(distances.length / 2)] as number;
}
