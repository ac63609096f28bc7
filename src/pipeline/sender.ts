import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf, RejectedError } from '../errors.ts';
import type { Batch, QueuedExporter, RetryOptions } from '../plugin/index.ts';
import { Fifo } from './fifo.ts';

/** A batch that waits to be sent, and who is to know what becomes of it. */
export interface Entry {
  /** Makes the batch when its turn has come; may throw. */
  load(): Batch;
  arrived(batch: Batch): void;
  /** Is told why it did not arrive: `RejectedError` and `GivenUpError` are for good, anything else is not. */
  failed(error: unknown, batch?: Batch): void;
}

/** A batch was tried for as long as was agreed. */
export class GivenUpError extends Error {}

/** What a sender is told beside its exporter's own options. */
export interface SenderOptions {
  readonly logger: Logger;
  /** Milliseconds after which data are given up, where the configuration does not say. */
  readonly maxElapsedTime: number;
  /** Aborted when Wattline is to stop: from then on nothing pauses, and everything gets one last attempt. */
  readonly stopping?: AbortSignal | undefined;
  /** Whether what waits is let go at the first last attempt that fails, since it is kept elsewhere. */
  readonly letsGo?: boolean;
  /** Is told of every attempt that fails. */
  readonly onFailure?: (error: unknown) => void;
}

/** Sends entries through an exporter, oldest first: several requests at a time, each with retries. */
export class Sender {
  readonly #exporter: QueuedExporter;
  readonly #options: SenderOptions;
  readonly #waiting = new Fifo<Entry>();
  readonly #sending = new Set<Promise<void>>();
  /** Aborted when nothing more is added. */
  readonly #closed = new AbortController();
  /** Aborted when it must not wait any longer before it tries again. */
  readonly #hurried: AbortSignal;
  /** Aborted when requests under way must end. */
  readonly #ended = new AbortController();
  #pumping = false;

  constructor(exporter: QueuedExporter, options: SenderOptions) {
    this.#exporter = exporter;
    this.#options = options;
    this.#hurried = AbortSignal.any([this.#closed.signal, ...(options.stopping ? [options.stopping] : [])]);
  }

  /** How many entries wait, those being sent left out. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** Takes an entry; once it is closed, the entry fails. */
  push(entry: Entry): void {
    if (this.isClosed) {
      entry.failed(new Error('the exporter has been stopped'));
      return;
    }
    this.#waiting.add(entry);
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  /** Tries everything that waits once more, without pauses; what cannot be delivered until `signal` is given up. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closed.abort();
    const end = () => {
      const reason = new Error('stopped before it could be sent');
      this.#ended.abort(reason);
      this.#letGo(reason);
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    while (this.#waiting.length || this.#sending.size) {
      this.#pump();
      await Promise.all(this.#sending);
    }
    signal.removeEventListener('abort', end);
  }

  #pump(): void {
    this.#pumping = false;
    const { consumers, maxBatches } = this.#exporter.queue;
    while (this.#waiting.length && this.#sending.size < consumers) {
      const sending = this.#deliver(this.#waiting.take(maxBatches)).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  async #deliver(entries: readonly Entry[]): Promise<void> {
    const loaded = entries.flatMap((entry) => {
      try {
        return [{ entry, batch: entry.load() }];
      } catch (error) {
        entry.failed(error);
        return [];
      }
    });
    if (loaded.length) await this.#settle(loaded);
  }

  async #settle(loaded: readonly { readonly entry: Entry; readonly batch: Batch }[]): Promise<void> {
    try {
      await this.#sendWithRetries(loaded.map(({ batch }) => batch));
    } catch (error) {
      if (error instanceof RejectedError && loaded.length > 1) {
        const half = Math.ceil(loaded.length / 2);
        await this.#settle(loaded.slice(0, half));
        await this.#settle(loaded.slice(half));
        return;
      }
      for (const { entry, batch } of loaded) entry.failed(error, batch);
      const isLast = this.#hurried.aborted && !(error instanceof RejectedError);
      if (this.#options.letsGo && isLast) this.#letGo(error);
      return;
    }
    for (const { entry, batch } of loaded) entry.arrived(batch);
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
        this.#options.onFailure?.(error);
        if (error instanceof RejectedError || !retry.enabled || last || this.#ended.signal.aborted) throw error;
        const pause = pauseBefore(attempt, retry);
        const elapsed = Date.now() - began + pause;
        if (limit > 0 && elapsed > limit) {
          throw new GivenUpError(`given up after ${attempt + 1} attempts: ${messageOf(error)}`, { cause: error });
        }
        const facts = { runs: batches.length, retry_in_ms: Math.round(pause) };
        this.#options.logger.warn(facts, `could not send, will try again: ${messageOf(error)}`);
        await sleep(pause, undefined, { signal: this.#hurried }).catch(() => {});
      }
    }
  }

  #letGo(reason: unknown): void {
    for (const entry of this.#waiting.take(this.#waiting.length)) entry.failed(reason);
  }
}

/** The randomized exponential pause before the next attempt, in milliseconds. */
function pauseBefore(attempt: number, retry: RetryOptions): number {
  const pause = Math.min(retry.maxInterval, retry.initialInterval * retry.multiplier ** attempt);
  return pause * (1 + retry.randomizationFactor * (2 * Math.random() - 1));
}
