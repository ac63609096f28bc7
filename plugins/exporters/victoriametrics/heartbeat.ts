import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from 'wattline/plugin';

/** Calls `beat` every `interval` milliseconds from `start` until `shutdown`. A failure is logged once until it works again. */
export class Heartbeat {
  readonly #beat: (signal: AbortSignal) => Promise<void>;
  readonly #interval: number;
  readonly #logger: Logger;
  readonly #stopped = new AbortController();
  #beating: Promise<void> | undefined;

  constructor(beat: (signal: AbortSignal) => Promise<void>, interval: number, logger: Logger) {
    this.#beat = beat;
    this.#interval = interval;
    this.#logger = logger;
  }

  start(): void {
    this.#beating = this.#run(this.#stopped.signal);
  }

  async shutdown(): Promise<void> {
    this.#stopped.abort();
    await this.#beating;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let isFailing = false;
    while (await sleep(this.#interval, true, { signal }).catch(() => false)) {
      try {
        await this.#beat(signal);
        if (isFailing) this.#logger.info('the heartbeat arrives again');
        isFailing = false;
      } catch (error) {
        if (!isFailing && !signal.aborted) this.#logger.warn(`the heartbeat does not arrive: ${messageOf(error)}`);
        isFailing = true;
      }
    }
  }
}
