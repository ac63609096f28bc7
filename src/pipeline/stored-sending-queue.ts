import { countOf } from '../count.ts';
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
  type Skipped,
  type StoredQueue,
} from '../plugin/index.ts';
import type { Sizer } from '../plugin/push-settings.ts';
import type { DeadLetters, Storage } from '../plugin/storage.ts';
import type { OutcomeCount } from './point-counts.ts';
import type { RunCodec } from './run-codec.ts';
import { GivenUpError, Sender, type SenderOptions } from './sender.ts';
import { deferredByFull } from './sending-queue.ts';
import { WrittenRun } from './written-run.ts';

/** The most waiting runs, and bytes of them, that memory holds too; the others are read back when their turn has come. */
const HELD = 1000;
const HELD_BYTES = 16 * 1024 * 1024;

/** Where a queue is kept, and how its runs are counted. */
export interface StoredSendingQueueOptions extends Omit<SenderOptions, 'letsGo'> {
  readonly storage: Storage;
  /** The name of the queue in the storage. */
  readonly name: string;
  /** Whether `consume` waits until a run has arrived or is given up, though it is safe before. */
  readonly awaitsDelivery: boolean;
  /** Counts what became of runs. */
  readonly count: OutcomeCount;
  /** Counts an entry that cannot be read. */
  skip(skipped: Skipped): void;
}

/** An open queue on disk, and how runs are written to it. */
type Disk = { readonly store: StoredQueue; readonly codec: RunCodec };

/**
 * A bounded queue on disk before an exporter that sends over the network. `consume` resolves when the runs are synced;
 * each leaves the queue when it has arrived, or has been refused for good and is kept as a dead letter. After a crash what was under way is sent again.
 */
export class StoredSendingQueue implements Consumer, Lifecycle {
  readonly #exporter: QueuedExporter;
  readonly #options: StoredSendingQueueOptions;
  readonly #sender: Sender;
  /** Waiting runs in memory, by their keys on disk. */
  readonly #held = new Map<number, Run>();
  #heldBytes = 0;
  #disk: Disk | undefined;
  #runs = 0;
  #size = 0;
  #leftovers: readonly Promise<Outcome>[] = [];
  readonly #deadLetters: DeadLetters | undefined;
  /** What is being put aside. */
  readonly #burying = new Set<Promise<void>>();

  constructor(exporter: QueuedExporter, options: StoredSendingQueueOptions) {
    this.#exporter = exporter;
    this.#options = options;
    // Where delivery is waited for, who handed a run over still has it.
    if (!options.awaitsDelivery) this.#deadLetters = options.storage.deadLetters?.(options.name);
    this.#sender = new Sender(exporter, { ...options, letsGo: true });
  }

  /** How much is on disk, what is being sent among it. */
  get size(): number {
    return this.#size;
  }

  /** How much may be there. */
  get capacity(): number {
    return this.#exporter.queue.queue_size;
  }

  /** Opens what is there from before, and begins to send it. */
  async start(signal: AbortSignal): Promise<void> {
    const { storage, name, logger } = this.#options;
    // OTLP is loaded only where a queue is on disk.
    const { loadRunCodec } = await import('./run-codec.ts');
    const codec = await loadRunCodec();
    const store = await storage.openQueue(name);
    try {
      await this.#exporter.start?.(signal);
    } catch (error) {
      await store.close();
      throw error;
    }
    const disk = { store, codec };
    this.#disk = disk;
    const keys = store.keys();
    if (keys.length) logger.info(`${countOf(keys.length, 'run')} from before will be sent first, from ${store.place}`);
    this.#leftovers = keys.map((key) => this.#enqueue(disk, key, this.#sizeOnDisk(disk, key)));
  }

