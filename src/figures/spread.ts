import { mean, sampleStandardDeviation } from 'simple-statistics';

/** The mean of runs, and their sample standard deviation where there are two or more. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number | undefined;
  readonly runs: number;
}

/** Returns the mean and sample standard deviation of values; undefined where there are none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const numbers = [...values];
  const deviation = numbers.length > 1 ? sampleStandardDeviation(numbers) : undefined;
  return { mean: mean(numbers), deviation, runs: numbers.length };
}
