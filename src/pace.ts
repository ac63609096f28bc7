import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may go on before others have a turn, in milliseconds: a fifth of what nobody notices. */
const SLICE = 10;

/** Has long work give way, so that it holds up nothing else that the process does. */
export class Pace {
  readonly #slice: number;
  #since = performance.now();

  /** Lets the work go on for so many milliseconds at a time. */
  constructor(slice = SLICE) {
    this.#slice = slice;
  }

  /** Whether the work has gone on for so long that others should have a turn. */
  get isDue(): boolean {
    return performance.now() - this.#since > this.#slice;
  }

  /** Resolves when all that waits has had a turn; at once where that is not due. */
  async giveWay(): Promise<void> {
    if (!this.isDue) return;
    await nextTurn();
    this.#since = performance.now();
  }
}
