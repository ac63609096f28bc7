/** Numbers from 0 to 1 that look random, always the same for a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Makes choices that are always the same for a seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** A number between two others. */
  between(least: number, most: number): number {
    return least + this.#next() * (most - least);
  }

  /** A whole number from one to another. */
  integer(least: number, most: number): number {
    return Math.floor(this.between(least, most + 1));
  }

  /** True with a probability. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.integer(0, list.length - 1)] as T;
  }
}
