import type { Counts, Points } from './counts.ts';

/** The period of the rates, and the interval between two samples, in milliseconds. */
export const LOOK_BACK = 10_000;
export const SAMPLE_INTERVAL = 2_000;

/** The minimum period of a rate in milliseconds. */
const SHORTEST = 500;

interface Sample {
  readonly time: number;
  readonly counts: Counts;
}

/** Data points per second, and CPU time in cores, over the last seconds; empty where unknown. */
export interface Rates {
  readonly points: ReadonlyMap<string, Points>;
  readonly cpuCores: number | undefined;
}

/** Keeps the counts of the last seconds to calculate rates; times in milliseconds. */
export class RecentCounts {
  readonly #samples: Sample[] = [];

  add(counts: Counts, time: number): void {
    this.#samples.push({ time, counts });
    const isKept = (sample: Sample) => time - sample.time <= LOOK_BACK;
    this.#samples.splice(0, this.#samples.findIndex(isKept));
  }

  /** Returns the rates from the oldest kept counts to the present ones. */
  ratesOf(now: Counts, time: number): Rates {
    const [oldest] = this.#samples;
    const seconds = oldest && time - oldest.time >= SHORTEST ? (time - oldest.time) / 1000 : undefined;
    if (!oldest || seconds === undefined) return { points: new Map(), cpuCores: undefined };
    const since = (before = 0, after = 0) => (after >= before ? (after - before) / seconds : undefined);
    const points = Array.from(now.points, ([key, counts]) => {
      const before = oldest.counts.points.get(key);
      const rates: Points = {};
      for (const way of ['in', 'out', 'refused', 'failed'] as const) {
        const rate = counts[way] === undefined ? undefined : since(before?.[way], counts[way]);
        if (rate !== undefined) rates[way] = rate;
      }
      return [key, rates] as const;
    });
    return { points: new Map(points), cpuCores: since(oldest.counts.process.cpu_seconds, now.process.cpu_seconds) };
  }
}
