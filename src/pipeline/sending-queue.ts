import type { Consumer, Lifecycle } from '../plugin/contract.ts';
import {
  allTaken,
  deferAll,
  isAllTaken,
  type Outcome,
  type QueuedExporter,
  type Refusal,
  type Run,
} from '../plugin/index.ts';
import type { OutcomeCount } from './point-counts.ts';
import { type Entry, Sender, type SenderOptions } from './sender.ts';

/** How a sending queue works, beside the options of its exporter. */
export interface SendingQueueOptions extends SenderOptions {
  /** Counts what became of runs. */
  readonly count?: OutcomeCount | undefined;
}

/**
 * A bounded queue in memory before an exporter that sends over the network. `consume` resolves when each run has arrived,
 * was refused or given up, so nothing is acknowledged that could still be lost. A list that has no room is deferred at once.
 */
export class SendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #sender: Sender;
  readonly #count: OutcomeCount | undefined;

  constructor(exporter: QueuedExporter, { count, ...options }: SendingQueueOptions) {
    this.#exporter = exporter;
    this.#sender = new Sender(exporter, options);
    this.#count = count;
  }

  /** How many runs wait, those being sent left out. */
  get size(): number {
    return this.#sender.waiting;
  }

  /** How many runs may wait. */
  get capacity(): number {
    return this.#exporter.queue.queue_size;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#exporter.start?.(signal);
  }

  async consume(runs: readonly Run[]): Promise<Outcome> {
    const list = new QueuedList(runs.length);
    const full = deferredByFull(this, runs);
    if (!full) for (const run of runs) this.#sender.push(list.entryOf(run));
    const outcome = full ?? (await list.settled);
    this.#count?.(runs, outcome, list.rejectedPoints);
    return outcome;
  }

  /** Tries everything that waits once more, without pauses; what cannot be delivered until `signal` is given up. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.#sender.close(signal);
    await this.#exporter.shutdown?.(signal);
  }
}

/** A list that was handed over, and what became of its runs so far. */
class QueuedList {
  readonly settled: Promise<Outcome>;
  rejectedPoints = 0;
  readonly #refused: Refusal[] = [];
  readonly #deferred: Run[] = [];
  #cause: Error | undefined;
  readonly #resolve: (outcome: Outcome) => void;
  #left: number;

  constructor(length: number) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.settled = promise;
    this.#resolve = resolve;
    this.#left = length;
    if (length === 0) resolve(allTaken);
  }

  entryOf(run: Run): Entry {
    return {
      load: () => run,
      arrived: (_, rejectedPoints) => {
        this.rejectedPoints += rejectedPoints;
        this.#settleOne();
      },
      refused: (refusal) => {
        this.#refused.push(refusal);
        this.#settleOne();
      },
      failed: (error) => {
        this.#deferred.push(run);
        this.#cause = error;
        this.#settleOne();
      },
    };
  }

  #settleOne(): void {
    this.#left--;
    if (this.#left > 0) return;
    const outcome = { refused: this.#refused, deferred: this.#deferred, cause: this.#cause };
    this.#resolve(isAllTaken(outcome) ? allTaken : outcome);
  }
}

/**
 * Defers a list that has no room in a queue; returns undefined where it has. A queue takes all of a list or nothing, since
 * its sender would send again what was taken; an empty queue also takes a list that is longer than itself, which could
 * never be taken otherwise.
 */
export function deferredByFull(
  { size, capacity }: { readonly size: number; readonly capacity: number },
  runs: readonly Run[],
): Outcome | undefined {
  if (size === 0 || size + runs.length <= capacity) return undefined;
  return deferAll(runs, new Error(`the sending queue is full: ${capacity} runs wait`));
}
