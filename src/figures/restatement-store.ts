import { Pace } from '../pace.ts';
import type { States, StoredState } from '../plugin/storage.ts';
import type { KeptRuns } from './kept-runs.ts';
import type { StreamRestatements } from './stream-restatements.ts';

const RUN = 'run/';
const STREAM = 'stream/';
/** The key of corrections that were not taken yet. */
const UNSENT = 'unsent';
/** How many runs are written at once: all of thousands as texts would hold up all else for a second. */
const RUNS_AT_ONCE = 500;

/** A key and its text; undefined where nothing is kept under it any more. */
type Entry = readonly [key: string, text: string | undefined];

/** Keeps over a restart what may have to be valued again. */
export class RestatementStore {
  readonly #states: States;
  readonly #name: string;
  readonly #runs: KeptRuns;
  readonly #streams: StreamRestatements;
  #state: StoredState | undefined;
  #unsent: string | undefined;

  /** Keeps it in the state of that name. */
  constructor(states: States, name: string, runs: KeptRuns, streams: StreamRestatements) {
    this.#states = states;
    this.#name = name;
    this.#runs = runs;
    this.#streams = streams;
  }

  /** Reads what was kept before. */
  async open(): Promise<void> {
    const state = await this.#states.openState(this.#name, 'restatement');
    for (const [, text] of state.entries(RUN)) this.#runs.restore(text);
    for (const [, text] of state.entries(STREAM)) this.#streams.kept.restore(text);
    this.#unsent = state.get(UNSENT);
    if (this.#unsent !== undefined) this.#streams.unsentText = this.#unsent;
    this.#runs.changed.clear();
    this.#state = state;
  }

  /** Writes what has changed. Rejects where that is not possible; then it goes with the next time. */
  async save(): Promise<void> {
    const runs = drain(this.#runs.changed);
    const streams = drain(this.#streams.kept.changed);
    const unsent = this.#streams.unsentText;
    if (!this.#state || (runs.length + streams.length === 0 && unsent === this.#unsent)) return;
    try {
      if (streams.length > 0 || unsent !== this.#unsent) {
        // Corrections and what they have corrected change together.
        const entries = streams.map((key): Entry => [STREAM + key, this.#streams.kept.textOf(key)]);
        await this.#write([...entries, [UNSENT, unsent]]);
        this.#unsent = unsent;
      }
      const pace = new Pace();
      for (let first = 0; first < runs.length; first += RUNS_AT_ONCE) {
        const some = runs.slice(first, first + RUNS_AT_ONCE);
        await this.#write(some.map((key) => [RUN + key, this.#runs.textOf(key)]));
        await pace.giveWay();
      }
    } catch (error) {
      for (const key of runs) this.#runs.changed.add(key);
      for (const key of streams) this.#streams.kept.changed.add(key);
      throw error;
    }
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    await this.#state?.update(() => entries);
  }

  async close(): Promise<void> {
    await this.#state?.close();
    this.#state = undefined;
  }
}

function drain(changed: Set<string>): string[] {
  const keys = [...changed];
  changed.clear();
  return keys;
}
