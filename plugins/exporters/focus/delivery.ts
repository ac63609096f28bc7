import { type Context, type Outcome, type Refusal, RejectedError, type Run } from 'wattline/plugin';
import { isSame, type Row } from './column-rules.ts';
import type { DayFiles } from './day-files.ts';
import { rowsOf } from './rows.ts';
import type { Config } from './settings.ts';

/** Turns runs into rows and sees them to disk. */
export class Delivery {
  readonly #ctx: Context;
  readonly #config: Config;
  readonly #files: DayFiles;
  /** What came of each run; one that is tried again must not be counted as skipped again. */
  readonly #made = new WeakMap<Run, readonly Row[] | RejectedError>();

  constructor(ctx: Context, config: Config, files: DayFiles) {
    this.#ctx = ctx;
    this.#config = config;
    this.#files = files;
  }

  /** Resolves when the rows of the runs are on disk. A run with a row that breaks the rules of its columns is refused. */
  async send(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const rows: Row[] = [];
    const refused: Refusal[] = [];
    for (const run of runs) {
      const made = this.#rowsOf(run);
      if (made instanceof RejectedError) refused.push({ run, reason: 'invalid_row', message: made.message });
      else rows.push(...made);
    }
    if (rows.length > 0) this.#reportChanges(await this.#files.write(rows, signal), rows);
    return { refused, deferred: [] };
  }

  #rowsOf(run: Run): readonly Row[] | RejectedError {
    const made = this.#made.get(run) ?? this.#makeRows(run);
    this.#made.set(run, made);
    return made;
  }

  #makeRows(run: Run): readonly Row[] | RejectedError {
    try {
      return rowsOf(run, this.#config, (skipped) => this.#ctx.skip(skipped));
    } catch (error) {
      if (error instanceof RejectedError) return error;
      throw error;
    }
  }

  #reportChanges(replaced: readonly Row[], rows: readonly Row[]): void {
    const now = new Map(rows.map((row) => [`${row.x_RunId} ${row.SkuId}`, row]));
    const changed = replaced.filter((row) => {
      const cost = now.get(`${row.x_RunId} ${row.SkuId}`)?.EffectiveCost;
      return cost === undefined || !isSame(cost, row.EffectiveCost);
    });
    const [first] = changed;
    if (!first) return;
    const message = `replaced rows by ones of another cost, such as ${first.ChargeDescription} of ${first.EffectiveCost} USD`;
    this.#ctx.logger.warn({ rows: changed.length }, message);
  }
}
