import type { Delivery, Scrape } from './deliveries.ts';
import type { Machine } from './machine.ts';

/** What a machine used, as far as its points can tell. */
export interface Truth {
  readonly scenario: string;
  /** The metric that says so. */
  readonly kind: string;
  readonly figure: Machine['figure'];
  /** Joules or core-seconds. */
  readonly used: number;
  /** Whether all of that must be counted, since nothing is lost that some point does not tell. */
  readonly isExact: boolean;
  /** The gaps between the points of its gauge that are too wide to be joined, in seconds. */
  readonly gaps: readonly number[];
}

/**
 * Returns what a machine used between the first and the last point that arrived of it: of delta sums what is used in their
 * own stretches, of a gauge the trapezoids between the points that arrived in their turn, but for gaps over `maxGap` seconds.
 */
export function truthOf(machine: Machine, deliveries: readonly Delivery[], maxGap: number): Truth {
  const { scenario, figure, meters, losesNothing, downs } = machine;
  const scrapes = deliveries.filter(({ fate }) => fate === 'arrives').map(({ scrape }) => scrape);
  const used = meters.filter(({ counts }) => counts);
  const form = meters[0]?.form;
  const common = { scenario, kind: meters[0]?.name ?? '', figure };
  if (form === 'gauge') return { ...common, ...trapezoidsOf(scrapes, maxGap), isExact: true };
  const stretches = form === 'delta' ? scrapes.map(({ since, at }) => ({ since, at })) : stretchesOf(machine, scrapes);
  const amounts = used.flatMap(({ load }) => stretches.map(({ since, at }) => load.used(since, at)));
  const needsAll = form === 'delta' || downs.length > 0 || meters.some(({ range }) => range !== undefined);
  return { ...common, used: sum(amounts), isExact: losesNothing || !needsAll, gaps: [] };
}

/** From the first to the last scrape; of each instance for itself where each is a meter of its own. */
function stretchesOf({ isInstance }: Machine, scrapes: readonly Scrape[]): Pick<Scrape, 'since' | 'at'>[] {
  const groups = Map.groupBy(scrapes, ({ instance }) => (isInstance ? instance : 0));
  return [...groups.values()].map((group) => {
    const times = group.map(({ at }) => at);
    return { since: Math.min(...times), at: Math.max(...times) };
  });
}

function trapezoidsOf(scrapes: readonly Scrape[], maxGap: number): Pick<Truth, 'used' | 'gaps'> {
  const amounts: number[] = [];
  const gaps: number[] = [];
  let before: Scrape | undefined;
  for (const scrape of scrapes) {
    if (before && scrape.time <= before.time) continue;
    if (before) {
      const seconds = (scrape.time - before.time) / 1000;
      const watts = (wattsOf(before) + wattsOf(scrape)) / 2;
      if (seconds > maxGap) gaps.push(seconds);
      else amounts.push(watts * seconds);
    }
    before = scrape;
  }
  return { used: sum(amounts), gaps };
}

function wattsOf({ readings }: Scrape): number {
  return sum(readings.map(({ value }) => value));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
