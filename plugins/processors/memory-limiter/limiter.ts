import type { Memory } from './memory.ts';

/** How many times as long as a collection of garbage has taken it is waited for the next, since each stops the process. */
const REST = 10;

/** Knows whether there is memory for more data. */
export class Limiter {
  readonly #limit: number;
  readonly #memory: Memory;
  readonly #now: () => number;
  #isOver = false;
  /** When garbage may be collected again. */
  #next = Number.NEGATIVE_INFINITY;

  /** Data are refused beyond `limit` bytes; `now` returns milliseconds of a clock that does not step. */
  constructor(limit: number, memory: Memory, now: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#memory = memory;
    this.#now = now;
  }

  /** Whether data are to be refused: from the first look that finds too much in use to the next `check` that does not. */
  get isOver(): boolean {
    if (!this.#isOver && this.#memory.used() > this.#limit) this.check();
    return this.#isOver;
  }

  /** Looks again. Garbage is collected before memory counts as beyond the limit, since V8 leaves it there as long as it can. */
  check(): void {
    const began = this.#now();
    if (this.#memory.used() > this.#limit && began >= this.#next) {
      this.#memory.collect();
      const ended = this.#now();
      this.#next = ended + REST * (ended - began);
    }
    this.#isOver = this.#memory.used() > this.#limit;
  }
}
