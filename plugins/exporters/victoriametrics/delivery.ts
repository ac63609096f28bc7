import type { Labels } from 'wattline/plugin';
import {
  type Batch,
  type Context,
  describeRun,
  RejectedError,
  runWindow,
  type Skipped,
  toSeconds,
} from 'wattline/plugin';
import type { Client } from './client.ts';
import { expositionText } from './exposition.ts';
import { jsonLines } from './json-lines.ts';
import { type Forecast, forecast, type Refusal } from './limits.ts';
import { risen } from './metrics-page.ts';
import { type PointOptions, type PointSeries, pointsOf } from './points.ts';
import { type ServerState, ServerWatch } from './server-watch.ts';
import { findMissing } from './stored-check.ts';

/** The gauge that says that the exporter runs. */
export const aliveMetric = { name: 'cost_exporter_alive', unit: '1', description: '1 while the exporter runs' };

const TEXT = '/api/v1/import/prometheus';
const JSON_LINES = '/api/v1/import';
/** VictoriaMetrics takes smaller times in text for seconds, and 0 for now. */
const SMALLEST_MILLISECONDS = 2 ** 31;

interface Run {
  readonly batch: Batch;
  readonly figures: readonly PointSeries[];
  readonly samples: readonly PointSeries[];
  readonly skipped: readonly Skipped[];
}

/** Sends runs to VictoriaMetrics, and sees to it that what the server drops in silence is noticed. */
export class Delivery {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #watch: ServerWatch;
  readonly #options: PointOptions;
  readonly #aliveLabels: Labels;
  /** What became of a run: a rejected request is sent again in parts, and must not store anything twice. */
  readonly #settled = new WeakMap<Batch, 'stored' | RejectedError>();

  constructor(ctx: Context, client: Client, options: PointOptions) {
    this.#ctx = ctx;
    this.#client = client;
    this.#watch = new ServerWatch(client, ctx.logger);
    this.#options = options;
    this.#aliveLabels = options.extraLabels;
  }

  /** Resolves when all runs are stored. Throws `RejectedError` where the server has not, and will not, store some. */
  async send(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const open = batches.filter((batch) => !this.#settled.has(batch));
    if (open.length) await this.#settle(open, signal);
    const rejected = batches.flatMap((batch) => {
      const outcome = this.#settled.get(batch);
      return outcome instanceof RejectedError ? [outcome] : [];
    });
    const [first] = rejected;
    if (!first) return;
    throw batches.length === 1
      ? first
      : new RejectedError(`${rejected.length} of ${batches.length} runs are not stored`);
  }

  /** Tells the server that the exporter runs. */
  async beat(signal: AbortSignal): Promise<void> {
    await this.#client.push(TEXT, expositionText([this.#alive()]), signal);
  }

  async #settle(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const before = await this.#watch.recent(signal);
    const accepted: Run[] = [];
    const uncertain: Run[] = [];
    for (const batch of batches) {
      const run = { batch, ...pointsOf(batch, this.#options) };
      const expected = foretell(run, before);
      if (typeof expected === 'object') {
        this.#reject(run, expected);
        continue;
      }
      accepted.push(run);
      if (expected === 'uncertain') uncertain.push(run);
    }
    if (accepted.length === 0) return;
    await this.#push(accepted, signal);
    const dropped = uncertain.length ? await this.#findDropped(uncertain, before, signal) : undefined;
    for (const run of accepted) {
      const refusal = dropped?.get(run);
      if (refusal) this.#reject(run, refusal);
      else this.#finish(run, 'stored');
    }
  }

  async #push(runs: readonly Run[], signal: AbortSignal): Promise<void> {
    const text: PointSeries[] = [];
    const lines: PointSeries[] = [];
    for (const { figures, samples } of runs) {
      for (const figure of figures) (isTextSafe(figure) ? text : lines).push(figure);
      lines.push(...samples);
    }
    await this.#client.push(TEXT, expositionText([...text, this.#alive()]), signal);
    if (lines.length) await this.#client.push(JSON_LINES, jsonLines(lines), signal);
  }

  /** Which of the runs that were just pushed the server has dropped: if it has dropped anything, they are read back. */
  async #findDropped(runs: readonly Run[], before: ServerState, signal: AbortSignal): Promise<Map<Run, Refusal>> {
    const result = new Map<Run, Refusal>();
    if (!before.dropped) return result;
    const counts = risen(before, await this.#watch.afterNow(signal));
    if (counts.size === 0) return result;
    const reasons = [...counts].map(([reason, count]) => `${reason}: ${count}`).join(', ');
    const missing = await findMissing(this.#client, runs.flatMap(seriesOf), signal);
    for (const run of runs) {
      const lost = seriesOf(run).filter((series) => missing?.has(series) ?? true);
      if (lost.length === 0) continue;
      const doubt = missing ? '' : ', and does not let them be read back to tell which';
      const message =
        `the server took it and dropped it (rows ignored meanwhile: ${reasons}${doubt}); ` +
        'see its log, and start VictoriaMetrics with a longer -retentionPeriod, such as 100y, where it is too old';
      result.set(run, { reason: 'dropped', message });
    }
    return result;
  }

  #reject(run: Run, { reason, message }: Refusal): void {
    const ended = new Date(toSeconds(runWindow(run.batch).end) * 1000);
    const when = Number.isNaN(ended.getTime()) ? '' : `, ended ${ended.toISOString()}`;
    const text = `${describeRun(run.batch)}${when}, is not stored by ${this.#client.endpoint}: ${message}`;
    this.#ctx.skip({ item: 'run', reason, message: text });
    this.#finish(run, new RejectedError(text));
  }

  #finish(run: Run, outcome: 'stored' | RejectedError): void {
    for (const skipped of run.skipped) this.#ctx.skip(skipped);
    this.#settled.set(run.batch, outcome);
  }

  #alive(): PointSeries {
    return { name: aliveMetric.name, labels: this.#aliveLabels, times: [Date.now()], values: [1] };
  }
}

function isTextSafe({ times }: PointSeries): boolean {
  return times.every((time) => time >= SMALLEST_MILLISECONDS);
}

function seriesOf({ figures, samples }: Run): PointSeries[] {
  return [...figures, ...samples];
}

function foretell(run: Run, { limits, clockAhead }: ServerState): Forecast {
  return forecast(seriesOf(run), limits, Date.now() + clockAhead);
}
