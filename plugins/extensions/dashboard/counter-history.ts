import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Run } from 'wattline/plugin';
import { type CounterName, counterNameOf, counterPointsOf, longestLabel } from './counter-points.ts';
import { type CounterRecord, withPoint } from './counter-record.ts';
import type { Money } from './money.ts';

/** A counter of streams, and what is kept of it. */
export interface Counter extends CounterName {
  readonly record: CounterRecord;
}

/** Milliseconds between two writes, and the minimum pause as a multiple of a write's duration, to limit the load. */
const INTERVAL = 2000;
const PAUSE = 4;
const CHUNK = 500;

const columns = [
  ...['start', 'at', 'value', 'total', 'month', 'month_base', 'month_since'],
  ...['mark_at', 'mark_total', 'next_at', 'next_total'],
] as const satisfies readonly (keyof CounterRecord)[];

/** The options of the history of counters. */
export interface CounterHistoryOptions {
  /** The maximum number of counters; those that have not risen for longest make room. */
  readonly maximum: number;
  /** How many characters the value of a label may have; a counter with a longer one is not kept. */
  readonly labelValueLengthLimit: number;
  /** The currency of the costs that are kept; USD where it is left out. */
  readonly money?: Money;
  /** Called where a write fails, which is tried again, and where a counter cannot be read. */
  onError(error: unknown): void;
  /** Called for each counter that is not kept, or not any more, with the name of the limit. */
  onLimit(reason: 'series_limit' | 'label_too_long'): void;
}

/** Keeps what the counters of streams say, and writes it into the history some time after it came. */
export class CounterHistory {
  /** Changes when a counter is added or removed. */
  revision = 0;
  readonly #database: DatabaseSync;
  readonly #options: CounterHistoryOptions;
  readonly #upsert: StatementSync;
  readonly #remove: StatementSync;
  readonly #counters = new Map<string, Counter>();
  /** The keys of what is not written yet. */
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync, options: CounterHistoryOptions) {
    this.#database = database;
    this.#options = options;
    const names = columns.map((column) => `:${column}`).join(', ');
    this.#upsert = database.prepare(`INSERT OR REPLACE INTO counter (key, ${columns}) VALUES (:key, ${names})`);
    this.#remove = database.prepare('DELETE FROM counter WHERE key = ?');
    for (const row of database.prepare(`SELECT key, ${columns} FROM counter`).iterate()) {
      const { key, ...record } = row as unknown as CounterRecord & { key: string };
      this.#counters.set(key, { ...counterNameOf(key), record });
    }
  }

  /** How many counters are kept. */
  get size(): number {
    return this.#counters.size;
  }

  get counters(): readonly Counter[] {
    return [...this.#counters.values()];
  }

  /** Takes the counters of streams of a run, which are written within some seconds. Never throws. */
  add(run: Run): void {
    try {
      this.#take(run);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Writes all that is not written yet; the database stays open. */
  close(): void {
    clearTimeout(this.#timer);
    while (this.#changed.size > 0 && this.#write());
  }

  #take(run: Run): void {
    for (const { key, ...point } of counterPointsOf(run, this.#options.money)) {
      const known = this.#counters.get(key);
      if (!known && longestLabel(key) > this.#options.labelValueLengthLimit) {
        this.#options.onLimit('label_too_long');
        continue;
      }
      const record = withPoint(known?.record, point);
      if (record === known?.record) continue;
      if (!known) this.revision++;
      this.#counters.set(key, { ...(known ?? counterNameOf(key)), record });
      this.#changed.add(key);
    }
    if (this.#changed.size === 0) return;
    if (this.#counters.size > this.#options.maximum) this.#removeOldest();
    this.#timer ??= setTimeout(() => this.#writeInBackground(), INTERVAL);
  }

  #writeInBackground(): void {
    const began = performance.now();
    const isWritten = this.#write();
    const took = performance.now() - began;
    const wait = isWritten && this.#changed.size > 0 ? Math.max(10, PAUSE * took) : INTERVAL;
    this.#timer = this.#changed.size > 0 ? setTimeout(() => this.#writeInBackground(), wait) : undefined;
  }

  /** Writes some of the changed counters, and returns whether that went well. */
  #write(): boolean {
    const keys: string[] = [];
    for (const key of this.#changed) if (keys.push(key) === CHUNK) break;
    try {
      this.#database.exec('BEGIN');
      for (const key of keys) {
        const counter = this.#counters.get(key);
        if (counter) this.#upsert.run({ key, ...counter.record });
        else this.#remove.run(key);
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#options.onError(error);
      return false;
    }
    for (const key of keys) this.#changed.delete(key);
    return true;
  }

  /** Removes a tenth of the counters, those that have not risen for longest, so that it is not done for each new one. */
  #removeOldest(): void {
    const byTime = [...this.#counters].sort(([, a], [, b]) => a.record.at - b.record.at);
    for (const [key] of byTime.slice(0, this.#counters.size - Math.floor(this.#options.maximum * 0.9))) {
      this.#counters.delete(key);
      this.#changed.add(key);
      this.#options.onLimit('series_limit');
    }
    this.revision++;
  }
}
