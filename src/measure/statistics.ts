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

/**
 * Returns the differences of the second command's runs from the first's, pair by pair: the runs alternate, so that slow
 * changes of the host affect both runs of a pair. A run without a partner is left out.
 */
export function differenceOf(first: readonly number[], second: readonly number[]): Spread | undefined {
  const pairs = Math.min(first.length, second.length);
  return spreadOf(Array.from({ length: pairs }, (_, i) => (second[i] as number) - (first[i] as number)));
}
