import type { Logger } from 'pino';
import { messageOf } from 'wattline/plugin';

/** Calls `beat` every `interval` milliseconds from `start` until `shutdown`. A failure is logged once until it works again. */
export class Heartbeat {
  readonly #beat: (signal: AbortSignal) => Promise<void>;
  readonly #interval: number;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(beat: (signal: AbortSignal) => Promise<void>, interval: number, logger: Logger) {
    this.#beat = beat;
    this.#interval = interval;
    this.#logger = logger;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#beating = this.#beatOnce().then(() => {
        if (!this.#stopped.signal.aborted) this.start();
      });
    }, this.#interval);
  }

  async shutdown(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped.abort();
    await this.#beating;
  }

  async #beatOnce(): Promise<void> {
    try {
      await this.#beat(this.#stopped.signal);
      if (this.#failing) this.#logger.info('the heartbeat arrives again');
      this.#failing = false;
    } catch (error) {
      if (!this.#failing && !this.#stopped.signal.aborted) {
        this.#logger.warn(`the heartbeat does not arrive: ${messageOf(error)}`);
        this.#failing = true;
      }
    }
  }
}
