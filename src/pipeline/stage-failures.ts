import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { StageHealth } from './stage-health.ts';

/** How many different messages of one stage are logged. */
const LOGGED = 10;

/** Names the failures of a processor after it, and logs them, once for each message; those from behind it stay as they are. */
export class StageFailures {
  readonly #id: string;
  readonly #logger: Logger;
  readonly #health: StageHealth;
  readonly #handedOn = new WeakSet<Error>();
  readonly #logged = new Set<string>();

  constructor(id: string, logger: Logger, health: StageHealth) {
    this.#id = id;
    this.#logger = logger;
    this.#health = health;
  }

  /** Notes that an error comes from behind the processor, which may hand it on. */
  handedOn(error: Error): void {
    this.#handedOn.add(error);
  }

  /** Returns the error, named after the processor where it is one of its own. */
  named(error: Error): Error {
    if (this.#handedOn.has(error)) return error;
    this.#health.failed(error);
    const message = messageOf(error);
    if (!this.#logged.has(message) && this.#logged.size < LOGGED) {
      this.#logged.add(message);
      this.#logger.error({ err: error }, `failed on a run: ${message}`);
    }
    return new Error(`processor ${this.#id} failed: ${message}`, { cause: error });
  }
}
