import { exporterAlive } from 'wattline/figures';
import { type Context, describeRun, messageOf, type QueuedExporter, RejectedError, type Run } from 'wattline/plugin';
import {
  type Family,
  type PointOptions,
  pointsOf,
  type RunPoints,
  SeriesLabels,
  type WriteMessage,
} from 'wattline/prometheus';
import type { Client } from './client.ts';
import { requestsOf } from './request.ts';
import { targetInfo, targetInfoOf } from './target-info.ts';
import { seriesText, type TimeSeries, timeSeriesOf } from './time-series.ts';

type Sent = Awaited<ReturnType<QueuedExporter['send']>>;

/** How often a metric is described again to a server of version 1.0, in milliseconds, and of how many it is known. */
const DESCRIBED_EVERY = 60_000;
const MOST_DESCRIBED = 10_000;
/** How many series a refusal names. */
const NAMED = 3;

/** What is sent, and how. */
export interface DeliveryOptions extends PointOptions {
  readonly message: WriteMessage;
  readonly maxBatchBytes: number;
  readonly sendsMetadata: boolean;
  readonly sendsTargetInfo: boolean;
}

/** Sends runs as series. */
export class Delivery {
  readonly #ctx: Context;
  readonly #client: Client;
  readonly #options: DeliveryOptions;
  readonly #describedAt = new Map<string, number>();

  constructor(ctx: Context, client: Client, options: DeliveryOptions) {
    this.#ctx = ctx;
    this.#client = client;
    this.#options = options;
  }

  /**
   * Resolves when the server has taken the runs. Throws where all of them are to be sent again, and `RejectedError` where it
   * takes one of the requests for none that it ever takes: of one run that is more, the others have been sent all the same.
   */
  async send(runs: readonly Run[], signal: AbortSignal): Promise<Sent> {
    const points = runs.map((run) => this.#pointsOf(run));
    const series = timeSeriesOf(points, (skipped) => this.#ctx.skip(skipped));
    let rejectedPoints = 0;
    try {
      rejectedPoints = await this.#write(series, signal, runs.length === 1);
    } catch (error) {
      if (!(error instanceof RejectedError) || runs.length > 1) throw error;
      throw new RejectedError(refusalText(runs[0] as Run, series, error), { cause: error });
    }
    // Skips are reported last, since a request that failed is sent again.
    for (const { skipped } of points) for (const one of skipped) this.#ctx.skip(one);
    return { refused: [], deferred: [], rejectedPoints };
  }

  /** Sends the sign of life of the exporter. */
  async beat(signal: AbortSignal): Promise<void> {
    const { name, unit, description: help } = exporterAlive;
    const family: Family = { name, type: 'gauge', help, unit };
    const labels = new SeriesLabels(this.#options.extraLabels);
    const figures = [{ name, labels, time: Date.now(), value: 1 }];
    const points = { figures, samples: [], skipped: [], families: new Map([[name, family]]) };
    await this.#write(
      timeSeriesOf([points], () => {}),
      signal,
    );
  }

  async #write(series: readonly TimeSeries[], signal: AbortSignal, goesOn = false): Promise<number> {
    const { message, maxBatchBytes } = this.#options;
    const described = this.#toDescribe(series);
    let dropped = 0;
    let rejection: RejectedError | undefined;
    // One after the other, since the samples of a series must arrive in the order of time.
    for (const request of requestsOf(series, message, maxBatchBytes, described)) {
      try {
        dropped += await this.#client.send(request, signal);
      } catch (error) {
        // Nothing of a run that is alone comes again.
        if (!goesOn || !(error instanceof RejectedError)) throw error;
        rejection ??= error;
      }
    }
    if (rejection) throw rejection;
    const now = Date.now();
    for (const name of described) if (this.#describedAt.size < MOST_DESCRIBED) this.#describedAt.set(name, now);
    return dropped;
  }

  #toDescribe(series: readonly TimeSeries[]): ReadonlySet<string> {
    if (!this.#options.sendsMetadata) return new Set();
    const due = Date.now() - DESCRIBED_EVERY;
    const names = new Set(series.map(({ family }) => family.name));
    return new Set([...names].filter((name) => (this.#describedAt.get(name) ?? 0) <= due));
  }

  #pointsOf(run: Run): RunPoints {
    const points = pointsOf(run, this.#options);
    if (!this.#options.sendsTargetInfo) return points;
    const times = [...points.figures.map(({ time }) => time), ...points.samples.flatMap(({ times }) => times)];
    const info =
      times.length > 0 &&
      targetInfoOf(
        run,
        times.reduce((last, time) => Math.max(last, time)),
      );
    if (!info) return points;
    const families = new Map(points.families).set(targetInfo.name, targetInfo);
    return { ...points, figures: [...points.figures, info], families };
  }
}

function refusalText(run: Run, series: readonly TimeSeries[], error: Error): string {
  const named = series.slice(0, NAMED).map(({ labels }) => seriesText(labels));
  const more = series.length > NAMED ? ` and ${series.length - NAMED} more` : '';
  return `${describeRun(run)} is not taken, of the series ${named.join(', ')}${more}: ${messageOf(error)}`;
}
