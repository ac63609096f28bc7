import type { SampleRule, Series } from '../model/series.ts';
import { eachSegment } from './segments.ts';

/** Joules in a kilowatt-hour, and seconds in an hour. */
export const JOULES_PER_KWH = 3_600_000;
export const SECONDS_PER_HOUR = 3600;

/** How a series is integrated. */
export interface IntegrateOptions {
  readonly sampling?: SampleRule | undefined;
  /** How long the run took in seconds, which a single sample without a step stands for. */
  readonly duration?: number | undefined;
}

/** What a series comes to. */
export interface Integral {
  /** In the values' unit times seconds: W gives J, cores give core-seconds. */
  readonly value: number;
  /** The seconds that were integrated over; gaps are not among them. */
  readonly span: number;
}

/**
 * The integral of a series over time: by the trapezoidal rule where samples are instants, as a sum of rectangles where
 * they are of intervals. Undefined where there is nothing to integrate over.
 */
export function integrate(
  series: Series,
  { sampling = 'instant', duration }: IntegrateOptions = {},
): Integral | undefined {
  if (series.length > 1 && series.step !== undefined) {
    const regular = integrateRegular(series, series.step, sampling);
    // A gap makes the sum NaN.
    if (!Number.isNaN(regular.value)) return regular;
  }
  let value = 0;
  let span = 0;
  eachSegment(series, sampling, duration, (from, first, to, last) => {
    value += ((first + last) / 2) * (to - from);
    span += to - from;
  });
  return span > 0 ? { value, span } : undefined;
}

function integrateRegular(series: Series, step: number, sampling: SampleRule): Integral {
  const { length } = series;
  const sum = series.sum ?? sumOf(series.values);
  if (sampling !== 'instant') return { value: sum * step, span: length * step };
  const ends = (series.at(0) + series.at(length - 1)) / 2;
  return { value: (sum - ends) * step, span: (length - 1) * step };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum;
}

/** The arithmetic mean of the samples that are not missing; undefined where there is none. */
export function meanOf(series: Series): number | undefined {
  if (series.sum !== undefined && series.length) return series.sum / series.length;
  let sum = 0;
  let count = 0;
  for (const value of series.values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? undefined : sum / count;
}
