import type { Logger } from 'pino';
import { messageOf, RejectedError } from '../errors.ts';
import type { Consumer } from '../plugin/index.ts';
import type { StageHealth } from './stage-health.ts';
import { witnessed } from './witnessed.ts';

/** How many different messages of one processor are logged. */
const LOGGED = 10;

/** Tells what a processor throws itself from what it hands on from behind it, and names the processor in the former. */
export class NamedFailures {
  readonly #id: string;
  readonly #logger: Logger;
  readonly #health: StageHealth;
  readonly #handedOn = new WeakSet<object>();
  readonly #logged = new Set<string>();

  constructor(id: string, logger: Logger, health: StageHealth) {
    this.#id = id;
    this.#logger = logger;
    this.#health = health;
  }

  /** What stands behind the processor. */
  behind(next: Consumer): Consumer {
    return witnessed(next, {
      failed: (error) => {
        if (typeof error === 'object' && error !== null) this.#handedOn.add(error);
        return error;
      },
    });
  }

  /** The processor; a rejection of its own is passed on as it is, anything else is logged, once for each message. */
  around(processor: Consumer): Consumer {
    return witnessed(processor, {
      failed: (error) => {
        if (error instanceof Object && this.#handedOn.has(error)) return error;
        this.#health.failed(error);
        return error instanceof RejectedError ? error : this.#named(error);
      },
    });
  }

  #named(error: unknown): Error {
    const message = messageOf(error);
    if (!this.#logged.has(message) && this.#logged.size < LOGGED) {
      this.#logged.add(message);
      this.#logger.error({ err: error }, `failed on a run: ${message}`);
    }
    return new Error(`processor ${this.#id} failed: ${message}`, { cause: error });
  }
}
