import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import {
  isOfReading,
  type Labels,
  labelsFrom,
  metricName,
  plainName,
  runLabelsOf,
  signalName,
} from '../figures/index.ts';
import { attributesKey, type Figure, isSignal, type Run, type Samples, type Skipped } from '../plugin/index.ts';
import { type Point, type PointSeries, SeriesLabels } from './series.ts';

/** What of a run is sent: figures and, apart from them, raw samples; and what cannot be sent. */
export interface RunPoints {
  readonly figures: readonly Point[];
  readonly samples: readonly PointSeries[];
  readonly skipped: readonly Skipped[];
  /** What is said of the metrics, by the names of their series. */
  readonly families: ReadonlyMap<string, Family>;
}

/** What is said of a metric, whose series have its name, or of a histogram with `_bucket`, `_sum` or `_count` behind it. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly unit: string;
}

/** Which labels are added to the points' own ones, and whether raw samples are wanted. */
export interface PointOptions {
  readonly includeSamples: boolean;
  /** Resource attributes that become labels; `all` are all of them. */
  readonly resourceLabels: readonly string[] | 'all';
  readonly extraLabels: Labels;
}

/** Returns the points of a run under the names and labels that the Prometheus exporter gives them. */
export function pointsOf(run: Run, options: PointOptions): RunPoints {
  const collector = new PointCollector(chosenAttributes(run, options), runLabelsOf(run), extraLabelsOf(run, options));
  for (const { metrics } of run.metrics) {
    for (const metric of metrics) {
      if (!isSignal(metric)) collector.addMetric(metric);
      else if (options.includeSamples) collector.addSampleMetric(metric);
    }
  }
  if (options.includeSamples) for (const samples of run.samples) collector.addSamples(samples);
  for (const figure of run.figures) collector.addFigure(figure, run.labelsOf(figure), toMilliseconds(run.window.end));
  return collector;
}

/** A point has a time in any case: that of a run which says nothing of its time is told from those of others. */
function extraLabelsOf(run: Run, { extraLabels }: PointOptions): Labels {
  return isOfReading(run) ? { ...extraLabels, dated: 'false' } : extraLabels;
}

function chosenAttributes({ resource }: Run, { resourceLabels }: PointOptions): Attributes | undefined {
  if (resourceLabels.length === 0) return undefined;
  const { attributes } = resource;
  if (resourceLabels === 'all') return attributes;
  const chosen = resourceLabels.filter((name) => attributes[name] !== undefined);
  return chosen.length ? Object.fromEntries(chosen.map((name) => [name, attributes[name]])) : undefined;
}

type Described = Pick<Family, 'unit'> & { readonly description: string };

/** What samples say beside the labels of their run. */
const NONE: Attributes = Object.freeze({});

class PointCollector implements RunPoints {
  readonly figures: Point[] = [];
  readonly samples: PointSeries[] = [];
  readonly skipped: Skipped[] = [];
  readonly families = new Map<string, Family>();
  readonly #chosen: Attributes | undefined;
  readonly #runLabels: Attributes;
  readonly #extraLabels: Labels | undefined;
  // The figures of a run share their attributes, mostly.
  #lastAttributes: Attributes | undefined;
  #lastLabels: SeriesLabels | undefined;

  constructor(chosen: Attributes | undefined, runLabels: Attributes, extraLabels: Labels) {
    this.#chosen = chosen;
    this.#runLabels = runLabels;
    this.#extraLabels = Object.keys(extraLabels).length ? extraLabels : undefined;
  }

  addFigure({ definition, value }: Figure, labels: Attributes, time: number): void {
    const name = plainName(definition.name);
    this.#noteFamily(name, 'gauge', definition);
    this.#addPoint(name, this.#labelsOf(labels), time, value);
  }

