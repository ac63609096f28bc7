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
import type { Sizer } from '../plugin/push-settings.ts';
import type { OutcomeCount } from './point-counts.ts';
import { sizeOf } from './run-size.ts';
import { type Entry, Sender, type SenderOptions } from './sender.ts';

/** How a sending queue works, beside the options of its exporter. */
export interface SendingQueueOptions extends SenderOptions {
  /** Counts what became of runs. */
  readonly count?: OutcomeCount | undefined;
}

/**
 * A bounded queue in memory before an exporter that sends over the network. `consume` resolves when each run has arrived,
 * was refused or given up, so nothing is acknowledged that could still be lost; what its sender gives up is not sent. A list that has no room is deferred at once.
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

  /** How much waits, what is being sent left out. */
  get size(): number {
    return this.#sender.waiting;
  }

  /** How much may wait. */
  get capacity(): number {
    return this.#exporter.queue.queue_size;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#exporter.start?.(signal);
  }

  async consume(runs: readonly Run[], signal?: AbortSignal): Promise<Outcome> {
    const { sizer = 'requests' } = this.#exporter.queue;
    const list = new QueuedList(runs, sizer);
    const size = list.entries.reduce((sum, entry) => sum + entry.size, 0);
    const outcome = deferredByFull(this, runs, size, sizer) ?? (await this.#send(list, signal));
    this.#count?.(runs, outcome, list.rejectedPoints);
    return outcome;
  }

  /** Resolves when the list is settled; what waits of it is dropped where its sender gives it up, and deferred. */
  async #send(list: QueuedList, signal?: AbortSignal): Promise<Outcome> {
    const withdraw = () => {
      // All of Wattline stops: everything gets one last attempt.
      if (signal?.reason.name === 'AbortError') return;
      list.withdraw(signal?.reason);
      this.#sender.dropWithdrawn();
    };
    for (const entry of list.entries) this.#sender.push(entry);
    signal?.addEventListener('abort', withdraw);
    if (signal?.aborted) withdraw();
    try {
      return await list.settled;
    } finally {
      signal?.removeEventListener('abort', withdraw);
    }
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
  readonly entries: readonly QueuedRun[];
  rejectedPoints = 0;
  readonly #refused: Refusal[] = [];
  readonly #deferred: Run[] = [];
  #cause: Error | undefined;
  readonly #resolve: (outcome: Outcome) => void;
  #left: number;

  constructor(runs: readonly Run[], sizer: Sizer) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.settled = promise;
    this.#resolve = resolve;
    this.#left = runs.length;
    this.entries = runs.map((run) => new QueuedRun(run, this, sizer));
    if (runs.length === 0) resolve(allTaken);
  }

  /** Defers what no request is under way for, and has none sent again. */
  withdraw(reason: Error): void {
    for (const entry of this.entries) {
      entry.isWithdrawn = true;
      if (!entry.isUnderWay) entry.failed(reason);
    }
  }

  arrived(rejectedPoints: number): void {
    this.rejectedPoints += rejectedPoints;
    this.#settleOne();
  }

  refused(refusal: Refusal): void {
    this.#refused.push(refusal);
    this.#settleOne();
  }

  failed(run: Run, error: Error): void {
    this.#deferred.push(run);
    this.#cause = error;
    this.#settleOne();
  }

  #settleOne(): void {
    this.#left--;
    if (this.#left > 0) return;
    const outcome = { refused: this.#refused, deferred: this.#deferred, cause: this.#cause };
    this.#resolve(isAllTaken(outcome) ? allTaken : outcome);
  }
}

/** A run of a list, which is settled once. */
class QueuedRun implements Entry {
  isWithdrawn = false;
  isUnderWay = false;
  readonly size: number;
  readonly #run: Run;
  #list: QueuedList | undefined;

  constructor(run: Run, list: QueuedList, sizer: Sizer) {
    this.size = sizeOf(run, sizer);
    this.#run = run;
    this.#list = list;
  }

  load(): Run {
    return this.#run;
  }

  arrived(_: Run, rejectedPoints: number): void {
    this.#settle()?.arrived(rejectedPoints);
  }

  refused(refusal: Refusal): void {
    this.#settle()?.refused(refusal);
  }

  failed(error: Error): void {
    this.#settle()?.failed(this.#run, error);
  }

  #settle(): QueuedList | undefined {
    const list = this.#list;
    this.#list = undefined;
    return list;
  }
}

const NOUNS: Readonly<Record<Sizer, string>> = { requests: 'runs', items: 'data points', bytes: 'bytes' };

/**
 * Defers a list that has no room in a queue; returns undefined where it has. A queue takes all of a list or nothing, since
 * its sender would send again what was taken; an empty queue also takes a list that is longer than itself, which could
 * never be taken otherwise.
 */
export function deferredByFull(
  { size, capacity }: { readonly size: number; readonly capacity: number },
  runs: readonly Run[],
  more: number,
  sizer: Sizer,
): Outcome | undefined {
  if (size === 0 || size + more <= capacity) return undefined;
  return deferAll(runs, new Error(`the sending queue is full: ${capacity} ${NOUNS[sizer]} wait`));
}
