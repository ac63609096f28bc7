import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf, RejectedError } from '../errors.ts';
import type { Batch, Consumer, Lifecycle, QueuedExporter, RetryOptions } from '../plugin/index.ts';

interface Waiting {
  readonly batch: Batch;
  resolve(): void;
  reject(error: unknown): void;
}

/** What a sending queue is told beside its exporter's own options. */
export interface SendingQueueOptions {
  readonly logger: Logger;
  /** Milliseconds after which data are given up, where the configuration does not say. */
  readonly maxElapsedTime: number;
  /** Aborted when Wattline is to stop: from then on nothing pauses, and everything gets one last attempt. */
  readonly stopping?: AbortSignal;
}

/**
 * A bounded queue in memory before an exporter that sends over the network. `consume` resolves when the batch has
 * arrived, so nothing is acknowledged that could still be lost; a full queue refuses at once, and may be tried again.
 */
export class SendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #options: SendingQueueOptions;
  readonly #waiting: Waiting[] = [];
  readonly #sending = new Set<Promise<void>>();
  /** Aborted when the queue takes nothing more. */
  readonly #closed = new AbortController();
  /** Aborted when it must not wait any longer before it tries again. */
  readonly #hurried: AbortSignal;
  /** Aborted when requests under way must end. */
  readonly #ended = new AbortController();
  #pumping = false;

  constructor(exporter: QueuedExporter, options: SendingQueueOptions) {
    this.#exporter = exporter;
    this.#options = options;
    this.#hurried = AbortSignal.any([this.#closed.signal, ...(options.stopping ? [options.stopping] : [])]);
  }

  /** How many batches wait, those being sent left out. */
  get size(): number {
    return this.#waiting.length;
  }

  /** How many batches may wait. */
  get capacity(): number {
    return this.#exporter.queue.queueSize;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#exporter.start?.(signal);
  }

  consume(batch: Batch): Promise<void> {
    const { queueSize } = this.#exporter.queue;
    if (this.#closed.signal.aborted) return Promise.reject(new Error('the exporter has been stopped'));
    if (this.#waiting.length >= queueSize) {
      return Promise.reject(new Error(`the sending queue is full: ${queueSize} runs wait`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      if (this.#pumping) return;
      this.#pumping = true;
      setImmediate(() => this.#pump());
    });
  }

  /** Tries everything that waits once more, without pauses; what cannot be delivered until `signal` is given up. */
  async shutdown(signal: AbortSignal): Promise<void> {
    this.#closed.abort();
    const end = () => {
      const reason = new Error('stopped before it could be sent');
      this.#ended.abort(reason);
      for (const { reject } of this.#waiting.splice(0)) reject(reason);
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    while (this.#waiting.length || this.#sending.size) {
      this.#pump();
      await Promise.all(this.#sending);
    }
    signal.removeEventListener('abort', end);
    await this.#exporter.shutdown?.(signal);
  }

  #pump(): void {
    this.#pumping = false;
    const { consumers, maxBatches } = this.#exporter.queue;
    while (this.#waiting.length && this.#sending.size < consumers) {
      const sending = this.#deliver(this.#waiting.splice(0, maxBatches)).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  async #deliver(entries: readonly Waiting[]): Promise<void> {
    try {
      await this.#sendWithRetries(entries.map(({ batch }) => batch));
      for (const entry of entries) entry.resolve();
    } catch (error) {
      if (error instanceof RejectedError && entries.length > 1) {
        const half = Math.ceil(entries.length / 2);
        await this.#deliver(entries.slice(0, half));
        await this.#deliver(entries.slice(half));
      } else for (const entry of entries) entry.reject(error);
    }
  }

  async #sendWithRetries(batches: readonly Batch[]): Promise<void> {
    this.#ended.signal.throwIfAborted();
    const { retry } = this.#exporter.queue;
    const began = Date.now();
    const limit = retry.maxElapsedTime ?? this.#options.maxElapsedTime;
    for (let attempt = 0; ; attempt++) {
      const last = this.#hurried.aborted;
      try {
        return await this.#exporter.send(batches, this.#ended.signal);
      } catch (error) {
        if (error instanceof RejectedError || !retry.enabled || last || this.#ended.signal.aborted) throw error;
        const pause = pauseBefore(attempt, retry);
        const elapsed = Date.now() - began + pause;
        if (limit > 0 && elapsed > limit) {
          throw new Error(`given up after ${attempt + 1} attempts: ${messageOf(error)}`, { cause: error });
        }
        const facts = { runs: batches.length, retry_in_ms: Math.round(pause) };
        this.#options.logger.warn(facts, `could not send, will try again: ${messageOf(error)}`);
        await sleep(pause, undefined, { signal: this.#hurried }).catch(() => {});
      }
    }
  }
}

/** The randomized exponential pause before the next attempt, in milliseconds. */
function pauseBefore(attempt: number, retry: RetryOptions): number {
  const pause = Math.min(retry.maxInterval, retry.initialInterval * retry.multiplier ** attempt);
  return pause * (1 + retry.randomizationFactor * (2 * Math.random() - 1));
}
