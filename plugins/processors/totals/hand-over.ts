import { addAbortListener } from 'node:events';
import type { Outcome } from 'wattline/plugin';

/** Runs a task for all callers, one run at a time: calls during a run share the run after it. */
export class HandOver {
  readonly #task: () => Promise<Outcome>;
  #running: Promise<unknown> = Promise.resolve();
  #waiting: Promise<Outcome> | undefined;

  constructor(task: () => Promise<Outcome>) {
    this.#task = task;
  }

  /** Resolves or rejects with a run that begins after this call; rejects earlier where the caller's own signal is aborted. */
  async run(signal: AbortSignal): Promise<Outcome> {
    const aborted = Promise.withResolvers<never>();
    const listener = addAbortListener(signal, () => aborted.reject(signal.reason));
    try {
      return await Promise.race([this.#waiting ?? this.#schedule(), aborted.promise]);
    } finally {
      listener[Symbol.dispose]();
    }
  }

  #schedule(): Promise<Outcome> {
    const begin = () => {
      this.#waiting = undefined;
      return this.#task();
    };
    this.#waiting = this.#running.then(begin, begin);
    this.#running = this.#waiting;
    return this.#waiting;
  }
}
