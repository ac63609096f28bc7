import { fit, type LinearModel, type Observation } from './linear-model.ts';

/** The measured runs that a model is fitted to: the latest ones, each once however often it arrives. */
export class TrainingSet {
  readonly #observations = new Map<string, Observation>();
  readonly #minDistinct: number;
  readonly #maxRuns: number;
  #model: LinearModel | undefined;
  #stale = false;

  /** Keeps at most `maxRuns` runs; there is no model below `minDistinct` different numbers of streams. */
  constructor({ minDistinct, maxRuns }: { minDistinct: number; maxRuns: number }) {
    this.#minDistinct = minDistinct;
    this.#maxRuns = maxRuns;
  }

  get size(): number {
    return this.#observations.size;
  }

  /** Adds a run, or replaces what was measured of the same one before. */
  add(run: string, observation: Observation): void {
    const known = this.#observations.get(run);
    if (known && known[0] === observation[0] && known[1] === observation[1]) return;
    this.#observations.delete(run);
    this.#observations.set(run, observation);
    if (this.#observations.size > this.#maxRuns) {
      const oldest = this.#observations.keys().next().value as string;
      this.#observations.delete(oldest);
    }
    this.#stale = true;
  }

  /** The model of what is known by now; undefined where that is too little. It is fitted only when asked for. */
  model(): LinearModel | undefined {
    if (!this.#stale) return this.#model;
    this.#stale = false;
    const observations = [...this.#observations.values()];
    const distinct = new Set(observations.map(([streams]) => streams)).size;
    this.#model = distinct < this.#minDistinct ? undefined : fit(observations);
    return this.#model;
  }
}
