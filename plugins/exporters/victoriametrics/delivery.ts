import { type Batch, type Context, describeRun, RejectedError, runWindow, toSeconds } from 'wattline/plugin';
import type { Client } from './client.ts';
import { expositionText } from './exposition.ts';
import { jsonLines } from './json-lines.ts';
import { type Forecast, forecast, type Refusal } from './limits.ts';
import type { Point, PointSeries } from './point-series.ts';
import { type PointOptions, pointsOf, type RunPoints } from './points.ts';
import { Scratch } from './scratch.ts';
import { SeriesLabels } from './series-labels.ts';
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
  readonly points: RunPoints;
}

/** Sends runs to VictoriaMetrics, and sees to it that what the server drops in silence is noticed. */
export class Delivery {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #watch: ServerWatch;
  readonly #options: PointOptions;
  readonly #aliveLabels: SeriesLabels;
  /** As many as requests were under way at once. */
  readonly #scratch: Scratch[] = [];
  /**
   * What became of the runs of requests of which some were rejected: such a request is sent again in parts, and must not
   * store anything twice. To note all runs would cost as much as to find their points.
   */
  readonly #settled = new WeakMap<Batch, 'stored' | RejectedError>();

  constructor(ctx: Context, client: Client, options: PointOptions) {
    this.#ctx = ctx;
    this.#client = client;
    this.#watch = new ServerWatch(client, ctx.logger);
    this.#options = options;
    this.#aliveLabels = new SeriesLabels(options.extraLabels);
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
    for (const batch of open) if (!this.#settled.has(batch)) this.#settled.set(batch, 'stored');
    throw batches.length === 1
      ? first
      : new RejectedError(`${rejected.length} of ${batches.length} runs are not stored`);
  }

  /** Tells the server that the exporter runs. */
  async beat(signal: AbortSignal): Promise<void> {
    await this.#client.push(TEXT, expositionText([this.#alive()], new Scratch()), signal);
  }

  async #settle(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    const before = await this.#watch.recent(signal);
    const accepted: Run[] = [];
    const uncertain: Run[] = [];
    for (const batch of batches) {
      const run = { batch, points: pointsOf(batch, this.#options) };
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
      else this.#tellSkipped(run);
    }
  }

  async #push(runs: readonly Run[], signal: AbortSignal): Promise<void> {
    const text: Point[] = [];
    const lines: PointSeries[] = [];
    for (const { points } of runs) {
      for (const figure of points.figures) {
        if (figure.time >= SMALLEST_MILLISECONDS) text.push(figure);
        else lines.push(asSeries(figure));
      }
      lines.push(...points.samples);
    }
    text.push(this.#alive());
    const scratch = this.#scratch.pop() ?? new Scratch();
    await this.#client.push(TEXT, expositionText(text, scratch), signal);
    if (lines.length) await this.#client.push(JSON_LINES, jsonLines(lines, scratch), signal);
    // After a failure a request may still be on its way out of it.
    this.#scratch.push(scratch);
  }

  /** Which of the runs that were just pushed the server has dropped: if it has dropped anything, they are read back. */
  async #findDropped(runs: readonly Run[], before: ServerState, signal: AbortSignal): Promise<Map<Run, Refusal>> {
    const result = new Map<Run, Refusal>();
    if (!before.dropped) return result;
    const counts = await this.#watch.droppedSince(before, signal);
    if (counts.size === 0) return result;
    const reasons = [...counts].map(([reason, count]) => `${reason}: ${count}`).join(', ');
    const sent = new Map(runs.map((run) => [run, seriesOf(run)]));
    const missing = await findMissing(this.#client, [...sent.values()].flat(), signal);
    for (const [run, series] of sent) {
      if (missing && !series.some((one) => missing.has(one))) continue;
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
    this.#settled.set(run.batch, new RejectedError(text));
    this.#tellSkipped(run);
  }

  #tellSkipped({ points }: Run): void {
    for (const skipped of points.skipped) this.#ctx.skip(skipped);
  }

  #alive(): Point {
    return { name: aliveMetric.name, labels: this.#aliveLabels, time: Date.now(), value: 1 };
  }
}

function seriesOf({ points }: Run): PointSeries[] {
  return [...points.figures.map(asSeries), ...points.samples];
}

function asSeries({ name, labels, time, value }: Point): PointSeries {
  return { name, labels, times: [time], values: [value] };
}

function foretell({ points }: Run, { limits, clockAhead }: ServerState): Forecast {
  return forecast(points, limits, Date.now() + clockAhead);
}
