import type { Batch, Context } from 'wattline/plugin';
import { isSame, type Row } from './column-rules.ts';
import type { DayFiles } from './day-files.ts';
import { rowsOf } from './rows.ts';
import type { Config } from './settings.ts';

/** Turns runs into rows and sees them to disk. */
export class Delivery {
  readonly #ctx: Context;
  readonly #config: Config;
  readonly #files: DayFiles;
  /** A run that is tried again must not be counted as skipped again. */
  readonly #rows = new WeakMap<Batch, readonly Row[]>();

  constructor(ctx: Context, config: Config, files: DayFiles) {
    this.#ctx = ctx;
    this.#config = config;
    this.#files = files;
  }

  /**
   * Resolves when the rows of all runs are on disk. Throws `RejectedError`, and writes nothing, where a row would break
   * the rules of its columns.
   */
  async send(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const rows = batches.flatMap((batch) => this.#rowsOf(batch));
    if (rows.length === 0) return;
    const replaced = await this.#files.write(rows, signal);
    this.#reportChanges(replaced, rows);
  }

  #rowsOf(batch: Batch): readonly Row[] {
    const known = this.#rows.get(batch);
    if (known) return known;
    const rows = rowsOf(batch, this.#config, (skipped) => this.#ctx.skip(skipped));
    this.#rows.set(batch, rows);
    return rows;
  }

  /** A sum that somebody has seen already and that is another now. */
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
