import { mean, sampleStandardDeviation } from 'simple-statistics';

/** The mean of some runs, and their sample standard deviation where there are two or more. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number | undefined;
  readonly runs: number;
}

/** The mean and sample standard deviation of values; undefined where there is none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const numbers = [...values];
  const deviation = numbers.length > 1 ? sampleStandardDeviation(numbers) : undefined;
  return { mean: mean(numbers), deviation, runs: numbers.length };
}

/**
 * How much the second of two commands had more than the first, run by run: the runs were made in turn, so that what
 * slowly changes on the host touches both of a pair. A run without a partner is left out.
 */
export function differenceOf(first: readonly number[], second: readonly number[]): Spread | undefined {
  const pairs = Math.min(first.length, second.length);
  return spreadOf(Array.from({ length: pairs }, (_, i) => (second[i] as number) - (first[i] as number)));
}
