import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import type { DataPoint, GaugeMetricData, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { FigureGauge } from './figure-gauge.ts';
import { addSeconds, secondsBetween } from './hr-time.ts';

export { secondsBetween, toHrTime, toSeconds } from './hr-time.ts';

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
  readonly #sum: number | undefined;
  readonly #offsets: Float64Array | undefined;
  #integrated: Integrated | undefined;
  #integratedFor: object | undefined;

  private constructor(
    start: HrTime,
    values: Float64Array,
    step: number | undefined,
    sum: number | undefined,
    offsets?: Float64Array,
  ) {
    this.start = start;
    this.values = values;
    this.step = step;
    this.#sum = sum;
    this.#offsets = offsets;
  }

  /** Samples every `step` seconds from `start` on; see `sum` for when to give it. */
  static regular(start: HrTime, step: number, values: Float64Array, sum?: number): Series {
    return new Series(start, values, step, sum);
  }

  /** Samples at their own `offsets`, in seconds from `start`, ascending. */
  static irregular(start: HrTime, offsets: Float64Array, values: Float64Array): Series {
    return new Series(start, values, undefined, undefined, offsets);
  }

  get length(): number {
    return this.values.length;
  }

  /**
   * The sum of the values in their order, where it is known that every one of them is a number of 0 or more: whoever has
   * read them has seen that, and nobody needs to look again.
   */
  get sum(): number | undefined {
    return this.#sum;
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
  const points = inOrder(metric.dataPoints);
  const [first] = points;
  if (!first) return undefined;
  const offsets = new Float64Array(points.length);
  const values = new Float64Array(points.length);
  for (let i = 0; i < points.length; i++) {
    const { endTime, value } = points[i] as DataPoint<number>;
    offsets[i] = secondsBetween(first.endTime, endTime);
    values[i] = value;
  }
  return Series.irregular(first.endTime, offsets, values);
}

/** The points in time order, which they mostly are in. */
function inOrder(points: readonly DataPoint<number>[]): readonly DataPoint<number>[] {
  let before = points[0];
  for (const point of points) {
    if (secondsBetween((before as DataPoint<number>).endTime, point.endTime) < 0) {
      return [...points].sort((a, b) => secondsBetween(b.endTime, a.endTime));
    }
    before = point;
  }
  return points;
}
