import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import {
  type Batch,
  isSignal,
  type Labels,
  labelsFrom,
  metricName,
  runLabelsOf,
  SampledGauge,
  type Skipped,
} from 'wattline/plugin';

/** Points of one series, each value at its time in milliseconds since 1970; all values are finite. */
export interface PointSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** What of a run is sent: figures and, apart from them, raw samples; and what cannot be sent. */
export interface RunPoints {
  readonly figures: readonly PointSeries[];
  readonly samples: readonly PointSeries[];
  readonly skipped: readonly Skipped[];
}

/** Which labels are added to the points' own ones, and whether raw samples are wanted. */
export interface PointOptions {
  readonly includeSamples: boolean;
  readonly resourceLabels: readonly string[];
  readonly extraLabels: Labels;
}

/** The points of a run under the names and labels that the Prometheus exporter gives them. */
export function pointsOf(batch: Batch, options: PointOptions): RunPoints {
  const { attributes } = batch.resource;
  const chosen = options.resourceLabels.filter((name) => attributes[name] !== undefined);
  const collector = new PointCollector(
    chosen.length ? Object.fromEntries(chosen.map((name) => [name, attributes[name]])) : undefined,
    runLabelsOf(batch),
    options.extraLabels,
  );
  for (const { metrics } of batch.scopeMetrics) {
    for (const metric of metrics) {
      if (!isSignal(metric)) collector.addFigure(metric);
      else if (options.includeSamples) collector.addSamples(metric);
    }
  }
  return collector;
}

/** The oldest and the newest time among series, in milliseconds since 1970; undefined where there is no point. */
export function timeSpan(series: readonly PointSeries[]): { oldest: number; newest: number } | undefined {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { times } of series) {
    for (const time of times) {
      if (time < oldest) oldest = time;
      if (time > newest) newest = time;
    }
  }
  return newest < oldest ? undefined : { oldest, newest };
}

class PointCollector implements RunPoints {
  readonly figures: PointSeries[] = [];
  readonly samples: PointSeries[] = [];
  readonly skipped: Skipped[] = [];
  readonly #chosen: Attributes | undefined;
  readonly #runLabels: Attributes;
  readonly #extraLabels: Labels;

  constructor(chosen: Attributes | undefined, runLabels: Attributes, extraLabels: Labels) {
    this.#chosen = chosen;
    this.#runLabels = runLabels;
    this.#extraLabels = extraLabels;
  }

  addFigure(metric: MetricData): void {
    switch (metric.dataPointType) {
      case DataPointType.GAUGE:
      case DataPointType.SUM:
        for (const point of metric.dataPoints) this.#addNumber(metricName(metric), point);
        break;
      case DataPointType.HISTOGRAM:
        for (const point of metric.dataPoints) this.#addHistogram(metricName(metric), point);
        break;
      default: {
        const item = metric.descriptor.name;
        const message = `${item} is an exponential histogram, which Prometheus' text format cannot hold`;
        this.skipped.push({ item, reason: 'exponential_histogram', message });
      }
    }
  }

  addSamples(metric: MetricData): void {
    const name = metricName(metric);
    if (metric instanceof SampledGauge) {
      const labels = this.#labels(metric.attributes);
      const { series } = metric;
      // A missing sample is not sent.
      const known = Array.from(series.values.keys()).filter((index) => !Number.isNaN(series.values[index]));
      const times = known.map((index) => toMilliseconds(series.time(index)));
      this.#push(this.samples, { name, labels, times, values: known.map((index) => series.values[index] as number) });
    } else if (metric.dataPointType === DataPointType.GAUGE || metric.dataPointType === DataPointType.SUM) {
      for (const [labels, points] of this.#byLabels(metric.dataPoints)) {
        const times = points.map(({ endTime }) => toMilliseconds(endTime));
        const values = points.map(({ value }) => value);
        this.#push(this.samples, { name, labels, times, values });
      }
    }
  }

  #addNumber(name: string, { attributes, endTime, value }: DataPoint<number>): void {
    const labels = this.#labels(attributes);
    this.#push(this.figures, { name, labels, times: [toMilliseconds(endTime)], values: [value] });
  }

  #addHistogram(name: string, { attributes, endTime, value }: DataPoint<Histogram>): void {
    const labels = this.#labels(attributes, 'le');
    const times = [toMilliseconds(endTime)];
    const add = (suffix: string, number: number, more?: Labels) =>
      this.#push(this.figures, { name: `${name}${suffix}`, labels: { ...labels, ...more }, times, values: [number] });
    add('_count', value.count);
    if (value.sum !== undefined) add('_sum', value.sum);
    let below = 0;
    value.buckets.counts.forEach((count, index) => {
      below += count;
      const bound = value.buckets.boundaries[index] ?? Number.POSITIVE_INFINITY;
      add('_bucket', below, { le: bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound) });
    });
  }

  #byLabels(points: readonly DataPoint<number>[]): [Labels, DataPoint<number>[]][] {
    const groups = new Map<string, [Labels, DataPoint<number>[]]>();
    for (const point of points) {
      const labels = this.#labels(point.attributes);
      const key = JSON.stringify(Object.entries(labels).sort());
      const group = groups.get(key);
      if (group) group[1].push(point);
      else groups.set(key, [labels, [point]]);
    }
    return [...groups.values()];
  }

  /** The labels of a point: its own attributes, then those of its run and what else was asked for, then the fixed ones. */
  #labels(own: Attributes, reserved?: string): Labels {
    const labels = labelsFrom({ ...this.#chosen, ...this.#runLabels, ...own }, reserved);
    return { ...this.#extraLabels, ...labels };
  }

  /** Adds a series without its values that are not finite; these are noted. */
  #push(list: PointSeries[], series: PointSeries): void {
    if (series.values.every(Number.isFinite)) {
      if (series.values.length) list.push(series);
      return;
    }
    const finite = series.values.map(Number.isFinite);
    const { name: item } = series;
    for (const value of series.values) {
      if (Number.isFinite(value)) continue;
      const message = `${item} is ${value} and is not sent; it must be a finite number`;
      this.skipped.push({ item, reason: 'not_finite', message });
    }
    const times = series.times.filter((_, index) => finite[index]);
    if (times.length) list.push({ ...series, times, values: series.values.filter(Number.isFinite) });
  }
}

function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + Math.round(nanoseconds / 1e6);
}
