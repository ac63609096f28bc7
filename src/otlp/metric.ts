import { ValueType } from '@opentelemetry/api';
import type { MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import {
  type CheckNumber,
  exponentialHistogramPoints,
  type Flaw,
  histogramPoints,
  numberPoints,
  type ReadPoints,
} from './points.ts';
import type { Message } from './schema.ts';

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

type Flaws = Pick<ReadPoints<unknown>, 'flaw' | 'flawed'>;

/** Says which numbers a metric of that name may have; undefined is whatever comes. */
export type CheckFor = (name: string) => CheckNumber | undefined;

/** How metrics are read. */
export interface MetricOptions {
  readonly checkFor?: CheckFor | undefined;
  readonly knowsTime0?: boolean;
}

const TEMPORALITIES: readonly (AggregationTemporality | undefined)[] = [
  undefined,
  AggregationTemporality.DELTA,
  AggregationTemporality.CUMULATIVE,
];

/** A metric as the SDK has it, unless none of its points can be used. */
export function readMetric(message: Message<'Metric'>, { checkFor, knowsTime0 = false }: MetricOptions): ReadMetric {
  const { name, unit, description, data: kind, gauge, sum, histogram, exponentialHistogram } = message;
  const data = kind && message[kind];
  if (!data) return {};
  const refuse = (reason: string, problem: string): ReadMetric => {
    const count = data.dataPoints.length;
    return count === 0 ? {} : { rejected: { name, reason, problem, count } };
  };
  if (name === '') return refuse('no_name', 'a metric has no name');
  if (kind === 'summary') {
    return refuse('unsupported_type', `\`${name}\` is a summary, which is not taken; send a histogram`);
  }
  const descriptor = { name, unit, description, valueType: ValueType.DOUBLE };
  const options = { check: checkFor?.(name), knowsTime0 };
  if (kind === 'gauge' && gauge) {
    const { points: dataPoints, ...flaws } = numberPoints(gauge.dataPoints, options);
    return settle(flaws, {
      descriptor: numberDescriptor(descriptor, gauge.dataPoints),
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints,
    });
  }
  const aggregationTemporality = TEMPORALITIES['aggregationTemporality' in data ? data.aggregationTemporality : 0];
  if (aggregationTemporality === undefined) {
    const expected = 'it must be 1 (delta) or 2 (cumulative)';
    return refuse('no_temporality', `\`${name}\` has no valid \`aggregationTemporality\`; ${expected}`);
  }
  if (kind === 'sum' && sum) {
    const { points: dataPoints, ...flaws } = numberPoints(sum.dataPoints, options);
    return settle(flaws, {
      descriptor: numberDescriptor(descriptor, sum.dataPoints),
      dataPointType: DataPointType.SUM,
      aggregationTemporality,
      isMonotonic: sum.isMonotonic,
      dataPoints,
    });
  }
  if (kind === 'histogram' && histogram) {
    const { points: dataPoints, ...flaws } = histogramPoints(histogram.dataPoints, options);
    return settle(flaws, { descriptor, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality, dataPoints });
  }
  const { points: dataPoints, ...flaws } = exponentialHistogramPoints(exponentialHistogram?.dataPoints ?? [], options);
  const dataPointType = DataPointType.EXPONENTIAL_HISTOGRAM;
  return settle(flaws, { descriptor, dataPointType, aggregationTemporality, dataPoints });
}

/** Whether any point, even one without use, has a number with a fraction decides the type of all. */
function numberDescriptor(descriptor: MetricDescriptor, points: readonly Message<'NumberDataPoint'>[]) {
  const hasDoubles = points.some(({ value }) => value === 'asDouble');
  return hasDoubles ? descriptor : { ...descriptor, valueType: ValueType.INT };
}

function settle({ flaw, flawed }: Flaws, metric: MetricData): ReadMetric {
  const kept = metric.dataPoints.length ? metric : undefined;
  if (!flaw) return { metric: kept };
  const { name } = metric.descriptor;
  const problem = `\`${name}\`: ${flaw.problem}`;
  return { metric: kept, rejected: { name, reason: flaw.reason, problem, count: flawed, kept } };
}
