import type { States, StoredState } from '../plugin/storage.ts';
import type { KeptRuns } from './kept-runs.ts';
import type { StreamRestatements } from './stream-restatements.ts';

const RUN = 'run/';
const STREAM = 'stream/';
/** The key of corrections that were not taken yet. */
const UNSENT = 'unsent';

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
    const entries = [
      ...runs.map((key) => [RUN + key, this.#runs.textOf(key)] as const),
      ...streams.map((key) => [STREAM + key, this.#streams.kept.textOf(key)] as const),
      [UNSENT, unsent] as const,
    ];
    try {
      await this.#state.update(() => entries);
      this.#unsent = unsent;
    } catch (error) {
      for (const key of runs) this.#runs.changed.add(key);
      for (const key of streams) this.#streams.kept.changed.add(key);
      throw error;
    }
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
