import { messageOf } from '../errors.ts';
import type { Failure } from '../plugin/index.ts';
import type { StageState } from '../plugin/status.ts';

/** How a stage is doing: its state, and what last failed in it. */
export class StageHealth {
  state: StageState = 'waiting';
  #lastError: Failure | undefined;

  get lastError(): Failure | undefined {
    return this.#lastError;
  }

  /** Notes that something failed just now. */
  failed(error: unknown): void {
    this.#lastError = { message: messageOf(error), time: new Date() };
  }
}
