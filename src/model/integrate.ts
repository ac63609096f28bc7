import type { Series } from './series.ts';

/** Joules in a kilowatt-hour, and seconds in an hour. */
export const JOULES_PER_KWH = 3_600_000;
export const SECONDS_PER_HOUR = 3600;

/**
 * The integral of a series over time by the trapezoidal rule, in the values' unit times seconds (W gives J, cores give
 * core-seconds). A single sample counts as a rectangle of one step, or of `duration` seconds where it has no step;
 * undefined where neither is known or there is no sample.
 */
export function integrate(series: Series, duration?: number): number | undefined {
  const { values, length, step } = series;
  if (length === 0) return undefined;
  if (length === 1) {
    const width = step ?? duration;
    return width === undefined ? undefined : (values[0] as number) * width;
  }
  let sum = 0;
  if (step !== undefined) {
    for (let i = 0; i < length; i++) sum += values[i] as number;
    return (sum - ((values[0] as number) + (values[length - 1] as number)) / 2) * step;
  }
  for (let i = 1; i < length; i++) {
    const width = series.offset(i) - series.offset(i - 1);
    sum += (((values[i - 1] as number) + (values[i] as number)) / 2) * width;
  }
  return sum;
}

/** The arithmetic mean of the samples; undefined where there is none. */
export function meanOf({ values, length }: Series): number | undefined {
  if (length === 0) return undefined;
  let sum = 0;
  for (const value of values) sum += value;
  return sum / length;
}