  async consume(runs: readonly Run[]): Promise<Outcome> {
    const disk = this.#sender.isClosed ? undefined : this.#disk;
    if (!disk) return this.#counted(runs, deferAll(runs, new Error('the exporter has been stopped')));
    const written = runs.map((run) => new WrittenRun(disk.codec, run, this.#sizer));
    const size = written.reduce((sum, one) => sum + one.size, 0);
    const full = deferredByFull(this, runs, size, this.#sizer);
    if (full) return this.#counted(runs, full);
    return joinOutcomes(await Promise.all(written.map((one) => this.#take(disk, one))));
  }

  get #sizer(): Sizer {
    return this.#exporter.queue.sizer ?? 'requests';
  }

  /** Returns how much an entry counts; for its data points it must be read. */
  #sizeOnDisk({ store, codec }: Disk, key: number): number {
    if (this.#sizer === 'bytes') return store.bytesOf(key);
    if (this.#sizer === 'requests') return 1;
    try {
      return decode(codec, store, key).pointCount;
    } catch {
      // It is told when its turn has come.
      return 0;
    }
  }

  /** Resolves with what becomes of each run that was there at the start. */
  async leftovers(): Promise<readonly Outcome[]> {
    return Promise.all(this.#leftovers);
  }

  /** Sends what waits for as long as that works; the rest stays for the next start. */
  async shutdown(signal: AbortSignal): Promise<void> {
    await this.#sender.close(signal);
    await Promise.all(this.#burying);
    const store = this.#disk?.store;
    this.#disk = undefined;
    await store?.close();
    if (store && this.#runs) {
      this.#options.logger.info(
        `${countOf(this.#runs, 'run')} not sent yet, kept in ${store.place} for the next start`,
      );
    }
    await this.#exporter.shutdown?.(signal);
  }

  /** Resolves when the run is on disk, or has arrived where that is waited for. */
  async #take(disk: Disk, written: WrittenRun): Promise<Outcome> {
    const { run, size } = written;
    let data: Uint8Array;
    try {
      data = written.data();
    } catch (error) {
      const message = `${describeRun(run)} cannot be written to disk: ${messageOf(error)}`;
      return this.#counted([run], refuseAll([run], 'not_writable', message));
    }
    let key: number;
    // It counts from now on, so that no more are taken meanwhile than have room.
    this.#size += size;
    try {
      key = await disk.store.add(data);
    } catch (error) {
      return this.#counted([run], deferAll([run], errorOf(error)));
    } finally {
      this.#size -= size;
    }
    const arrival = this.#enqueue(disk, key, size, run);
    if (!this.#options.awaitsDelivery) return allTaken;
    const arrived = await arrival;
    // One that is kept has no name where it was not held in memory.
    return arrived.cause && arrived.deferred.length === 0 ? deferAll([run], arrived.cause) : arrived;
  }

  #counted(runs: readonly Run[], outcome: Outcome): Outcome {
    this.#options.count(runs, outcome);
    return outcome;
  }

  /** Resolves with what becomes of an entry. */
  #enqueue({ store, codec }: Disk, key: number, size: number, run?: Run): Promise<Outcome> {
    const { awaitsDelivery, count } = this.#options;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const bytes = store.bytesOf(key);
    this.#runs++;
    this.#size += size;
    if (run && this.#held.size < HELD && this.#heldBytes + bytes <= HELD_BYTES) {
      this.#held.set(key, run);
      this.#heldBytes += bytes;
    }
    const release = () => {
      const held = this.#held.get(key);
      if (this.#held.delete(key)) this.#heldBytes -= bytes;
      return held;
    };
    const leave = (outcome: Outcome) => {
      this.#runs--;
      this.#size -= size;
      resolve(outcome);
    };
    const remove = (outcome: Outcome) => {
      store.remove(key);
      leave(outcome);
    };
    const lose = (refusal: Refusal) => {
      const letters = this.#deadLetters;
      if (!letters) return remove(this.#lost(refusal));
      const { run } = refusal;
      const burying = letters.add(codec.encode(run)).then(
        () => remove(this.#lost(refusal, letters.place)),
        (error: unknown) => {
          const message = `${describeRun(run)} cannot be put aside: ${messageOf(error)}: ${refusal.message}`;
          this.#options.logger.error(message);
          resolve(this.#kept(new Error(message), run, store));
        },
      );
      this.#burying.add(burying);
      burying.finally(() => this.#burying.delete(burying));
    };
    this.#sender.push({
      size,
      bytes,
      load: () => release() ?? decode(codec, store, key),
      arrived(sent, rejectedPoints) {
        count([sent], allTaken, rejectedPoints);
        remove(allTaken);
      },
      refused: lose,
      failed: (error, tried = release()) => {
        if (error instanceof UnreadableError) {
          store.setAside(key);
          leave(this.#unreadable(error));
        } else if (error instanceof GivenUpError && !awaitsDelivery && tried) {
          lose({ run: tried, reason: 'given_up', message: messageOf(error) });
        } else resolve(this.#kept(error, tried, store));
      },
    });
    return promise;
  }

  /** Returns the outcome of a run that leaves the queue unsent. Where it had been acknowledged, only the log can report it. */
  #lost(refusal: Refusal, aside?: string): Outcome {
    const { awaitsDelivery, logger } = this.#options;
    const run = describeRun(refusal.run);
    const fate = aside === undefined ? 'dropped' : `put aside in ${aside} for \`wattline resend\``;
    if (!awaitsDelivery) logger.error({ run }, `${fate}, though it had been acknowledged: ${run}: ${refusal.message}`);
    return this.#counted([refusal.run], { refused: [refusal], deferred: [] });
  }

  /** Returns the outcome of an entry that has no name, since it cannot be read. */
  #unreadable(error: Error): Outcome {
    const message = messageOf(error);
    this.#options.logger.error(message);
    this.#options.skip({ item: 'run', reason: 'unreadable', message });
    return deferAll([], error);
  }

  /** Returns the outcome of a run that stays on disk. */
  #kept(error: Error, run: Run | undefined, store: StoredQueue): Outcome {
    const { awaitsDelivery, count } = this.#options;
    const message = `${messageOf(error)}; kept in ${store.place}, and sent at the next start`;
    const outcome = deferAll(run ? [run] : [], new Error(message, { cause: error }));
    if (awaitsDelivery && run) count([run], outcome);
    return outcome;
  }
}

class UnreadableError extends Error {}

function decode(codec: RunCodec, store: StoredQueue, key: number): Run {
  try {
    return codec.decode(store.read(key));
  } catch (error) {
    const message = `an acknowledged run, entry ${key} of ${store.place}, cannot be read back and is put aside`;
    throw new UnreadableError(`${message}: ${messageOf(error)}`, { cause: error });
  }
}
