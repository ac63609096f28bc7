import { type Spread, spreadOf } from '../figures/spread.ts';

/**
 * Returns the differences of the second command's runs from the first's, pair by pair: the runs alternate, so that slow
 * changes of the host affect both runs of a pair. A run without a partner is left out.
 */
export function differenceOf(first: readonly number[], second: readonly number[]): Spread | undefined {
  const pairs = Math.min(first.length, second.length);
  return spreadOf(Array.from({ length: pairs }, (_, i) => (second[i] as number) - (first[i] as number)));
}
