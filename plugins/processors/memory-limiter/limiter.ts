import type { Limits } from './limits.ts';
import type { Memory } from './memory.ts';

/** Milliseconds between two collections of garbage while memory is between the limits, since each stops the process. */
const COLLECT_AGAIN = 10_000;
/** How many times as long as a collection has taken it is waited for the next, also beyond the hard limit. */
const REST = 10;

/** Knows whether there is memory for more data. */
export class Limiter {
  readonly #limits: Limits;
  readonly #memory: Memory;
  readonly #now: () => number;
  #isOver = false;
  #collected = Number.NEGATIVE_INFINITY;
  /** How many milliseconds the last collection has taken. */
  #took = 0;

  /** `now` returns milliseconds of a clock that does not step. */
  constructor(limits: Limits, memory: Memory, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#memory = memory;
    this.#now = now;
  }

  /** Whether data are to be refused: from the first look at which memory is beyond the soft limit to the next `check` at which it is not. */
  get isOver(): boolean {
    this.#isOver ||= this.#memory.used() > this.#limits.soft;
    return this.#isOver;
  }

  /** Looks again; garbage is collected before memory counts as beyond a limit, since nobody else may have done so. */
  check(): void {
    let used = this.#memory.used();
    const began = this.#now();
    const rest = Math.max(REST * this.#took, used > this.#limits.hard ? 0 : COLLECT_AGAIN);
    if (used > this.#limits.soft && began - this.#collected >= rest) {
      this.#memory.collect();
      this.#collected = this.#now();
      this.#took = this.#collected - began;
      used = this.#memory.used();
    }
    this.#isOver = used > this.#limits.soft;
  }
}
