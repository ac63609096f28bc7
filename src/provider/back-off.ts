const INITIAL = 5000;
const MULTIPLIER = 2;
const LONGEST = 300_000;
/** How far a pause may differ from its length, as a fraction. */
const JITTER = 0.5;
/** Nothing that a server says keeps it from being asked for longer than a day. */
const LONGEST_ASKED_FOR = 86_400_000;

/** How long a service that failed is left alone: 5 s, then twice as long each time up to 5 minutes, and half as much more or less. */
export class BackOff {
  #failures = 0;
  #until = 0;

  /** Whether the service may be asked. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  /**
   * Begins a pause, of at least what the service asked for (milliseconds), and returns its length. Requests that fail
   * while one lasts were sent before it, and make it no longer unless the service asks for that.
   */
  failed(askedFor = 0): number {
    const now = performance.now();
    const least = Math.min(askedFor, LONGEST_ASKED_FOR);
    if (now >= this.#until) {
      const pause = Math.min(LONGEST, INITIAL * MULTIPLIER ** this.#failures);
      this.#failures++;
      this.#until = now + pause * (1 + JITTER * (2 * Math.random() - 1));
    }
    this.#until = Math.max(this.#until, now + least);
    return this.#until - now;
  }

  /** The next pause is a short one; one that lasts goes on, since the answer is to a request from before it. */
  succeeded(): void {
    if (this.isOver) this.#failures = 0;
  }
}