  /** Adds the points of a metric that is no samples as figures. */
  addMetric(metric: MetricData): void {
    switch (metric.dataPointType) {
      case DataPointType.GAUGE:
      case DataPointType.SUM: {
        const name = metricName(metric);
        const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
        this.#noteFamily(name, isCounter ? 'counter' : 'gauge', metric.descriptor);
        for (const { attributes, endTime, value } of metric.dataPoints) {
          this.#addPoint(name, this.#labelsOf(attributes), toMilliseconds(endTime), value);
        }
        break;
      }
      case DataPointType.HISTOGRAM:
        this.#noteFamily(metricName(metric), 'histogram', metric.descriptor);
        for (const point of metric.dataPoints) this.#addHistogram(metricName(metric), point);
        break;
      default: {
        const item = metric.descriptor.name;
        const message = `${item} is an exponential histogram, which Prometheus' text format cannot hold`;
        this.skipped.push({ item, reason: 'exponential_histogram', message });
      }
    }
  }

  addSamples({ signal, series }: Samples): void {
    const name = signalName(signal);
    this.#noteFamily(name, 'gauge', signal);
    const times: number[] = [];
    const values: number[] = [];
    for (let i = 0; i < series.length; i++) {
      const value = series.at(i);
      // A missing sample is not sent.
      if (Number.isNaN(value) || !this.#isSent(name, value)) continue;
      times.push(toMilliseconds(series.time(i)));
      values.push(value);
    }
    if (values.length) this.samples.push({ name, labels: this.#labelsOf(NONE), times, values });
  }

  /** Adds samples that came as a metric: a series for each set of labels. */
  addSampleMetric(metric: MetricData): void {
    if (metric.dataPointType !== DataPointType.GAUGE && metric.dataPointType !== DataPointType.SUM) return;
    const name = metricName(metric);
    this.#noteFamily(name, 'gauge', metric.descriptor);
    const keyOf = ({ attributes }: DataPoint<number>) => attributesKey(this.#labelsOf(attributes).all);
    for (const points of Map.groupBy(metric.dataPoints, keyOf).values()) {
      const labels = this.#labelsOf((points[0] as DataPoint<number>).attributes);
      const sent = points.filter(({ value }) => this.#isSent(name, value));
      const times = sent.map(({ endTime }) => toMilliseconds(endTime));
      if (sent.length) this.samples.push({ name, labels, times, values: sent.map(({ value }) => value) });
    }
  }

  #noteFamily(name: string, type: Family['type'], { description, unit }: Described): void {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) {
      if (!this.families.has(name + suffix)) this.families.set(name + suffix, { name, type, help: description, unit });
    }
  }

  #addPoint(name: string, labels: SeriesLabels, time: number, value: number): void {
    if (this.#isSent(name, value)) this.figures.push({ name, labels, time, value });
  }

  #addHistogram(name: string, { attributes, endTime, value }: DataPoint<Histogram>): void {
    const labels = this.#makeLabels(attributes, 'le');
    const all = new SeriesLabels(labels);
    const time = toMilliseconds(endTime);
    this.#addPoint(`${name}_count`, all, time, value.count);
    if (value.sum !== undefined) this.#addPoint(`${name}_sum`, all, time, value.sum);
    let below = 0;
    value.buckets.counts.forEach((count, index) => {
      below += count;
      const bound = value.buckets.boundaries[index] ?? Number.POSITIVE_INFINITY;
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
      this.#addPoint(`${name}_bucket`, new SeriesLabels({ ...labels, le }), time, below);
    });
  }

  #labelsOf(own: Attributes): SeriesLabels {
    if (!this.#lastLabels || this.#lastAttributes !== own) {
      this.#lastAttributes = own;
      this.#lastLabels = new SeriesLabels(this.#makeLabels(own));
    }
    return this.#lastLabels;
  }

  /** Returns the labels of a point: its own attributes win over those of its run, those over `resource_labels`, and all over `extra_labels`. */
  #makeLabels(own: Attributes, reserved?: string): Labels {
    const isAll = own === this.#runLabels && !this.#chosen;
    const labels = labelsFrom(isAll ? own : { ...this.#chosen, ...this.#runLabels, ...own }, reserved);
    return this.#extraLabels ? { ...this.#extraLabels, ...labels } : labels;
  }

  /** Returns whether a value is finite; reports it otherwise. */
  #isSent(item: string, value: number): boolean {
    if (Number.isFinite(value)) return true;
    const message = `${item} is ${value} and is not sent; it must be a finite number`;
    this.skipped.push({ item, reason: 'not_finite', message });
    return false;
  }
}

/** Returns a time rounded to whole milliseconds since 1970. */
function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + Math.round(nanoseconds / 1e6);
}
