import type { Run } from 'wattline/plugin';
import { ArrivedRuns } from './arrived-runs.ts';
import { fit, type LinearModel, type Observation } from './linear-model.ts';

/** How many runs arrive, in sizes of the set and at all, before they are looked at though nobody asks. */
const SIZES_ARRIVED = 16;
const MOST_ARRIVED = 200_000;

/** The measured runs that a model is fitted to: the latest ones, each once however often it arrives. */
export class TrainingSet {
  readonly #observations = new Map<string, Observation>();
  /** Goes on from the last run that had to make room: a new iterator would pass the places of all before it. */
  readonly #oldest = this.#observations.keys();
  /** How many runs there are of each number of streams. */
  readonly #distinct = new Map<number, number>();
  readonly #minDistinct: number;
  readonly #maxRuns: number;
  readonly #arrived: ArrivedRuns;
  #model: LinearModel | undefined;
  #stale = false;
  #changes = 0;

  /** Keeps at most `maxRuns` runs; there is no model below `minDistinct` different numbers of streams. */
  constructor({ minDistinct, maxRuns }: { minDistinct: number; maxRuns: number }) {
    this.#minDistinct = minDistinct;
    this.#maxRuns = maxRuns;
    this.#arrived = new ArrivedRuns(Math.min(maxRuns * SIZES_ARRIVED, MOST_ARRIVED));
  }

  get size(): number {
    this.#settle();
    return this.#observations.size;
  }

  /** How often a run has been added or replaced. */
  get changes(): number {
    this.#settle();
    return this.#changes;
  }

  /** What was measured, the latest last. */
  observations(): Iterable<Observation> {
    this.#settle();
    return this.#observations.values();
  }

  /**
   * Takes a run with its mean power in watts. It is only looked at when somebody asks what has been learnt: most runs of
   * a long file have made room for others by then. One that does not say how many streams it had is left out.
   */
  learn(run: Run, watts: number): void {
    if (this.#arrived.add(run, watts)) return;
    this.#settle();
    this.#arrived.add(run, watts);
  }

  /** Adds a run, or replaces what was measured of the same one before. */
  add(run: string, observation: Observation): void {
    const known = this.#observations.get(run);
    if (known && known[0] === observation[0] && known[1] === observation[1]) {
      // It is one of the latest again: what is kept must not depend on when somebody asks.
      this.#observations.delete(run);
      this.#observations.set(run, known);
      return;
    }
    this.#remove(run);
    this.#observations.set(run, observation);
    this.#count(observation[0], 1);
    if (this.#observations.size > this.#maxRuns) this.#remove(this.#oldest.next().value as string);
    this.#stale = true;
    this.#changes++;
  }

  /** The model of what is known by now; undefined where that is too little. It is fitted only when asked for. */
  model(): LinearModel | undefined {
    this.#settle();
    if (!this.#stale) return this.#model;
    this.#stale = false;
    this.#model = this.#distinct.size < this.#minDistinct ? undefined : fit(this.#observations.values());
    return this.#model;
  }

  /** Adds what has arrived: of each run the latest, and no more than there is room for. */
  #settle(): void {
    if (this.#arrived.length === 0) return;
    for (const [run, observation] of this.#arrived.takeLatest(this.#maxRuns)) this.add(run, observation);
  }

  #remove(run: string): void {
    const known = this.#observations.get(run);
    if (!known) return;
    this.#observations.delete(run);
    this.#count(known[0], -1);
  }

  #count(streams: number, change: 1 | -1): void {
    const count = (this.#distinct.get(streams) ?? 0) + change;
    if (count === 0) this.#distinct.delete(streams);
    else this.#distinct.set(streams, count);
  }
}
