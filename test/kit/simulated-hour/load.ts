import type { Random } from '../random-numbers.ts';

/** Times of the simulated hour are whole milliseconds from its beginning. */
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** How often agents read what they measure: the default of Collectors, SDKs and Prometheus. */
export const INTERVAL = MINUTE;
/** From when on nothing happens any more: whatever needs a few points to be sure of has them. */
export const QUIET = HOUR - 5.5 * MINUTE;
/** How long a load stays even. */
const STEP = 10_000;

/** A stretch of the hour. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** What something uses: watts or cores, even for ten seconds at a time, and none in the stretches in which it is down. */
export class Load {
  readonly #edges: readonly number[];
  readonly #rates: readonly number[];
  /** What is used until each edge. */
  readonly #sums: readonly number[];

  constructor(random: Random, [least, most]: readonly [number, number], downs: readonly Stretch[]) {
    const steps = Array.from({ length: HOUR / STEP + 1 }, () => random.between(least, most));
    const marks = new Set([...steps.keys()].map((i) => i * STEP));
    for (const { from, to } of downs) marks.add(from).add(to);
    this.#edges = [...marks].sort((a, b) => a - b);
    this.#rates = this.#edges.map((edge) => {
      const isDown = downs.some(({ from, to }) => edge >= from && edge < to);
      return isDown ? 0 : (steps[Math.floor(edge / STEP)] as number);
    });
    let sum = 0;
    this.#sums = this.#edges.map((edge, i) => {
      if (i > 0) sum += (this.#rates[i - 1] as number) * ((edge - (this.#edges[i - 1] as number)) / 1000);
      return sum;
    });
  }

  /** Watts or cores at a time. */
  rateAt(time: number): number {
    return this.#rates[this.#indexAt(time)] as number;
  }

  /** Joules or core-seconds from one time to another. */
  used(from: number, to: number): number {
    return this.#usedUntil(to) - this.#usedUntil(from);
  }

  #usedUntil(time: number): number {
    const i = this.#indexAt(time);
    return (this.#sums[i] as number) + this.rateAt(time) * ((time - (this.#edges[i] as number)) / 1000);
  }

  #indexAt(time: number): number {
    return this.#edges.findLastIndex((edge) => edge <= time);
  }
}
