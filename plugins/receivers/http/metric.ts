import { ValueType } from '@opentelemetry/api';
import type { MetricData, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { cpuUsage, hostPower, type Signal } from 'wattline/plugin';
import { flagIn, type Message, messageIn, messagesIn, textIn } from './message.ts';
import * as read from './points.ts';

/** What an OTLP metric came to: its data, unless nothing of it can be used, and what cannot be used. */
export interface ConvertedMetric {
  readonly metric?: MetricData;
  readonly rejected?: RejectedPoints;
}

/** Points of a metric that yield no data. */
export interface RejectedPoints extends read.Flaw {
  readonly count: number;
  /** The measured signal that is refused with them. */
  readonly signal?: Signal;
}

type Convert = (data: Message, descriptor: MetricDescriptor) => ConvertedMetric;

const converters: readonly (readonly [string, Convert])[] = [
  ['gauge', convertGauge],
  ['sum', convertSum],
  ['histogram', convertHistogram],
  ['exponentialHistogram', convertExponentialHistogram],
  ['summary', rejectSummary],
];

const TEMPORALITIES: Readonly<Record<string, AggregationTemporality>> = {
  1: AggregationTemporality.DELTA,
  2: AggregationTemporality.CUMULATIVE,
  AGGREGATION_TEMPORALITY_DELTA: AggregationTemporality.DELTA,
  AGGREGATION_TEMPORALITY_CUMULATIVE: AggregationTemporality.CUMULATIVE,
};

/** An OTLP metric as the SDK has it. A measured signal with an unusable sample is refused whole, as in a results file. */
export function convertMetric(message: Message): ConvertedMetric {
  const descriptor: MetricDescriptor = {
    name: textIn(message, 'name') ?? '',
    unit: textIn(message, 'unit') ?? '',
    description: textIn(message, 'description') ?? '',
    valueType: ValueType.DOUBLE,
  };
  for (const [field, convert] of converters) {
    const data = messageIn(message, field);
    if (!data) continue;
    if (descriptor.name === '') return rejectAll(data, descriptor, 'no_name', 'a metric has no name');
    return convert(data, descriptor);
  }
  return {};
}

function convertGauge(data: Message, descriptor: MetricDescriptor): ConvertedMetric {
  const { signal, common, rejected } = readNumbers(data, descriptor);
  if (signal && rejected) return { rejected };
  const aggregationTemporality = AggregationTemporality.CUMULATIVE;
  return settle({ ...common, dataPointType: DataPointType.GAUGE, aggregationTemporality }, rejected);
}

function convertSum(data: Message, descriptor: MetricDescriptor): ConvertedMetric {
  const aggregationTemporality = temporalityOf(data);
  if (aggregationTemporality === undefined) return withoutTemporality(data, descriptor);
  const { signal, common, rejected } = readNumbers(data, descriptor);
  if (signal && rejected) return { rejected };
  const isMonotonic = flagIn(data, 'isMonotonic');
  return settle({ ...common, dataPointType: DataPointType.SUM, aggregationTemporality, isMonotonic }, rejected);
}

function convertHistogram(data: Message, descriptor: MetricDescriptor): ConvertedMetric {
  const aggregationTemporality = temporalityOf(data);
  if (aggregationTemporality === undefined) return withoutTemporality(data, descriptor);
  const { points: dataPoints, flaws } = read.readPoints(messagesIn(data, 'dataPoints'), read.readHistogram);
  const metric = { descriptor, dataPointType: DataPointType.HISTOGRAM, aggregationTemporality, dataPoints } as const;
  return settle(metric, rejectedOf(descriptor, flaws));
}

function convertExponentialHistogram(data: Message, descriptor: MetricDescriptor): ConvertedMetric {
  const aggregationTemporality = temporalityOf(data);
  if (aggregationTemporality === undefined) return withoutTemporality(data, descriptor);
  const { points: dataPoints, flaws } = read.readPoints(messagesIn(data, 'dataPoints'), read.readExponentialHistogram);
  const dataPointType = DataPointType.EXPONENTIAL_HISTOGRAM;
  return settle({ descriptor, dataPointType, aggregationTemporality, dataPoints }, rejectedOf(descriptor, flaws));
}

function rejectSummary(data: Message, descriptor: MetricDescriptor): ConvertedMetric {
  const problem = `\`${descriptor.name}\` is a summary, which is not taken; send a histogram`;
  return rejectAll(data, descriptor, 'unsupported_type', problem);
}

function withoutTemporality(data: Message, descriptor: MetricDescriptor): ConvertedMetric {
  const expected = 'it must be 1 (delta) or 2 (cumulative)';
  const problem = `\`${descriptor.name}\` has no valid \`aggregationTemporality\`; ${expected}`;
  return rejectAll(data, descriptor, 'no_temporality', problem);
}

function rejectAll(data: Message, { name }: MetricDescriptor, reason: string, problem: string): ConvertedMetric {
  const count = messagesIn(data, 'dataPoints').length;
  const signal = signalNamed(name);
  return count === 0 ? {} : { rejected: { reason, problem, count, ...(signal && { signal }) } };
}

function signalNamed(name: string): Signal | undefined {
  return [hostPower, cpuUsage].find((signal) => signal.name === name || signal.field === name);
}

function readNumbers(data: Message, descriptor: MetricDescriptor) {
  const messages = messagesIn(data, 'dataPoints');
  const signal = signalNamed(descriptor.name);
  const { points, flaws } = read.readPoints(messages, signal ? read.readSample : read.readNumber);
  const valueType = read.hasDoubles(messages) ? ValueType.DOUBLE : ValueType.INT;
  const rejected = rejectedOf(descriptor, flaws);
  const whole = rejected && signal && { ...rejected, count: points.length + flaws.length, signal };
  return {
    signal,
    common: { descriptor: { ...descriptor, valueType }, dataPoints: points },
    rejected: whole ?? rejected,
  };
}

function rejectedOf({ name }: MetricDescriptor, flaws: readonly read.Flaw[]): RejectedPoints | undefined {
  const [first] = flaws;
  return first && { reason: first.reason, problem: `\`${name}\`: ${first.problem}`, count: flaws.length };
}

function settle(metric: MetricData, rejected: RejectedPoints | undefined): ConvertedMetric {
  return { ...(metric.dataPoints.length && { metric }), ...(rejected && { rejected }) };
}

function temporalityOf(data: Message): AggregationTemporality | undefined {
  return TEMPORALITIES[String(data.aggregationTemporality)];
}
