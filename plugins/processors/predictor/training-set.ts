import type { Run } from 'wattline/plugin';
import { ArrivedRuns } from './arrived-runs.ts';
import { fit, type LinearModel, type Observation } from './linear-model.ts';

/** The maximum number of runs that arrive before they are read, in sizes of the set and in all. */
const SIZES_ARRIVED = 16;
const MOST_ARRIVED = 200_000;

/** The measured runs that a model is fitted to: the latest ones, each once however often it arrives. */
export class TrainingSet {
  readonly #observations = new Map<string, Observation>();
  /** Continues after the last run that made room: a new iterator would pass the empty places of all before it. */
  readonly #oldest = this.#observations.keys();
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

  /** The number of times that a run was added or replaced. */
  get changes(): number {
    this.#settle();
    return this.#changes;
  }

  /** Returns the observations, the latest last. */
  observations(): Iterable<Observation> {
    this.#settle();
    return this.#observations.values();
  }

  /**
   * Takes a run with its mean power in watts. It is read only when the model or the observations are needed: most runs of
   * a long file have made room for others by then. A run with an unknown number of streams is left out.
   */
  learn(run: Run, watts: number): void {
    if (this.#arrived.add(run, watts)) return;
    this.#settle();
    this.#arrived.add(run, watts);
  }

  /** Adds a run, or replaces what was measured of the same one before. */
  add(run: string, observation: Observation): void {
    const known = this.#observations.get(run);
    // It becomes one of the latest also where nothing changes: the runs that are kept must not depend on when they are read.
    this.#observations.delete(run);
    this.#observations.set(run, observation);
    if (known && known[0] === observation[0] && known[1] === observation[1]) return;
    if (this.#observations.size > this.#maxRuns) this.#observations.delete(this.#oldest.next().value as string);
    this.#stale = true;
    this.#changes++;
  }

  /** Returns the model of all runs so far; undefined where they are too few. It is fitted at the first call after a change. */
  model(): LinearModel | undefined {
    this.#settle();
    if (!this.#stale) return this.#model;
    this.#stale = false;
    this.#model = this.#hasEnoughStreams() ? fit(this.#observations.values()) : undefined;
    return this.#model;
  }

  /** Adds the latest of each run that has arrived, and no more runs than there is room for. */
  #settle(): void {
    if (this.#arrived.length === 0) return;
    for (const [run, observation] of this.#arrived.takeLatest(this.#maxRuns)) this.add(run, observation);
  }

  #hasEnoughStreams(): boolean {
    const numbers = new Set<number>();
    for (const [streams] of this.#observations.values()) {
      if (numbers.add(streams).size >= this.#minDistinct) return true;
    }
    return false;
  }
}
