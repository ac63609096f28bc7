import type { Consumer, Lifecycle } from '../plugin/contract.ts';
import { allTaken, deferAll, type Outcome, type QueuedExporter, type Refusal, type Run } from '../plugin/index.ts';
import { type Entry, Sender, type SenderOptions } from './sender.ts';

/**
 * A bounded queue in memory before an exporter that sends over the network. `consume` resolves when each run has arrived,
 * was refused or given up, so nothing is acknowledged that could still be lost. What has no room is deferred at once.
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
    const room = Math.max(0, this.capacity - this.size);
    const settling = new Settling(runs.slice(0, room));
    for (const entry of settling.entries) this.#sender.push(entry);
    const outcome = await settling.done;
    return room < runs.length ? withDeferred(outcome, runs.slice(room), fullQueue(this.capacity)) : outcome;
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

/** Returns the same outcome with more runs deferred. */
export function withDeferred(outcome: Outcome, runs: readonly Run[], cause: Error): Outcome {
  const { deferred } = deferAll(runs, cause);
  return { refused: outcome.refused, deferred: [...outcome.deferred, ...deferred], cause };
}

/** Returns why runs are deferred by a queue in which that many wait already. */
export function fullQueue(queueSize: number): Error {
  return new Error(`the sending queue is full: ${queueSize} runs wait`);
}
