import type { FactorPeriod, FactorSeries } from '../model/factor.ts';

/** A stretch of time in seconds since 1970, the end excluded. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Whether a stretch has time in common with the time from `from` to `to`, which may be a single moment. */
export function overlaps(stretch: Stretch, from: number, to: number): boolean {
  return stretch.to > from && beginsWithin(stretch, from, to);
}

/** Those of some stretches, which are in order and disjoint, that overlap the time from `from` to `to`. */
export function overlapping<S extends Stretch>(sorted: readonly S[], from: number, to: number): readonly S[] {
  if (to < from) return [];
  const first = firstIndex(sorted, (stretch) => stretch.to > from);
  const end = firstIndex(sorted, (stretch) => !beginsWithin(stretch, from, to));
  return sorted.slice(first, end);
}

/** A factor over periods that are in order and disjoint; finding those of a run takes the logarithm of their number. */
export function periodSeries(periods: readonly FactorPeriod[]): FactorSeries {
  return { between: (from, to) => overlapping(periods, from, to) };
}

function beginsWithin(stretch: Stretch, from: number, to: number): boolean {
  return stretch.from < to || stretch.from <= from;
}

/** The index of the first item that passes, where all after it do; the number of items where none does. */
function firstIndex<T>(items: readonly T[], passes: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(items[middle] as T)) high = middle;
    else low = middle + 1;
  }
  return low;
}
