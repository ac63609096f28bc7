import { errorOf, messageOf } from '../errors.ts';
import type { Consumer, Lifecycle } from '../plugin/contract.ts';
import {
  allTaken,
  deferAll,
  describeRun,
  joinOutcomes,
  type Outcome,
  type QueuedExporter,
  type Refusal,
  type Run,
  refuseAll,
  type StoredQueue,
} from '../plugin/index.ts';
import type { Storage } from '../plugin/storage.ts';
import type { OutcomeCount } from './point-counts.ts';
import type { RunCodec } from './run-codec.ts';
import { type Entry, GivenUpError, Sender, type SenderOptions } from './sender.ts';
import { fullQueue, hasRoom } from './sending-queue.ts';

/** How many runs that wait are held in memory too; the others are read back when their turn has come. */
const HELD = 1000;

/** Where a queue is kept, and who learns what becomes of its runs. */
export interface StoredSendingQueueOptions extends Omit<SenderOptions, 'letsGo'> {
  readonly storage: Storage;
  /** The name of the queue in the storage. */
  readonly name: string;
  /** Whether `consume` waits until a run has arrived or is given up, though it is safe before. */
  readonly awaitsDelivery: boolean;
  /** Counts what became of runs. */
  readonly count: OutcomeCount;
}

/**
 * A bounded queue on disk before an exporter that sends over the network. `consume` resolves when the runs are synced;
 * each leaves the disk when it has arrived or has been refused for good. After a crash what was under way is sent again.
 */
