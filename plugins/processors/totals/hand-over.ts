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
  run(signal: AbortSignal): Promise<Outcome> {
    const outcome = this.#waiting ?? this.#schedule();
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    void outcome.then(resolve, reject).then(() => signal.removeEventListener('abort', leave));
    return promise;
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
