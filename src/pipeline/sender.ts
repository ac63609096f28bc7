import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BlockedError, DoubtfulError, errorOf, messageOf, RejectedError } from '../errors.ts';
import type { Sent } from '../plugin/contract.ts';
import type { QueuedExporter, Refusal, Run } from '../plugin/index.ts';
import { Fifo } from './fifo.ts';
import { pauseAfter } from './pause.ts';

/** A run that waits to be sent. One of `arrived`, `refused` and `failed` is called once. */
export interface Entry {
  /** How much it counts among those that wait. */
  readonly size: number;
  /** How many bytes its run has in OTLP, where that is known. */
  readonly bytes?: number | undefined;
  /** Returns the run when its turn has come; may throw. */
  load(): Run;
  /** The server has taken the run, except for so many of its points. */
  arrived(run: Run, rejectedPoints: number): void;
  /** The server will never take the run. */
  refused(refusal: Refusal): void;
  /** The run has not arrived; the error is a `GivenUpError` where it was tried for as long as the options allow. */
  failed(error: Error, run?: Run): void;
  /** Whether nobody waits for it any more; it is settled then, unless a request with it is under way. */
  readonly isWithdrawn?: boolean;
  /** Set while a request with it is under way. */
  isUnderWay?: boolean;
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
  /** Called after every attempt, with what somebody must mend before anything is taken; undefined where nothing must. */
  readonly onBlocked?: (error: BlockedError | undefined) => void;
}

/** The most bytes of runs that are loaded for one request, as far as they are known. */
const REQUEST_BYTES = 4 * 1024 * 1024;

interface Waiting {
  readonly entry: Entry;
  /** When its first attempt began. */
  began?: number;
  /** How many requests had been taken when it was first doubtful whether the server takes its run. */
  doubtedAt?: number | undefined;
}

interface Loaded extends Waiting {
  readonly run: Run;
}

/** What is left of a request to be sent again, and why. */
interface Failure {
  readonly left: readonly Loaded[];
  readonly error: Error;
}

/** Sends entries through an exporter, oldest first: several requests at a time, each with retries. */
export class Sender {
  readonly #exporter: QueuedExporter;
  readonly #options: SenderOptions;
  readonly #waiting = new Fifo<Waiting>();
  readonly #sending = new Set<Promise<void>>();
  /** Aborted when nothing more is added. */
  readonly #closed = new AbortController();
  /** Aborted when it must not wait any longer before it tries again. */
  readonly #hurried: AbortSignal;
  /** Aborted when requests under way must end. */
  readonly #ended = new AbortController();
  #pumping = false;
  #size = 0;
  /** How many requests the server has taken. */
  #taken = 0;

  constructor(exporter: QueuedExporter, options: SenderOptions) {
    this.#exporter = exporter;
    this.#options = options;
    this.#hurried = AbortSignal.any([this.#closed.signal, ...(options.stopping ? [options.stopping] : [])]);
  }

  /** The size of the entries that wait, those being sent left out. */
  get waiting(): number {
    return this.#size;
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
    this.#add({ entry });
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => this.#pump());
  }

