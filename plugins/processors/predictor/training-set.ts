import { fit, type LinearModel, type Observation } from './linear-model.ts';

/** The measured runs that a model is fitted to: the latest ones, each once however often it arrives. */
export class TrainingSet {
  readonly #observations = new Map<string, Observation>();
  /** Goes on from the last run that had to make room: a new iterator would pass the places of all before it. */
  readonly #oldest = this.#observations.keys();
  /** How many runs there are of each number of streams. */
  readonly #distinct = new Map<number, number>();
  readonly #minDistinct: number;
  readonly #maxRuns: number;
  #model: LinearModel | undefined;
  #stale = false;
  #changes = 0;

  /** Keeps at most `maxRuns` runs; there is no model below `minDistinct` different numbers of streams. */
  constructor({ minDistinct, maxRuns }: { minDistinct: number; maxRuns: number }) {
    this.#minDistinct = minDistinct;
    this.#maxRuns = maxRuns;
  }

  get size(): number {
    return this.#observations.size;
  }

  /** How often a run has been added or replaced. */
  get changes(): number {
    return this.#changes;
  }

  /** What was measured, the latest last. */
  observations(): Iterable<Observation> {
    return this.#observations.values();
  }

  /** Adds a run, or replaces what was measured of the same one before. */
  add(run: string, observation: Observation): void {
    const known = this.#observations.get(run);
    if (known && known[0] === observation[0] && known[1] === observation[1]) return;
    this.#remove(run);
    this.#observations.set(run, observation);
    this.#count(observation[0], 1);
    if (this.#observations.size > this.#maxRuns) this.#remove(this.#oldest.next().value as string);
    this.#stale = true;
    this.#changes++;
  }

  /** The model of what is known by now; undefined where that is too little. It is fitted only when asked for. */
  model(): LinearModel | undefined {
    if (!this.#stale) return this.#model;
    this.#stale = false;
    this.#model = this.#distinct.size < this.#minDistinct ? undefined : fit(this.#observations.values());
    return this.#model;
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
