import { errorOf } from '../errors.ts';
import type { Run } from '../model/run.ts';
import type { Consumer } from './contract.ts';
import { deferAll, type Outcome } from './outcome.ts';

/** The longest list that is handed over; what a hand-over costs is paid once a list, and 64 to 512 runs are alike. */
const MOST_RUNS = 256;
/** How many runs may be on their way at once: enough for exporters to send them together, few enough to stay small. */
const IN_FLIGHT = 512;

/** How runs are handed over. */
export interface HandOverOptions {
  /** Nothing more is handed over, and nothing is waited for, once it is aborted. */
  readonly signal: AbortSignal;
  /** Is told what became of each list. */
  onOutcome(outcome: Outcome, runs: readonly Run[]): void;
  /** Whether nothing more is handed over once a run was deferred, since the sender will send all of them again. */
  readonly stopsAtDeferral?: boolean;
}

/**
 * Hands lists of runs over as they come, long ones in parts, with a limit to how many runs are on their way. Resolves
 * when all of them are settled; rejects where the lists cannot be read, once the runs before are settled.
 */
export async function handOver(
  next: Consumer,
  lists: Iterable<readonly Run[]> | AsyncIterable<readonly Run[]>,
  options: HandOverOptions,
): Promise<void> {
  const delivery = new RunsUnderWay(next, options);
  try {
    for await (const runs of lists) {
      for (let at = 0; at < runs.length; at += MOST_RUNS) {
        await delivery.send(runs.length > MOST_RUNS ? runs.slice(at, at + MOST_RUNS) : runs);
        if (delivery.isOver) return;
      }
    }
  } finally {
    await delivery.settled(0);
  }
}

class RunsUnderWay {
  readonly #next: Consumer;
  readonly #options: HandOverOptions;
  #underWay = 0;
  #hasDeferred = false;
  #wake: (() => void) | undefined;

  constructor(next: Consumer, options: HandOverOptions) {
    this.#next = next;
    this.#options = options;
  }

  /** Whether nothing more is to be handed over. */
  get isOver(): boolean {
    return this.#options.signal.aborted || (this.#hasDeferred && this.#options.stopsAtDeferral === true);
  }

  /** Hands a list over, and resolves when there is room for another one. */
  async send(runs: readonly Run[]): Promise<void> {
    this.#underWay += runs.length;
    this.#deliver(runs);
    await this.settled(IN_FLIGHT - MOST_RUNS);
  }

  /** Resolves when at most that many runs are under way, or nobody waits for them any more. */
  async settled(most: number): Promise<void> {
    const { signal } = this.#options;
    if (this.#underWay <= most) return;
    const wake = () => this.#wake?.();
    signal.addEventListener('abort', wake);
    while (this.#underWay > most && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    signal.removeEventListener('abort', wake);
  }

  /** Never rejects. */
  async #deliver(runs: readonly Run[]): Promise<void> {
    const { signal, onOutcome } = this.#options;
    let outcome: Outcome;
    try {
      outcome = await this.#next.consume(runs, signal);
    } catch (error) {
      outcome = deferAll(runs, errorOf(error));
    }
    this.#underWay -= runs.length;
    if (outcome.deferred.length) this.#hasDeferred = true;
    onOutcome(outcome, runs);
    this.#wake?.();
  }
}