  /** Drops what has been withdrawn. */
  dropWithdrawn(): void {
    this.#waiting.keep(({ entry }) => {
      if (entry.isWithdrawn) this.#size -= entry.size;
      return !entry.isWithdrawn;
    });
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
      const sending = this.#deliver(this.#take(maxRuns)).finally(() => {
        this.#sending.delete(sending);
        this.#pump();
      });
      this.#sending.add(sending);
    }
  }

  #add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    this.#size += waiting.entry.size;
  }

  /** Takes out at most so many of the oldest entries, and no more than fit in memory at once. */
  #take(most: number): Waiting[] {
    let bytes = 0;
    const taken = this.#waiting.take(most, ({ entry }) => {
      bytes += entry.bytes ?? 0;
      return bytes <= REQUEST_BYTES;
    });
    for (const { entry } of taken) this.#size -= entry.size;
    return taken;
  }

  /** Sends entries until all of them have arrived, or were refused or given up. */
  async #deliver(waiting: readonly Waiting[]): Promise<void> {
    const { retry } = this.#exporter.queue;
    const { maxElapsedTime, letsGo, logger } = this.#options;
    const limit = retry.max_elapsed_time ?? maxElapsedTime;
    let left: readonly Loaded[] = load(waiting);
    const began = Math.min(...left.map((one) => (one.began ??= performance.now())));
    for (let attempt = 0; left.length > 0; attempt++) {
      const isLast = this.#hurried.aborted || !retry.enabled;
      const failure = await this.#attempt(left);
      const error = failure?.error;
      this.#options.onBlocked?.(error instanceof BlockedError ? error : undefined);
      if (!failure || !error) return;
      fail({ left: failure.left.filter(({ entry }) => entry.isWithdrawn), error });
      left = failure.left.filter(({ entry }) => !entry.isWithdrawn);
      if (left.length === 0) return;
      if (isLast || this.#ended.signal.aborted) {
        fail({ left, error });
        if (letsGo && this.#hurried.aborted) this.#letGo(error);
        return;
      }
      const pause = pauseAfter(error, attempt, retry);
      if (limit > 0 && performance.now() - began + pause > limit) {
        const message = `given up after ${attempt + 1} attempts: ${messageOf(error)}`;
        fail({ left, error: new GivenUpError(message, { cause: error }) });
        return;
      }
      const facts = { runs: left.length, retry_in_ms: Math.round(pause) };
      logger.warn(facts, `could not send, will try again: ${messageOf(error)}`);
      await sleep(pause, undefined, { signal: this.#hurried }).catch(() => {});
      left = left.filter(({ entry }) => !entry.isWithdrawn);
      if (error instanceof DoubtfulError && this.#waiting.length > 0) {
        // Others go first, which tells whether the server takes anything.
        for (const { entry, doubtedAt } of left) this.#add({ entry, began, doubtedAt });
        return;
      }
    }
  }

  /** Sends runs once. Returns what is to be sent again; undefined where there is nothing. */
  async #attempt(loaded: readonly Loaded[]): Promise<Failure | undefined> {
    const takenBefore = this.#taken;
    let sent: Sent;
    for (const { entry } of loaded) entry.isUnderWay = true;
    try {
      this.#ended.signal.throwIfAborted();
      sent = await this.#exporter.send(
        loaded.map(({ run }) => run),
        this.#ended.signal,
      );
    } catch (thrown) {
      const error = errorOf(thrown);
      this.#options.onFailure?.(error);
      const isAboutRuns = error instanceof RejectedError || error instanceof DoubtfulError;
      return isAboutRuns ? await this.#split(loaded, error, takenBefore) : { left: loaded, error };
    } finally {
      for (const { entry } of loaded) entry.isUnderWay = false;
    }
    const left = settle(loaded, sent);
    if (left.length + sent.refused.length < loaded.length) this.#taken++;
    const [first] = sent.refused;
    if (first) this.#options.onFailure?.(new RejectedError(first.message));
    if (left.length === 0) return undefined;
    const error = sent.cause ?? new Error('the exporter does not say why');
    this.#options.onFailure?.(error);
    return { left, error };
  }

  /**
   * Sends both halves of a list by themselves, and refuses a run that is alone. Where the server may be at fault instead, the
   * run is refused only if the server has taken something after it was first in doubt and before this attempt.
   */
  async #split(loaded: readonly Loaded[], error: Error, takenBefore: number): Promise<Failure | undefined> {
    for (const one of loaded) one.doubtedAt ??= takenBefore;
    const [{ entry, run, doubtedAt = takenBefore } = {} as Loaded, ...others] = loaded;
    if (others.length === 0) {
      if (error instanceof DoubtfulError && takenBefore === doubtedAt) return { left: loaded, error };
      entry.refused({ run, reason: 'rejected', message: messageOf(error) });
      return undefined;
    }
    const half = Math.ceil(loaded.length / 2);
    const failures = [await this.#attempt(loaded.slice(0, half)), await this.#attempt(loaded.slice(half))];
    const left = failures.flatMap((failure) => failure?.left ?? []);
    const last = failures.findLast((failure) => failure !== undefined);
    return last && { left, error: last.error };
  }

  #letGo(reason: Error): void {
    const waiting = this.#waiting.take(this.#waiting.length);
    this.#size = 0;
    for (const { entry } of waiting) entry.failed(reason);
  }
}

/** Loads the runs of entries; an entry that cannot be loaded fails. */
function load(waiting: readonly Waiting[]): Loaded[] {
  return waiting.flatMap((one): Loaded[] => {
    try {
      return [{ ...one, run: one.entry.load() }];
    } catch (error) {
      one.entry.failed(errorOf(error));
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
