import { ValueType } from '@opentelemetry/api';
import type { MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { Metric, NumberDataPoint } from './generated/metrics.js';
import { type CheckNumber, exponentialHistogramPoints, type Flaw, histogramPoints, numberPoints } from './points.ts';

/** Points of a metric that yield no data. */
export interface RejectedPoints extends Flaw {
  /** The metric's name. */
  readonly name: string;
  readonly count: number;
  /** What was kept of the metric. */
  readonly kept?: MetricData | undefined;
}

/** What a metric came to. */
export interface ReadMetric {
  readonly metric?: MetricData | undefined;
  readonly rejected?: RejectedPoints | undefined;
}

/** Says which numbers a metric of that name may have; undefined is whatever comes. */
export type CheckFor = (name: string) => CheckNumber | undefined;

const TEMPORALITIES: readonly (AggregationTemporality | undefined)[] = [
  undefined,
  AggregationTemporality.DELTA,
  AggregationTemporality.CUMULATIVE,
];

/** A metric as the SDK has it, unless none of its points can be used. */
export function readMetric(message: Metric, checkFor: CheckFor): ReadMetric {
  const data = dataOf(message);
  if (!data) return {};
  const { name, unit, description } = message;
  if (name === '') return refuse(data, 'no_name', 'a metric has no name');
  if (message.data === 'summary') {
    return refuse(data, 'unsupported_type', `\`${name}\` is a summary, which is not taken; send a histogram`, name);
  }
  const descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
  if (message.data === 'gauge' && message.gauge) {
    const points = numberPoints(message.gauge.data_points, checkFor(name));
    return settle(points.flaws, {
      descriptor: numberDescriptor(descriptor, message.gauge.data_points),
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: points.points,
    });
  }
  const aggregationTemporality = TEMPORALITIES[data.aggregation_temporality ?? 0];
  if (aggregationTemporality === undefined) {
    const expected = 'it must be 1 (delta) or 2 (cumulative)';
    const problem = `\`${name}\` has no valid \`aggregationTemporality\`; ${expected}`;
    return refuse(data, 'no_temporality', problem, name);
  }
  if (message.data === 'sum' && message.sum) {
    const points = numberPoints(message.sum.data_points, checkFor(name));
    return settle(points.flaws, {
      descriptor: numberDescriptor(descriptor, message.sum.data_points),
      dataPointType: DataPointType.SUM,
      aggregationTemporality,
      isMonotonic: message.sum.is_monotonic,
      dataPoints: points.points,
    });
  }
  if (message.data === 'histogram' && message.histogram) {
    const { points: dataPoints, flaws } = histogramPoints(message.histogram.data_points);
    return settle(flaws, { descriptor, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality, dataPoints });
  }
  const { points: dataPoints, flaws } = exponentialHistogramPoints(message.exponential_histogram?.data_points ?? []);
  const dataPointType = DataPointType.EXPONENTIAL_HISTOGRAM;
  return settle(flaws, { descriptor, dataPointType, aggregationTemporality, dataPoints });
}

interface Data {
  readonly data_points: readonly unknown[];
  readonly aggregation_temporality?: number;
}

function dataOf(message: Metric): Data | undefined {
  return message.data && message[message.data];
}

function refuse({ data_points: { length: count } }: Data, reason: string, problem: string, name = ''): ReadMetric {
  return count === 0 ? {} : { rejected: { name, reason, problem, count } };
}

/** Whether any point, even one without use, has a number with a fraction decides the type of all. */
function numberDescriptor(descriptor: MetricDescriptor, points: readonly NumberDataPoint[]): MetricDescriptor {
  const hasDoubles = points.some(({ value }) => value === 'as_double');
  return hasDoubles ? descriptor : { ...descriptor, valueType: ValueType.INT };
}

function settle(flaws: readonly Flaw[], metric: MetricData): ReadMetric {
  const kept = metric.dataPoints.length ? metric : undefined;
  const [first] = flaws;
  if (!first) return { metric: kept };
  const { name } = metric.descriptor;
  const problem = `\`${name}\`: ${first.problem}`;
  return { metric: kept, rejected: { name, reason: first.reason, problem, count: flaws.length, kept } };
}
