import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isOfReading } from 'wattline/figures';
import type { Run } from 'wattline/plugin';
import { endOf, keyOf, type RunRecord, recordOf } from './run-record.ts';
import { packSeries } from './samples.ts';

/** The options of the history. */
export interface HistoryOptions {
  /** The maximum number of runs; those that ended first are removed. */
  readonly maxRuns: number;
  /** Called when runs could not be written; they are lost. */
  onLoss(runs: number, error: unknown): void;
}

/** Milliseconds between two writes, and the minimum pause as a multiple of a write's duration, to limit the load. */
const INTERVAL = 100;
const PAUSE = 4;
const CHUNK = 500;

/** Writes runs to the history in batches, some time after they arrived, and removes the oldest. */
export class History {
  readonly database: DatabaseSync;
  /** Changes with every write: what was read at the same revision is still valid. */
  revision = 0;
  /** The arrival of the last run in milliseconds since 1970; undefined where none has arrived since the start. */
  lastArrival: number | undefined;
  readonly #options: HistoryOptions;
  readonly #insertRun: StatementSync;
  readonly #findEnd: StatementSync;
  readonly #insertSeries: StatementSync;
  readonly #dropOldest: StatementSync;
  #waiting: Run[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync, options: HistoryOptions) {
    this.database = database;
    this.#options = options;
    this.#insertRun = database.prepare(
      `INSERT OR REPLACE INTO run VALUES (
          :id, :scenario, :region, :encoder, :bitrate, :started, :ended, :duration, :joules, :core_seconds,
          :total_usd, :energy_usd, :compute_usd, :co2_kg, :attributes, :figures, :power_kind, :energy_included, :assumptions
       )`,
    );
    this.#findEnd = database.prepare('SELECT ended FROM run WHERE id = ?');
    this.#insertSeries = database.prepare(
      'INSERT INTO series VALUES (:run, :signal, :start_s, :start_ns, :step, :offsets, :samples)',
    );
    this.#dropOldest = database.prepare(
      'DELETE FROM run WHERE id IN (SELECT id FROM run ORDER BY ended DESC, id LIMIT -1 OFFSET ?)',
    );
  }

  /** Adds a run, which is written within about a second. Never throws. */
  add(run: Run): void {
    this.lastArrival = Date.now();
    this.#waiting.push(run);
    if (this.#waiting.length > 1.5 * this.#options.maxRuns + CHUNK) this.#prune();
    this.#timer ??= setTimeout(() => this.#writeInBackground(), INTERVAL);
  }

  /** Writes all pending runs and closes the database. */
  close(): void {
    clearTimeout(this.#timer);
    this.#prune();
    while (this.#waiting.length) this.#write(this.#waiting.splice(0, CHUNK));
    this.database.close();
  }

  #writeInBackground(): void {
    this.#prune();
    const began = performance.now();
    this.#write(this.#waiting.splice(0, CHUNK));
    const took = performance.now() - began;
    const again = () => this.#writeInBackground();
    this.#timer = this.#waiting.length ? setTimeout(again, Math.max(INTERVAL, PAUSE * took)) : undefined;
  }

  /** Drops pending runs that others would remove from the history at once. */
  #prune(): void {
    const { maxRuns } = this.#options;
    if (this.#waiting.length <= maxRuns) return;
    const latest = [...new Map(this.#waiting.map((run) => [keyOf(run), run])).values()];
    const byEnd = latest.map((run) => ({ run, end: endOf(run) })).sort((a, b) => b.end - a.end);
    this.#waiting = byEnd.slice(0, maxRuns).map(({ run }) => run);
  }

  #write(runs: readonly Run[]): void {
    try {
      this.database.exec('BEGIN');
      for (const run of runs) this.#insert(run);
      this.#dropOldest.run(this.#options.maxRuns);
      this.database.exec('COMMIT');
      this.revision++;
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      this.#options.onLoss(runs.length, error);
    }
  }

  /** Replaces the run where it is there already, with its series. One that cannot be stored does not affect others. */
  #insert(run: Run): void {
    let record: RunRecord;
    try {
      record = recordOf(run);
    } catch (error) {
      this.#options.onLoss(1, error);
      return;
    }
    const { power, cpu, energy_included, ...row } = record;
    // Of a run that does not say when it was it is known when it was first seen.
    const seen = isOfReading(run) ? this.#findEnd.get(row.id)?.ended : undefined;
    this.#insertRun.run({ ...row, ended: seen ?? row.ended, energy_included: Number(energy_included) });
    for (const [signal, series] of Object.entries({ power, cpu })) {
      if (series) this.#insertSeries.run({ run: row.id, signal, ...packSeries(series) });
    }
  }
}
