import type { Span } from './readings.ts';

/** The maximum number of obstacles that are remembered; the oldest make room. */
const MOST = 1000;

interface Obstacle extends Span {
  readonly place: string;
  readonly problem: string;
}

/** Remembers what kept a service from giving values, by place and period. */
export class Obstacles {
  readonly #all: Obstacle[] = [];

  /** Notes what a request about a span came to where it gave less than all of it. */
  add(place: string, { first, last }: Span, problem: string): void {
    this.#all.push({ place, first, last, problem });
    if (this.#all.length > MOST) this.#all.shift();
  }

  /** Returns the newest problem of any period of a span. */
  of(place: string, { first, last }: Span): string | undefined {
    return this.#all.findLast((one) => one.place === place && one.first <= last && one.last >= first)?.problem;
  }
}
