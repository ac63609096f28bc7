/** Lets through so many requests at once, and in the long run so many an interval (milliseconds). */
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

  /** Whether one more request may be sent now; it then counts as sent. */
  take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) * this.#perMillisecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
