import { type Context, type Outcome, type Refusal, RejectedError, type Run } from 'wattline/plugin';
import { isSame, type Row } from './column-rules.ts';
import { chargeKey, type DayFiles } from './day-files.ts';
import { rowsOf } from './rows.ts';
import type { Config } from './settings.ts';

/** Turns runs into rows and writes them to disk. */
export class Delivery {
  readonly #ctx: Context;
  readonly #config: Config;
  readonly #files: DayFiles;
  /** The rows of each run, or why it is refused; a run that is tried again must not be counted as skipped again. */
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
    let made = this.#made.get(run);
    if (made) return made;
    try {
      made = rowsOf(run, this.#config, (skipped) => this.#ctx.skip(skipped));
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      made = error;
    }
    this.#made.set(run, made);
    return made;
  }

  /** Warns of rows that were replaced by ones of another cost, or by none. */
  #reportChanges(replaced: readonly Row[], rows: readonly Row[]): void {
    const now = new Map(rows.map((row) => [chargeKey(row), row.EffectiveCost]));
    const changed = replaced.filter((row) => {
      const cost = now.get(chargeKey(row));
      return cost === undefined || !isSame(cost, row.EffectiveCost);
    });
    const [first] = changed;
    if (!first) return;
    const message = `replaced rows by ones of another cost, such as ${first.ChargeDescription} of ${first.EffectiveCost} ${first.BillingCurrency}`;
    this.#ctx.logger.warn({ rows: changed.length }, message);
  }
}
