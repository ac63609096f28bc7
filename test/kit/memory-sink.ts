import { allTaken, type Outcome, type Run } from 'wattline/plugin';
import type { Consumer } from '../../src/plugin/contract.ts';

/** What says what becomes of runs: an outcome, or nothing where all are taken. */
type Decide = (runs: readonly Run[], signal: AbortSignal) => unknown;

/** The end of a pipeline that keeps what arrives; `decide` says what becomes of runs before they are kept. */
export class MemorySink implements Consumer {
  readonly runs: Run[] = [];
  readonly #decide: Decide;

  constructor(decide: Decide = () => undefined) {
    this.#decide = decide;
  }

  /** The scenario of each run that has arrived. */
  get scenarios(): unknown[] {
    return this.runs.map(({ scenario }) => scenario);
  }

  async consume(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const outcome = ((await this.#decide(runs, signal)) as Outcome | undefined) ?? allTaken;
    const missing = new Set([...outcome.deferred, ...outcome.refused.map(({ run }) => run)]);
    this.runs.push(...runs.filter((run) => !missing.has(run)));
    return outcome;
  }
}
