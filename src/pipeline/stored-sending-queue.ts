import { messageOf, RejectedError } from '../errors.ts';
import {
  type Batch,
  type Consumer,
  describeRun,
  type Lifecycle,
  type QueuedExporter,
  type Storage,
  type StoredQueue,
} from '../plugin/index.ts';
import { type BatchCodec, loadBatchCodec } from './batch-codec.ts';
import { type Entry, GivenUpError, Sender, type SenderOptions } from './sender.ts';
import { fullQueue } from './sending-queue.ts';

/** How many batches that wait are held in memory too; the others are read back when their turn has come. */
const HELD = 1000;

/** Where a queue is kept, and who learns what becomes of its runs. */
export interface StoredSendingQueueOptions extends Omit<SenderOptions, 'letsGo'> {
  readonly storage: Storage;
  /** The name of the queue in the storage. */
  readonly name: string;
  /** Whether `consume` waits until a run has arrived or is given up, though it is safe before. */
  readonly awaitsDelivery: boolean;
  /** Counts what became of a batch: it arrived, or it did not for the reason given. */
  count(batch: Batch, error?: unknown): void;
}

/**
 * A bounded queue on disk before an exporter that sends over the network. `consume` resolves when the batch is synced;
 * it leaves the disk when it has arrived or has been rejected for good. After a crash what was under way is sent again.
 */
export class StoredSendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #options: StoredSendingQueueOptions;
  readonly #sender: Sender;
  #store: StoredQueue | undefined;
  #codec: BatchCodec | undefined;
  #size = 0;
  #held = 0;
  #leftovers: readonly Promise<void>[] = [];

  constructor(exporter: QueuedExporter, options: StoredSendingQueueOptions) {
    this.#exporter = exporter;
    this.#options = options;
    this.#sender = new Sender(exporter, { ...options, letsGo: true });
  }

  /** How many batches are on disk, those being sent among them. */
  get size(): number {
    return this.#size;
  }

  /** How many batches may be there. */
  get capacity(): number {
    return this.#exporter.queue.queueSize;
  }

  /** Opens what is there from before, and begins to send it. */
  async start(signal: AbortSignal): Promise<void> {
    const { storage, name, logger } = this.#options;
    const codec = await loadBatchCodec();
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

  async consume(batch: Batch): Promise<void> {
    const { arrival } = await this.#keep(batch);
    if (this.#options.awaitsDelivery) await arrival;
  }

  /** What becomes of each batch that was there at the start. */
  async leftovers(): Promise<readonly PromiseSettledResult<void>[]> {
    return Promise.allSettled(this.#leftovers);
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

  /** Resolves when the batch is on disk; its arrival is yet to come. */
  async #keep(batch: Batch): Promise<{ readonly arrival: Promise<void> }> {
    let isCounted = false;
    try {
      const store = this.#store;
      const codec = this.#codec;
      if (!store || !codec || this.#sender.isClosed) throw new Error('the exporter has been stopped');
      if (this.#size >= this.capacity) throw fullQueue(this.capacity);
      const data = encode(codec, batch);
      this.#size++;
      isCounted = true;
      return { arrival: this.#enqueue(store, codec, await store.add(data), batch) };
    } catch (error) {
      if (isCounted) this.#size--;
      this.#options.count(batch, error);
      throw error;
    }
  }

  #enqueue(store: StoredQueue, codec: BatchCodec, key: number, batch?: Batch): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => {});
    const release = this.#hold(batch);
    const entry: Entry = {
      load: () => release() ?? decode(store, codec, key),
      arrived: (sent) => {
        this.#remove(store, key);
        this.#options.count(sent);
        resolve();
      },
      failed: (error, tried = release()) => {
        if (this.#isLost(error)) {
          this.#remove(store, key);
          this.#reportLoss(error, tried);
          reject(error);
        } else reject(this.#reportKept(error, tried, store));
      },
    };
    this.#sender.push(entry);
    return promise;
  }

  /** Holds a batch in memory where there is room; the function returns it once, and undefined where there was none. */
  #hold(batch: Batch | undefined): () => Batch | undefined {
    if (!batch || this.#held >= HELD) return () => undefined;
    this.#held++;
    let held: Batch | undefined = batch;
    return () => {
      const taken = held;
      held = undefined;
      if (taken) this.#held--;
      return taken;
    };
  }

  #isLost(error: unknown): boolean {
    return error instanceof RejectedError || (error instanceof GivenUpError && !this.#options.awaitsDelivery);
  }

  #remove(store: StoredQueue, key: number): void {
    store.remove(key);
    this.#size--;
  }

  /** Nobody waits for what was acknowledged before: the log has to tell. */
  #reportLoss(error: unknown, batch: Batch | undefined): void {
    const { awaitsDelivery, logger, count } = this.#options;
    if (batch) count(batch, error);
    if (awaitsDelivery) return;
    const run = batch ? describeRun(batch) : 'a run';
    logger.error({ run }, `dropped, though it had been acknowledged: ${run}: ${messageOf(error)}`);
  }

  #reportKept(error: unknown, batch: Batch | undefined, store: StoredQueue): Error {
    const { awaitsDelivery, logger, count } = this.#options;
    if (awaitsDelivery && batch) count(batch, error);
    const isReadable = !(error instanceof UnreadableError);
    const message = `${messageOf(error)}; kept in ${store.place}${isReadable ? ', and sent at the next start' : ''}`;
    if (!isReadable) logger.error(message);
    return new Error(message, { cause: error });
  }
}

class UnreadableError extends Error {}

function encode(codec: BatchCodec, batch: Batch): Uint8Array {
  try {
    return codec.encode(batch);
  } catch (error) {
    throw new RejectedError(`${describeRun(batch)} cannot be written to disk: ${messageOf(error)}`, { cause: error });
  }
}

function decode(store: StoredQueue, codec: BatchCodec, key: number): Batch {
  try {
    return codec.decode(store.read(key));
  } catch (error) {
    throw new UnreadableError(`entry ${key} cannot be read back: ${messageOf(error)}`, { cause: error });
  }
}

function runs(count: number): string {
  return `${count} run${count === 1 ? '' : 's'}`;
}