export class StoredSendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #options: StoredSendingQueueOptions;
  readonly #sender: Sender;
  #store: StoredQueue | undefined;
  #codec: RunCodec | undefined;
  #size = 0;
  #held = 0;
  #leftovers: readonly Promise<Outcome>[] = [];

  constructor(exporter: QueuedExporter, options: StoredSendingQueueOptions) {
    this.#exporter = exporter;
    this.#options = options;
    this.#sender = new Sender(exporter, { ...options, letsGo: true });
  }

  /** How many runs are on disk, those being sent among them. */
  get size(): number {
    return this.#size;
  }

  /** How many runs may be there. */
  get capacity(): number {
    return this.#exporter.queue.queueSize;
  }

  /** Opens what is there from before, and begins to send it. */
  async start(signal: AbortSignal): Promise<void> {
    const { storage, name, logger } = this.#options;
    // OTLP is loaded only where a queue is on disk.
    const { loadRunCodec } = await import('./run-codec.ts');
    const codec = await loadRunCodec();
    this.#codec = codec;
    const store = await storage.openQueue(name);
    try {
      await this.#exporter.start?.(signal);
    } catch (error) {
      await store.close();
      throw error;
    }
    this.#store = store;
    const keys = store.keys();
    this.#size = keys.length;
    if (keys.length) logger.info(`${runs(keys.length)} from before will be sent first, from ${store.place}`);
    this.#leftovers = keys.map((key) => this.#enqueue(store, codec, key));
  }

  async consume(runs: readonly Run[]): Promise<Outcome> {
    if (this.#store && !this.#sender.isClosed && !hasRoom(this, runs.length)) {
      const outcome = deferAll(runs, fullQueue(this.capacity));
      this.#options.count(runs, outcome);
      return outcome;
    }
    return joinOutcomes(await Promise.all(runs.map((run) => this.#outcomeOf(run))));
  }

  /** Resolves with what becomes of each run that was there at the start. */
  async leftovers(): Promise<readonly Outcome[]> {
    return Promise.all(this.#leftovers);
  }

  /** Sends what waits for as long as that works; the rest stays for the next start. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.#sender.close(signal);
    const store = this.#store;
    this.#store = undefined;
    await store?.close();
    if (store && this.#size) {
      this.#options.logger.info(`${runs(this.#size)} not sent yet, kept in ${store.place} for the next start`);
    }
    await this.#exporter.shutdown?.(signal);
  }

  /** Resolves when the run is on disk, or has arrived where that is waited for. */
  async #outcomeOf(run: Run): Promise<Outcome> {
    const { outcome, arrival } = await this.#keep(run);
    if (!arrival || !this.#options.awaitsDelivery) return outcome;
    const arrived = await arrival;
    // One that is kept has no name where it was not held in memory.
    return arrived.cause && arrived.deferred.length === 0 ? deferAll([run], arrived.cause) : arrived;
  }

  /** Resolves when the run is on disk, and its arrival is yet to come; or with why it is not. */
  async #keep(run: Run): Promise<{ readonly outcome: Outcome; readonly arrival?: Promise<Outcome> }> {
    let isCounted = false;
    try {
      const store = this.#store;
      const codec = this.#codec;
      if (!store || !codec || this.#sender.isClosed) throw new Error('the exporter has been stopped');
      const data = encode(codec, run);
      if (data instanceof Error) return this.#refusedAtOnce(run, data);
      this.#size++;
      isCounted = true;
      return { outcome: allTaken, arrival: this.#enqueue(store, codec, await store.add(data), run) };
    } catch (error) {
      if (isCounted) this.#size--;
      const outcome = deferAll([run], errorOf(error));
      this.#options.count([run], outcome);
      return { outcome };
    }
  }

  #refusedAtOnce(run: Run, error: Error): { readonly outcome: Outcome } {
    const message = `${describeRun(run)} cannot be written to disk: ${messageOf(error)}`;
    const outcome = refuseAll([run], 'not_writable', message);
    this.#options.count([run], outcome);
    return { outcome };
  }

  /** Resolves with what becomes of an entry. */
  #enqueue(store: StoredQueue, codec: RunCodec, key: number, run?: Run): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const release = this.#hold(run);
    const entry: Entry = {
      load: () => release() ?? decode(store, codec, key),
      arrived: (sent) => {
        this.#remove(store, key);
        this.#options.count([sent], allTaken);
        resolve(allTaken);
      },
      refused: (refusal) => {
        this.#remove(store, key);
        this.#reportLoss(refusal);
        resolve({ refused: [refusal], deferred: [] });
      },
      failed: (error, tried = release()) => {
        if (error instanceof GivenUpError && !this.#options.awaitsDelivery && tried) {
          this.#remove(store, key);
          const refusal = { run: tried, reason: 'given_up', message: messageOf(error) };
          this.#reportLoss(refusal);
          resolve({ refused: [refusal], deferred: [] });
        } else resolve(this.#kept(error, tried, store));
      },
    };
    this.#sender.push(entry);
    return promise;
  }

  /** Holds a run in memory where there is room; the function returns it once, and undefined where there was none. */
  #hold(run: Run | undefined): () => Run | undefined {
    if (!run || this.#held >= HELD) return () => undefined;
    this.#held++;
    let held: Run | undefined = run;
    return () => {
      const taken = held;
      held = undefined;
      if (taken) this.#held--;
      return taken;
    };
  }

  #remove(store: StoredQueue, key: number): void {
    store.remove(key);
    this.#size--;
  }

  /** Nobody waits for what was acknowledged before: the log has to tell. */
  #reportLoss(refusal: Refusal): void {
    const { awaitsDelivery, logger, count } = this.#options;
    count([refusal.run], { refused: [refusal], deferred: [] });
    if (awaitsDelivery) return;
    const run = describeRun(refusal.run);
    logger.error({ run }, `dropped, though it had been acknowledged: ${run}: ${refusal.message}`);
  }

  /** Returns the outcome of a run that stays on disk; one that cannot be read back has no name. */
  #kept(error: Error, run: Run | undefined, store: StoredQueue): Outcome {
    const { awaitsDelivery, logger, count } = this.#options;
    const isReadable = !(error instanceof UnreadableError);
    const message = `${messageOf(error)}; kept in ${store.place}${isReadable ? ', and sent at the next start' : ''}`;
    if (!isReadable) logger.error(message);
    const outcome = deferAll(run ? [run] : [], new Error(message, { cause: error }));
    if (awaitsDelivery && run) count([run], outcome);
    return outcome;
  }
}

class UnreadableError extends Error {}

/** Returns the run as it is written to disk, or why it cannot be. */
function encode(codec: RunCodec, run: Run): Uint8Array | Error {
  try {
    return codec.encode(run);
  } catch (error) {
    return errorOf(error);
  }
}

function decode(store: StoredQueue, codec: RunCodec, key: number): Run {
  try {
    return codec.decode(store.read(key));
  } catch (error) {
    throw new UnreadableError(`entry ${key} cannot be read back: ${messageOf(error)}`, { cause: error });
  }
}

function runs(count: number): string {
  return `${count} run${count === 1 ? '' : 's'}`;
}
