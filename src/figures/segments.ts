import type { Integrated, SampleRule, Series } from '../model/series.ts';

/** Takes a straight piece of a series: from one value to another, and when, in seconds from the start of the series. */
export type VisitSegment = (from: number, first: number, to: number, last: number) => void;

/**
 * Visits what a series states, in time order. Samples that are more than two steps apart have a hole between them and are
 * not joined, be there missing ones (NaN) in it or none; a step of uneven samples is their median distance. A mean of an
 * interval lasts one step before a hole. A single sample lasts one step, or `duration` seconds where it has no step;
 * without either it states nothing.
 */
export function eachSegment(
  series: Series,
  sampling: SampleRule,
  duration: number | undefined,
  visit: VisitSegment,
): void {
  if (series.length === 1) visitSingle(series, duration, visit);
  else if (sampling === 'instant') visitInstants(series, visit);
  else visitIntervals(series, sampling, visit);
}

function visitSingle({ values, step }: Series, duration: number | undefined, visit: VisitSegment): void {
  const value = values[0] as number;
  const width = step ?? duration;
  if (width !== undefined && !Number.isNaN(value)) visit(0, value, width, value);
}

function visitInstants(series: Series, visit: VisitSegment): void {
  const { values, length } = series;
  let before = -1;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    if (before >= 0) {
      const from = series.offset(before);
      const to = series.offset(i);
      if (!series.isHole(to - from)) visit(from, values[before] as number, to, value);
    }
    before = i;
  }
}

function visitIntervals(series: Series, sampling: SampleRule, visit: VisitSegment): void {
  const { values, length } = series;
  for (let i = 0; i < length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) visit(series.offset(i), value, series.endOf(i, sampling), value);
  }
}

/** A shorter time, in seconds, is the rounding of sums. */
const ROUNDING = 1e-6;

/** Returns how many of the seconds from the first sample to the last one are holes; 0 where there is none. */
export function holesIn({ series, sampling, span }: Pick<Integrated, 'series' | 'sampling' | 'span'>): number {
  const { values, length } = series;
  const first = values.findIndex((value) => !Number.isNaN(value));
  const last = values.findLastIndex((value) => !Number.isNaN(value));
  if (length < 2 || first < 0) return 0;
  const end = sampling === 'instant' ? series.offset(last) : series.endOf(last, sampling);
  const seconds = end - series.offset(first) - span;
  return seconds > ROUNDING ? seconds : 0;
}
