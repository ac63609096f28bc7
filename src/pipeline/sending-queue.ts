import type { Consumer, Lifecycle } from '../plugin/contract.ts';
import { allTaken, deferAll, type Outcome, type QueuedExporter, type Refusal, type Run } from '../plugin/index.ts';
import { type Entry, Sender, type SenderOptions } from './sender.ts';

/**
 * A bounded queue in memory before an exporter that sends over the network. `consume` resolves when each run has arrived,
 * was refused or given up, so nothing is acknowledged that could still be lost. A list that has no room is deferred at once.
 */
export class SendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #sender: Sender;

  constructor(exporter: QueuedExporter, options: SenderOptions) {
    this.#exporter = exporter;
    this.#sender = new Sender(exporter, options);
  }

  /** How many runs wait, those being sent left out. */
  get size(): number {
    return this.#sender.waiting;
  }

  /** How many runs may wait. */
  get capacity(): number {
    return this.#exporter.queue.queueSize;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#exporter.start?.(signal);
  }

  async consume(runs: readonly Run[]): Promise<Outcome> {
    if (!hasRoom(this, runs.length)) return deferAll(runs, fullQueue(this.capacity));
    const settling = new Settling(runs);
    for (const entry of settling.entries) this.#sender.push(entry);
    return settling.done;
  }

  /** Tries everything that waits once more, without pauses; what cannot be delivered until `signal` is given up. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.#sender.close(signal);
    await this.#exporter.shutdown?.(signal);
  }
}

/** The runs of one list, until all of them are settled. */
class Settling {
  readonly entries: readonly Entry[];
  readonly done: Promise<Outcome>;
  readonly #refused: Refusal[] = [];
  readonly #deferred: Run[] = [];
  readonly #resolve: (outcome: Outcome) => void;
  #left: number;
  #cause: Error | undefined;

  constructor(runs: readonly Run[]) {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.done = promise;
    this.#resolve = resolve;
    this.#left = runs.length;
    this.entries = runs.map((run) => new QueuedRun(run, this));
    if (runs.length === 0) resolve(allTaken);
  }

  refused(refusal: Refusal): void {
    this.#refused.push(refusal);
    this.settled();
  }

  deferred(run: Run, cause: Error): void {
    this.#deferred.push(run);
    this.#cause = cause;
    this.settled();
  }

  settled(): void {
    this.#left--;
    if (this.#left > 0) return;
    const isAll = this.#refused.length === 0 && this.#deferred.length === 0;
    this.#resolve(isAll ? allTaken : { refused: this.#refused, deferred: this.#deferred, cause: this.#cause });
  }
}

class QueuedRun implements Entry {
  readonly #run: Run;
  readonly #settling: Settling;

  constructor(run: Run, settling: Settling) {
    this.#run = run;
    this.#settling = settling;
  }

  load(): Run {
    return this.#run;
  }

  arrived(): void {
    this.#settling.settled();
  }

  refused(refusal: Refusal): void {
    this.#settling.refused(refusal);
  }

  failed(error: Error): void {
    this.#settling.deferred(this.#run, error);
  }
}

/**
 * Returns whether a queue takes a list. It takes all of it or nothing, since its sender would send again what was taken; an
 * empty queue also takes a list that is longer than itself, which could never be taken otherwise.
 */
export function hasRoom(
  { size, capacity }: { readonly size: number; readonly capacity: number },
  runs: number,
): boolean {
  return size === 0 || size + runs <= capacity;
}

/** Returns why runs are deferred by a queue in which that many wait already. */
export function fullQueue(queueSize: number): Error {
  return new Error(`the sending queue is full: ${queueSize} runs wait`);
}
