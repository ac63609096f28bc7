const INITIAL = 5000;
const LONGEST = 300_000;
/** The longest pause that a service may request. */
const LONGEST_REQUESTED = 86_400_000;

/** The pauses after failures of a service: 5 s, then twice as long each time up to 5 minutes, each up to half longer or shorter. */
export class BackOff {
  #failures = 0;
  #until = 0;

  /** Whether the pause is over. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  /**
   * Begins a pause of at least the `requested` milliseconds, and returns its length. A failure during a pause is of a
   * request from before it, and extends the pause only where the service requests that.
   */
  failed(requested = 0): number {
    const now = performance.now();
    if (now >= this.#until) {
      const pause = Math.min(LONGEST, INITIAL * 2 ** this.#failures);
      this.#failures++;
      this.#until = now + pause * (0.5 + Math.random());
    }
    this.#until = Math.max(this.#until, now + Math.min(requested, LONGEST_REQUESTED));
    return this.#until - now;
  }

  /** Makes the next pause a short one. A pause that lasts goes on, since the answer is to a request from before it. */
  succeeded(): void {
    if (this.isOver) this.#failures = 0;
  }
}
