import { exporterAlive } from 'wattline/figures';
import { type Context, describeRun, type Outcome, type Refusal, type Run, toSeconds } from 'wattline/plugin';
import {
  type Point,
  type PointOptions,
  type PointSeries,
  pointsOf,
  type RunPoints,
  SeriesLabels,
  timeSpan,
} from 'wattline/prometheus';
import type { Client } from './client.ts';
import { correct, identifying, mayDiffer, RESTATED, type Stored, storedFigures, versionKey } from './corrections.ts';
import { expositionText } from './exposition.ts';
import { jsonLines } from './json-lines.ts';
import { forecast, type LimitBreach } from './limits.ts';
import { type ServerState, ServerWatch } from './server-watch.ts';
import { findMissing } from './stored-check.ts';
import { flush, readStored, selector } from './stored-series.ts';

const TEXT = '/api/v1/import/prometheus';
const JSON_LINES = '/api/v1/import';
/** Within that many milliseconds every server shows what it was sent. */
const SHOWN_WITHIN = 30_000;
/** VictoriaMetrics takes smaller times in text for seconds, and 0 for now. */
const SMALLEST_MILLISECONDS = 2 ** 31;

const NOT_CORRECTED: LimitBreach = {
  reason: 'not_corrected',
  message:
    'its figures were revised, and the server does not let the former ones be read at /api/v1/export to correct them; they stay as they are',
};

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
  readonly #pushing = new Set<Promise<void>>();
  /** Ends with the last request whose figures may correct others. */
  #correcting: Promise<void> = Promise.resolve();
  /** When something was corrected last, by a clock that nobody sets. */
  #correctedAt = Number.NEGATIVE_INFINITY;

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
    if (accepted.length > 0) refused.push(...(await this.#store(accepted, signal)));
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

  /** Sends what is new of some shipments; returns the runs whose former figures can neither be read nor corrected. */
  async #store(shipments: readonly Shipment[], signal: AbortSignal): Promise<Refusal[]> {
    const versioned = shipments.filter(({ run }) => mayDiffer(run));
    if (versioned.length < shipments.length) {
      await this.#push(versioned.length ? shipments.filter(({ run }) => !mayDiffer(run)) : shipments, signal);
    }
    if (versioned.length === 0) return [];
    // What one request stores is what the next one must know.
    const before = this.#correcting;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#correcting = promise;
    try {
      await before;
      return await this.#correct(versioned, signal);
    } finally {
      resolve();
    }
  }

  async #correct(shipments: readonly Shipment[], signal: AbortSignal): Promise<Refusal[]> {
    const stored = await this.#readFigures(shipments, signal);
    const lost = stored ? [] : shipments.filter(({ run }) => run.restated !== undefined);
    const sent = shipments.filter((shipment) => !lost.includes(shipment));
    const news = stored ? sent.map((one) => corrected(one, stored)) : sent;
    if (news.some(hasCorrection)) this.#correctedAt = performance.now();
    if (news.length) await this.#push(news, signal);
    return lost.map((shipment) => this.#refusal(shipment, NOT_CORRECTED));
  }

  /** Reads what the server has of the figures of runs; undefined where it does not let them be read. */
  async #readFigures(shipments: readonly Shipment[], signal: AbortSignal): Promise<Map<string, Stored> | undefined> {
    const isShown = performance.now() - this.#correctedAt > SHOWN_WITHIN;
    if (!isShown || shipments.some(({ run }) => run.restated !== undefined)) {
      // The runs may be under way as they were before.
      await Promise.allSettled(this.#pushing);
      await flush(this.#client, signal);
    }
    const points = shipments.flatMap(({ points }) => points.figures);
    const span = timeSpan(points, []);
    if (!span) return new Map();
    const selectors = points.map(({ name, labels }) => selector(name, new SeriesLabels(identifying(labels.all)).text));
    const series = await readStored(this.#client, [...new Set(selectors)], span, signal);
    return series && storedFigures(series);
  }

  async #push(shipments: readonly Shipment[], signal: AbortSignal): Promise<void> {
    const pushing = this.#send(shipments, signal);
    this.#pushing.add(pushing);
    await pushing.finally(() => this.#pushing.delete(pushing));
  }

  async #send(shipments: readonly Shipment[], signal: AbortSignal): Promise<void> {
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

/**
 * Returns a shipment with what makes its figures add up to what they are now; without the samples of a run that was valued
 * again, which are there already where a figure of it is.
 */
function corrected({ run, points }: Shipment, stored: Map<string, Stored>): Shipment {
  const isThere = points.figures.some(({ name, labels, time }) => stored.has(versionKey(name, labels.all, time)));
  const samples = run.restated !== undefined && isThere ? [] : points.samples;
  return { run, points: { ...points, samples, figures: correct(points.figures, stored) } };
}

function hasCorrection({ points }: Shipment): boolean {
  return points.figures.some(({ labels }) => labels.all[RESTATED] !== undefined);
}

function seriesOf({ points }: Shipment): PointSeries[] {
  return [...points.figures.map(asSeries), ...points.samples];
}

function asSeries({ name, labels, time, value }: Point): PointSeries {
  return { name, labels, times: [time], values: [value] };
}
