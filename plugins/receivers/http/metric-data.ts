import { ValueType } from '@opentelemetry/api';
import type { ExponentialHistogram, Histogram, MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { cpuUsage, hostPower, type Signal } from 'wattline/plugin';
import { type CheckNumber, checkNumber, checkSample, type Flaw, type ReadPoints } from './points.ts';

/** What an OTLP metric came to: its data, unless nothing of it can be used, and what cannot be used. */
export interface ConvertedMetric {
  readonly metric?: MetricData;
  readonly rejected?: RejectedPoints;
}

/** Points of a metric that yield no data. */
export interface RejectedPoints extends Flaw {
  readonly count: number;
  /** The measured signal that is refused with them. */
  readonly signal?: Signal;
}

/** The points of a gauge or a sum. */
export interface ReadNumbers extends ReadPoints<number> {
  /** Whether any point, even one without use, has a number with a fraction. */
  readonly hasDoubles: boolean;
}

const TEMPORALITIES: Readonly<Record<string, AggregationTemporality>> = {
  1: AggregationTemporality.DELTA,
  2: AggregationTemporality.CUMULATIVE,
  AGGREGATION_TEMPORALITY_DELTA: AggregationTemporality.DELTA,
  AGGREGATION_TEMPORALITY_CUMULATIVE: AggregationTemporality.CUMULATIVE,
};

/** A temporality by its number or its name in the .proto files; undefined where it is neither delta nor cumulative. */
export function temporalityOf(value: unknown): AggregationTemporality | undefined {
  return TEMPORALITIES[String(value)];
}

/** Which numbers a metric of that name may have. */
export function checkFor(name: string): CheckNumber {
  return signalNamed(name) ? checkSample : checkNumber;
}

/** A gauge with these points. A measured signal with an unusable sample is refused whole, as in a results file. */
export function gaugeOf(descriptor: MetricDescriptor, numbers: ReadNumbers): ConvertedMetric {
  const { signal, common, rejected } = numbersOf(descriptor, numbers);
  if (signal && rejected) return { rejected };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  return settle({ ...common, dataPointType: DataPointType.GAUGE, aggregationTemporality }, rejected);
}

/** A sum with these points, likewise. */
export function sumOf(
  descriptor: MetricDescriptor,
  aggregationTemporality: AggregationTemporality,
  isMonotonic: () => boolean,
  numbers: ReadNumbers,
): ConvertedMetric {
  const { signal, common, rejected } = numbersOf(descriptor, numbers);
  if (signal && rejected) return { rejected };
  return settle(
    { ...common, dataPointType: DataPointType.SUM, aggregationTemporality, isMonotonic: isMonotonic() },
    rejected,
  );
}

/** A histogram with these points; those that are flawed cost no other. */
export function histogramOf(
  descriptor: MetricDescriptor,
  aggregationTemporality: AggregationTemporality,
  { points: dataPoints, flaws }: ReadPoints<Histogram>,
): ConvertedMetric {
  const metric = { descriptor, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality, dataPoints } as const;
  return settle(metric, rejectedOf(descriptor, flaws));
}

/** An exponential histogram with these points, likewise. */
export function exponentialHistogramOf(
  descriptor: MetricDescriptor,
  aggregationTemporality: AggregationTemporality,
  { points: dataPoints, flaws }: ReadPoints<ExponentialHistogram>,
): ConvertedMetric {
  const dataPointType = DataPointType.EXPONENTIAL_HISTOGRAM;
  return settle({ descriptor, dataPointType, aggregationTemporality, dataPoints }, rejectedOf(descriptor, flaws));
}

/** Refuses all points of a summary, of which there are `count`. */
export function refuseSummary({ name }: MetricDescriptor, count: number): ConvertedMetric {
  return refuse(name, count, 'unsupported_type', `\`${name}\` is a summary, which is not taken; send a histogram`);
}

/** Refuses all points of a metric that has no name. */
export function refuseNameless(count: number): ConvertedMetric {
  return refuse('', count, 'no_name', 'a metric has no name');
}

/** Refuses all points of a metric whose temporality is unknown. */
export function refuseWithoutTemporality({ name }: MetricDescriptor, count: number): ConvertedMetric {
  const expected = 'it must be 1 (delta) or 2 (cumulative)';
  return refuse(name, count, 'no_temporality', `\`${name}\` has no valid \`aggregationTemporality\`; ${expected}`);
}

function refuse(name: string, count: number, reason: string, problem: string): ConvertedMetric {
  const signal = signalNamed(name);
  return count === 0 ? {} : { rejected: { reason, problem, count, ...(signal && { signal }) } };
}

function signalNamed(name: string): Signal | undefined {
  return [hostPower, cpuUsage].find((signal) => signal.name === name || signal.field === name);
}

function numbersOf(descriptor: MetricDescriptor, { points, flaws, hasDoubles }: ReadNumbers) {
  const signal = signalNamed(descriptor.name);
  const valueType = hasDoubles ? ValueType.DOUBLE : ValueType.INT;
  const rejected = rejectedOf(descriptor, flaws);
  const whole = rejected && signal && { ...rejected, count: points.length + flaws.length, signal };
  return {
    signal,
    common: { descriptor: { ...descriptor, valueType }, dataPoints: points },
    rejected: whole ?? rejected,
  };
}

function rejectedOf({ name }: MetricDescriptor, flaws: readonly Flaw[]): RejectedPoints | undefined {
  const [first] = flaws;
  return first && { reason: first.reason, problem: `\`${name}\`: ${first.problem}`, count: flaws.length };
}

function settle(metric: MetricData, rejected: RejectedPoints | undefined): ConvertedMetric {
  return { ...(metric.dataPoints.length && { metric }), ...(rejected && { rejected }) };
}
