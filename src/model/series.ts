import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import type { DataPoint, GaugeMetricData, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { FigureGauge } from './figure-gauge.ts';

const NANOSECONDS = 1e9;
const NONE: Attributes = Object.freeze({});

/**
 * What a sample says: the value at its time, between which it runs straight to the next; or the mean from its time to
 * the next one's, as rates do. The last of the latter lasts as long as the one before it.
 */
export type Sampling = 'instant' | 'interval';

/** A series, what it comes to over time, and how that was reckoned. */
export interface Integrated {
  readonly series: Series;
  /** In the values' unit times seconds: W gives J, cores give core-seconds. */
  readonly value: number;
  /** The seconds that were integrated over; gaps are not among them. */
  readonly span: number;
  readonly sampling: Sampling;
  /** The run's duration in seconds, where it is known. */
  readonly duration: number | undefined;
}

/**
 * The samples of one signal in time order: values, and for each its distance in seconds from `start`.
 * Distances are kept apart from the start, since a double holds an epoch time only to 0.2 µs.
 */
export class Series {
  readonly start: HrTime;
  readonly values: Float64Array;
  /** Seconds between two samples, where they are evenly spaced. */
  readonly step: number | undefined;
  readonly #offsets: Float64Array | undefined;
  #integrated: Integrated | undefined;
  #integratedFor: object | undefined;

  private constructor(start: HrTime, values: Float64Array, step: number | undefined, offsets?: Float64Array) {
    this.start = start;
    this.values = values;
    this.step = step;
    this.#offsets = offsets;
  }

  /** Samples every `step` seconds from `start` on. */
  static regular(start: HrTime, step: number, values: Float64Array): Series {
    return new Series(start, values, step);
  }

  /** Samples at their own `offsets`, in seconds from `start`, ascending. */
  static irregular(start: HrTime, offsets: Float64Array, values: Float64Array): Series {
    return new Series(start, values, undefined, offsets);
  }

  get length(): number {
    return this.values.length;
  }

  /** Seconds from `start` to sample `index`. */
  offset(index: number): number {
    return this.#offsets ? (this.#offsets[index] ?? 0) : index * (this.step ?? 0);
  }

  /** What has been made of it for a run, which every stage asks for; undefined where that was not the last one. */
  integratedFor(run: object): Integrated | undefined {
    return run === this.#integratedFor ? this.#integrated : undefined;
  }

  /** Remembers what it comes to for a run. */
  remember(integrated: Integrated, run: object): void {
    this.#integrated = integrated;
    this.#integratedFor = run;
  }

  /** When sample `index` was taken. */
  time(index: number): HrTime {
    return addSeconds(this.start, this.offset(index));
  }
}

/** A gauge that keeps its samples in typed arrays and makes data points only for who asks. */
export class SampledGauge implements GaugeMetricData {
  readonly dataPointType = DataPointType.GAUGE;
  readonly aggregationTemporality = AggregationTemporality.CUMULATIVE;
  readonly descriptor: MetricDescriptor;
  readonly series: Series;
  readonly attributes: Attributes;

  constructor(name: string, unit: string, description: string, series: Series, attributes: Attributes = NONE) {
    this.descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
    this.series = series;
    this.attributes = attributes;
  }

  /** The samples as the SDK's data points, made anew at each call. */
  get dataPoints(): DataPoint<number>[] {
    const { series, attributes } = this;
    return Array.from(series.values, (value, index) => {
      const time = series.time(index);
      return { startTime: time, endTime: time, attributes, value };
    });
  }
}

/** How many data points a metric holds, without making them. */
export function pointCount(metric: MetricData): number {
  if (metric instanceof SampledGauge) return metric.series.length;
  return metric instanceof FigureGauge ? 1 : metric.dataPoints.length;
}

/** The samples of a number metric in time order; undefined for a histogram or where there is no point. */
export function seriesOf(metric: MetricData): Series | undefined {
  if (metric instanceof SampledGauge) return metric.series;
  if (metric.dataPointType !== DataPointType.GAUGE && metric.dataPointType !== DataPointType.SUM) return undefined;
  const points = [...metric.dataPoints].sort((a, b) => secondsBetween(b.endTime, a.endTime));
  const first = points[0];
  if (!first) return undefined;
  const offsets = Float64Array.from(points, (point) => secondsBetween(first.endTime, point.endTime));
  return Series.irregular(
    first.endTime,
    offsets,
    Float64Array.from(points, (point) => point.value),
  );
}

/** Seconds since 1970 as the SDK's `[seconds, nanoseconds]`. */
export function toHrTime(seconds: number): HrTime {
  const whole = Math.floor(seconds);
  const nanoseconds = Math.round((seconds - whole) * NANOSECONDS);
  return nanoseconds === NANOSECONDS ? [whole + 1, 0] : [whole, nanoseconds];
}

/** Seconds since 1970; exact to 0.2 µs. */
export function toSeconds([seconds, nanoseconds]: HrTime): number {
  return seconds + nanoseconds / NANOSECONDS;
}

/** Seconds from `from` to `to`, exact to the nanosecond over spans of up to 100 days. */
export function secondsBetween(from: HrTime, to: HrTime): number {
  return ((to[0] - from[0]) * NANOSECONDS + (to[1] - from[1])) / NANOSECONDS;
}

function addSeconds(start: HrTime, seconds: number): HrTime {
  const whole = Math.floor(seconds);
  const nanoseconds = start[1] + Math.round((seconds - whole) * NANOSECONDS);
  const carry = Math.floor(nanoseconds / NANOSECONDS);
  return [start[0] + whole + carry, nanoseconds - carry * NANOSECONDS];
}
