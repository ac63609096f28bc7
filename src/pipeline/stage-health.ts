import type { Logger } from 'pino';
import { isFault, messageOf } from '../errors.ts';
import type { Failure, StageState } from '../plugin/status.ts';

/** The maximum number of different messages of one stage that are logged. */
const LOGGED = 10;

/** The state of a stage, and its last failure. */
export class StageHealth {
  state: StageState = 'waiting';
  #lastError: Failure | undefined;
  #blocked: Failure | undefined;

  get lastError(): Failure | undefined {
    return this.#lastError;
  }

  /** What keeps it from working until somebody mends it, and since when. */
  get blocked(): Failure | undefined {
    return this.#blocked;
  }

  /** Records what keeps it from working; undefined is nothing. */
  blockedBy(error: Error | undefined): void {
    this.#blocked = error && { message: messageOf(error), time: this.#blocked?.time ?? new Date() };
  }

  /** Records a failure of this moment. */
  failed(error: unknown): void {
    this.#lastError = { message: messageOf(error), time: new Date() };
  }
}

/** Names the failures of a processor after it and logs each message once; failures of later stages stay as they are. */
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

  /** Marks an error as one of a later stage, which the processor may hand on. */
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
      this.#logger.error(isFault(error) ? { err: error } : {}, `failed on a run: ${message}`);
    }
    return new Error(`processor ${this.#id} failed: ${message}`, { cause: error });
  }
}
