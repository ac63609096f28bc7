/** Limits requests to a number at once, and in the long run to that number in each interval (milliseconds). */
export class TokenBucket {
  readonly #size: number;
  readonly #perMillisecond: number;
  #tokens: number;
  #at = performance.now();

  constructor({ requests, interval }: { readonly requests: number; readonly interval: number }) {
    this.#size = requests;
    this.#perMillisecond = requests / interval;
    this.#tokens = requests;
  }

  /** Returns whether one more request may be sent now, which is then counted. */
  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#perMillisecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
