import { exporterAlive } from 'wattline/figures';
import { type Context, describeRun, type Outcome, type Refusal, type Run, toSeconds } from 'wattline/plugin';
import {
  type Point,
  type PointOptions,
  type PointSeries,
  pointsOf,
  type RunPoints,
  SeriesLabels,
} from 'wattline/prometheus';
import type { Client } from './client.ts';
import { expositionText } from './exposition.ts';
import { jsonLines } from './json-lines.ts';
import { forecast, type LimitBreach } from './limits.ts';
import { type ServerState, ServerWatch } from './server-watch.ts';
import { findMissing } from './stored-check.ts';

const TEXT = '/api/v1/import/prometheus';
const JSON_LINES = '/api/v1/import';
/** VictoriaMetrics takes smaller times in text for seconds, and 0 for now. */
const SMALLEST_MILLISECONDS = 2 ** 31;

/** A run and what of it is sent. */
interface Shipment {
  readonly run: Run;
  readonly points: RunPoints;
}

/** Sends runs to VictoriaMetrics, and notices what the server drops in silence. */
export class Delivery {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #watch: ServerWatch;
  readonly #options: PointOptions;
  readonly #aliveLabels: SeriesLabels;

  constructor(ctx: Context, client: Client, options: PointOptions) {
    this.#ctx = ctx;
    this.#client = client;
    this.#watch = new ServerWatch(client, ctx.logger);
    this.#options = options;
    this.#aliveLabels = new SeriesLabels(options.extraLabels);
  }

  /**
   * Resolves when the runs are stored; those that the server drops, or is sure to drop, are refused. Throws `RejectedError`
   * where it takes none of the request.
   */
  async send(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const before = await this.#watch.recent(signal);
    const now = Date.now() + before.clockAhead;
    const refused: Refusal[] = [];
    const accepted: Shipment[] = [];
    const uncertain: Shipment[] = [];
    const shipments = runs.map((run): Shipment => ({ run, points: pointsOf(run, this.#options) }));
    for (const shipment of shipments) {
      const expected = forecast(shipment.points, before.limits, now);
      if (typeof expected === 'object') refused.push(this.#refusal(shipment, expected));
      else accepted.push(shipment);
      if (expected === 'uncertain') uncertain.push(shipment);
    }
    if (accepted.length > 0) await this.#push(accepted, signal);
    if (uncertain.length > 0) refused.push(...(await this.#findDropped(uncertain, before, signal)));
    // Skips are reported last, since a request that failed is sent again.
    for (const { points } of shipments) for (const skipped of points.skipped) this.#ctx.skip(skipped);
    for (const { reason, message } of refused) this.#ctx.skip({ item: 'run', reason, message });
    return { refused, deferred: [] };
  }

  /** Sends the sign of life of the exporter. */
  async beat(signal: AbortSignal): Promise<void> {
    await this.#client.push(TEXT, expositionText([this.#alive()]), signal);
  }

  async #push(shipments: readonly Shipment[], signal: AbortSignal): Promise<void> {
    const text: Point[] = [];
    const lines: PointSeries[] = [];
    for (const { points } of shipments) {
      for (const figure of points.figures) {
        if (figure.time >= SMALLEST_MILLISECONDS) text.push(figure);
        else lines.push(asSeries(figure));
      }
      lines.push(...points.samples);
    }
    text.push(this.#alive());
    await this.#client.push(TEXT, expositionText(text), signal);
    if (lines.length) await this.#client.push(JSON_LINES, jsonLines(lines), signal);
  }

  /** Returns the runs just pushed that the server has dropped: if it has dropped anything, they are read back. */
  async #findDropped(shipments: readonly Shipment[], before: ServerState, signal: AbortSignal): Promise<Refusal[]> {
    if (!before.dropped) return [];
    const counts = await this.#watch.droppedSince(before, signal);
    if (counts.size === 0) return [];
    const reasons = [...counts].map(([reason, count]) => `${reason}: ${count}`).join(', ');
    const sent = new Map(shipments.map((shipment) => [shipment, seriesOf(shipment)]));
    const missing = await findMissing(this.#client, [...sent.values()].flat(), signal);
    const doubt = missing ? '' : ', and does not let them be read back to tell which';
    const message =
      `the server took it and dropped it (rows ignored meanwhile: ${reasons}${doubt}); ` +
      'see its log, and start VictoriaMetrics with a longer -retentionPeriod, such as 100y, where it is too old';
    const dropped = shipments.filter((shipment) => !missing || sent.get(shipment)?.some((one) => missing.has(one)));
    return dropped.map((shipment) => this.#refusal(shipment, { reason: 'dropped', message }));
  }

  #refusal({ run }: Shipment, { reason, message: why }: LimitBreach): Refusal {
    const ended = new Date(toSeconds(run.window.end) * 1000);
    const when = Number.isNaN(ended.getTime()) ? '' : `, ended ${ended.toISOString()}`;
    return { run, reason, message: `${describeRun(run)}${when}, is not stored by ${this.#client.endpoint}: ${why}` };
  }

  #alive(): Point {
    return { name: exporterAlive.name, labels: this.#aliveLabels, time: Date.now(), value: 1 };
  }
}

function seriesOf({ points }: Shipment): PointSeries[] {
  return [...points.figures.map(asSeries), ...points.samples];
}

function asSeries({ name, labels, time, value }: Point): PointSeries {
  return { name, labels, times: [time], values: [value] };
}
