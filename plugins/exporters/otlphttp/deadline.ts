const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * A signal that is aborted with any of the given ones, or when `timeout` milliseconds have passed. `release` lets go of
 * them all; `AbortSignal.timeout` would keep a request in memory until its time has come, though it was answered.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort();
  readonly #signals: readonly AbortSignal[];
  readonly #timer: NodeJS.Timeout;
  #isPassed = false;

  constructor(timeout: number, signals: readonly AbortSignal[]) {
    this.#signals = signals;
    this.#timer = setTimeout(
      () => {
        this.#isPassed = true;
        this.#abort();
      },
      Math.min(timeout, LONGEST_TIMER),
    );
    for (const signal of signals) {
      if (signal.aborted) this.#abort();
      else signal.addEventListener('abort', this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether the time was over before anything else. */
  get isPassed(): boolean {
    return this.#isPassed;
  }

  release(): void {
    clearTimeout(this.#timer);
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abort);
  }
}
