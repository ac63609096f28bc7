import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorOf, messageOf, RejectedError } from '../errors.ts';
import type { Sent } from '../plugin/contract.ts';
import type { QueuedExporter, Refusal, Run } from '../plugin/index.ts';
import type { RetryOptions } from '../plugin/push-settings.ts';
import { Fifo } from './fifo.ts';

/** A run that waits to be sent. One of `arrived`, `refused` and `failed` is called once. */
export interface Entry {
  /** Returns the run when its turn has come; may throw. */
  load(): Run;
  /** The server has taken the run, except for so many of its points. */
  arrived(run: Run, rejectedPoints: number): void;
  /** The server will never take the run. */
  refused(refusal: Refusal): void;
  /** The run has not arrived; the error is a `GivenUpError` where it was tried for as long as the options allow. */
  failed(error: Error, run?: Run): void;
}

/** A run was tried for as long as the options allow. */
export class GivenUpError extends Error {}

/** How a sender works, beside the options of its exporter. */
export interface SenderOptions {
  readonly logger: Logger;
  /** Milliseconds after which data are given up, where the configuration does not say. */
  readonly maxElapsedTime: number;
  /** Aborted when Wattline is to stop: from then on nothing pauses, and everything gets one last attempt. */
  readonly stopping?: AbortSignal | undefined;
  /** Whether waiting entries are released at the first last attempt that fails, since they are kept elsewhere. */
  readonly letsGo?: boolean;
  /** Called after every attempt that fails. */
  readonly onFailure?: (error: Error) => void;
}

type Loaded = { readonly entry: Entry; readonly run: Run };

/** What is left of a request to be sent again, and why. */
interface Failure {
  readonly left: readonly Loaded[];
  readonly error: Error;
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

  /** Adds an entry, which fails at once after `close`. */
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
    const { num_consumers: consumers, maxRuns } = this.#exporter.queue;
    while (this.#waiting.length && this.#sending.size < consumers) {
      const sending = this.#deliver(this.#waiting.take(maxRuns)).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  /** Sends entries until all of them have arrived, or were refused or given up. */
  async #deliver(entries: readonly Entry[]): Promise<void> {
    const { retry } = this.#exporter.queue;
    const { maxElapsedTime, letsGo, logger } = this.#options;
    const limit = retry.max_elapsed_time ?? maxElapsedTime;
    const began = Date.now();
    let left: readonly Loaded[] = load(entries);
    for (let attempt = 0; left.length > 0; attempt++) {
      const isLast = this.#hurried.aborted || !retry.enabled;
      const failure = await this.#attempt(left);
      if (!failure) return;
      left = failure.left;
      const { error } = failure;
      if (isLast || this.#ended.signal.aborted) {
        fail(failure);
        if (letsGo && this.#hurried.aborted) this.#letGo(error);
        return;
      }
      const pause = pauseBefore(attempt, retry);
      if (limit > 0 && Date.now() - began + pause > limit) {
        const message = `given up after ${attempt + 1} attempts: ${messageOf(error)}`;
        fail({ left, error: new GivenUpError(message, { cause: error }) });
        return;
      }
      const facts = { runs: left.length, retry_in_ms: Math.round(pause) };
      logger.warn(facts, `could not send, will try again: ${messageOf(error)}`);
      await sleep(pause, undefined, { signal: this.#hurried }).catch(() => {});
    }
  }

  /** Sends runs once. Returns what is to be sent again; undefined where there is nothing. */
  async #attempt(loaded: readonly Loaded[]): Promise<Failure | undefined> {
    let sent: Sent;
    try {
      this.#ended.signal.throwIfAborted();
      sent = await this.#exporter.send(
        loaded.map(({ run }) => run),
        this.#ended.signal,
      );
    } catch (error) {
      this.#options.onFailure?.(errorOf(error));
      return error instanceof RejectedError ? this.#rejected(loaded, error) : { left: loaded, error: errorOf(error) };
    }
    const left = settle(loaded, sent);
    const [first] = sent.refused;
    if (first) this.#options.onFailure?.(new RejectedError(first.message));
    if (left.length === 0) return undefined;
    const error = sent.cause ?? new Error('the exporter does not say why');
    this.#options.onFailure?.(error);
    return { left, error };
  }

  /** Refuses the runs that a rejection is about: where it may be about one of several, both halves are sent by themselves. */
  async #rejected(loaded: readonly Loaded[], error: RejectedError): Promise<Failure | undefined> {
    if (error.concernsAll || loaded.length === 1) {
      const message = messageOf(error);
      for (const { entry, run } of loaded) entry.refused({ run, reason: 'rejected', message });
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

/** Loads the runs of entries; an entry that cannot be loaded fails. */
function load(entries: readonly Entry[]): Loaded[] {
  return entries.flatMap((entry) => {
    try {
      return [{ entry, run: entry.load() }];
    } catch (error) {
      entry.failed(errorOf(error));
      return [];
    }
  });
}

function fail({ left, error }: Failure): void {
  for (const { entry, run } of left) entry.failed(error, run);
}

/** Settles the runs that were taken or refused, and returns those that were deferred. */
function settle(loaded: readonly Loaded[], { refused, deferred, rejectedPoints = 0 }: Sent): Loaded[] {
  const isDeferred = new Set(deferred);
  const refusals = new Map(refused.map((refusal) => [refusal.run, refusal]));
  const left: Loaded[] = [];
  let unassigned = rejectedPoints;
  for (const one of loaded) {
    const { entry, run } = one;
    const refusal = refusals.get(run);
    if (isDeferred.has(run)) left.push(one);
    else if (refusal) entry.refused(refusal);
    else {
      // Nobody knows whose points they are; no run can have lost more than it has.
      const rejected = unassigned > 0 ? Math.min(unassigned, run.pointCount) : 0;
      unassigned -= rejected;
      entry.arrived(run, rejected);
    }
  }
  return left;
}

/** The randomized exponential pause before the next attempt, in milliseconds. */
function pauseBefore(attempt: number, retry: RetryOptions): number {
  const pause = Math.min(retry.max_interval, retry.initial_interval * retry.multiplier ** attempt);
  return pause * (1 + retry.randomization_factor * (2 * Math.random() - 1));
}
