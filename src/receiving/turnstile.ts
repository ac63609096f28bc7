/**
 * Lets work begin one after the other. While others wait, each begins in a turn of the event loop of its own, so that what
 * else the process does, such as an answer to a probe, waits for one of them and not for all.
 */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #isFree = true;

  /** Resolves when the caller may begin: at once where nobody has begun in this turn. */
  enter(): Promise<void> {
    if (!this.#isFree) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#isFree = false;
    setImmediate(this.#next);
    return Promise.resolve();
  }

  readonly #next = (): void => {
    const begin = this.#waiting.shift();
    if (!begin) {
      this.#isFree = true;
      return;
    }
    setImmediate(this.#next);
    begin();
  };
}

/** Where all requests of the process pass before they are read: the event loop is one. */
export const requestTurns = new Turnstile();
