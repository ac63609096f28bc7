import type { Outcome } from 'wattline/plugin';

/** Runs a task for all who ask for it, one at a time: who asks while it is under way waits for the run after it. */
export class HandOver {
  readonly #task: (signal: AbortSignal) => Promise<Outcome>;
  #running: Promise<unknown> = Promise.resolve();
  #waiting: Promise<Outcome> | undefined;

  constructor(task: (signal: AbortSignal) => Promise<Outcome>) {
    this.#task = task;
  }

  /** Resolves, or rejects, with a run that has begun after this call. */
  run(signal: AbortSignal): Promise<Outcome> {
    if (this.#waiting) return this.#waiting;
    const begin = () => {
      this.#waiting = undefined;
      return this.#task(signal);
    };
    const waiting = this.#running.then(begin, begin);
    this.#waiting = waiting;
    this.#running = waiting;
    return waiting;
  }
}
