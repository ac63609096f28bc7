import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorOf, messageOf, RejectedError } from '../errors.ts';
import type { RetryOptions } from '../plugin/contract.ts';
import type { Outcome, QueuedExporter, Refusal, Run } from '../plugin/index.ts';
import { Fifo } from './fifo.ts';

/** A run that waits to be sent, and who is to know what becomes of it. */
export interface Entry {
  /** Returns the run when its turn has come; may throw. */
  load(): Run;
  arrived(run: Run): void;
  /** Is told that it will never be taken. */
  refused(refusal: Refusal): void;
  /** Is told why it has not arrived, `GivenUpError` where it was tried for as long as was agreed. */
  failed(error: Error, run?: Run): void;
}

/** A run was tried for as long as was agreed. */
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
  readonly onFailure?: (error: Error) => void;
}

interface Loaded {
  readonly entry: Entry;
  readonly run: Run;
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
    const { consumers, maxRuns } = this.#exporter.queue;
    while (this.#waiting.length && this.#sending.size < consumers) {
      const sending = this.#deliver(this.#waiting.take(maxRuns)).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  async #deliver(entries: readonly Entry[]): Promise<void> {
    const loaded = entries.flatMap((entry): Loaded[] => {
      try {
        return [{ entry, run: entry.load() }];
      } catch (error) {
        entry.failed(errorOf(error));
        return [];
      }
    });
    if (loaded.length) await this.#settle(loaded);
  }

  /** Sends runs until all of them have arrived, or were refused or given up. */
  async #settle(loaded: readonly Loaded[]): Promise<void> {
    const { retry } = this.#exporter.queue;
    const began = Date.now();
    let left = loaded;
    for (let attempt = 0; ; attempt++) {
      const last = this.#hurried.aborted;
      const failure = await this.#attempt(left);
      if (!failure) return;
      left = failure.left;
      const { error } = failure;
      if (!retry.enabled || last || this.#ended.signal.aborted) {
        for (const { entry, run } of left) entry.failed(error, run);
        if (this.#options.letsGo && this.#hurried.aborted) this.#letGo(error);
        return;
      }
      const pause = pauseBefore(attempt, retry);
      const limit = retry.maxElapsedTime ?? this.#options.maxElapsedTime;
      if (limit > 0 && Date.now() - began + pause > limit) {
        const message = `given up after ${attempt + 1} attempts: ${messageOf(error)}`;
        const givenUp = new GivenUpError(message, { cause: error });
        for (const { entry, run } of left) entry.failed(givenUp, run);
        return;
      }
      const facts = { runs: left.length, retry_in_ms: Math.round(pause) };
      this.#options.logger.warn(facts, `could not send, will try again: ${messageOf(error)}`);
      await sleep(pause, undefined, { signal: this.#hurried }).catch(() => {});
    }
  }

  /** Sends runs once. Returns those that are to be sent again, and why; undefined where there are none. */
  async #attempt(loaded: readonly Loaded[]): Promise<{ left: readonly Loaded[]; error: Error } | undefined> {
    let outcome: Outcome;
    try {
      this.#ended.signal.throwIfAborted();
      outcome = await this.#exporter.send(
        loaded.map(({ run }) => run),
        this.#ended.signal,
      );
    } catch (error) {
      if (error instanceof RejectedError) return this.#rejected(loaded, error);
      return this.#failed(loaded, errorOf(error));
    }
    const deferred = new Set(outcome.deferred);
    const refused = new Map(outcome.refused.map((refusal) => [refusal.run, refusal]));
    const left: Loaded[] = [];
    for (const one of loaded) {
      const refusal = refused.get(one.run);
      if (deferred.has(one.run)) left.push(one);
      else if (refusal) one.entry.refused(refusal);
      else one.entry.arrived(one.run);
    }
    const [first] = outcome.refused;
    if (first) this.#options.onFailure?.(new RejectedError(first.message));
    return left.length ? this.#failed(left, outcome.cause ?? new Error('the exporter does not say why')) : undefined;
  }

  #failed(left: readonly Loaded[], error: Error): { left: readonly Loaded[]; error: Error } {
    this.#options.onFailure?.(error);
    return { left, error };
  }

  /** One of the runs at least will never be taken: both halves are sent by themselves, until it is found. */
  async #rejected(loaded: readonly Loaded[], error: RejectedError) {
    this.#options.onFailure?.(error);
    const [first] = loaded;
    if (first && loaded.length === 1) {
      first.entry.refused({ run: first.run, reason: 'rejected', message: messageOf(error) });
      return undefined;
    }
    const half = Math.ceil(loaded.length / 2);
    const failures = [await this.#attempt(loaded.slice(0, half)), await this.#attempt(loaded.slice(half))];
    const left = failures.flatMap((failure) => failure?.left ?? []);
    const last = failures.findLast((failure) => failure !== undefined);
    return last && { left, error: last.error };
  }

  #letGo(reason: Error): void {
    for (const entry of this.#waiting.take(this.#waiting.length)) entry.failed(reason);
  }
}

/** The randomized exponential pause before the next attempt, in milliseconds. */
function pauseBefore(attempt: number, retry: RetryOptions): number {
  const pause = Math.min(retry.maxInterval, retry.initialInterval * retry.multiplier ** attempt);
  return pause * (1 + retry.randomizationFactor * (2 * Math.random() - 1));
}
