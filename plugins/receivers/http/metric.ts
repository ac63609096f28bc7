import { ValueType } from '@opentelemetry/api';
import type { AggregationTemporality, MetricDescriptor } from '@opentelemetry/sdk-metrics';
import { flagIn, type Message, messageIn, messagesIn, textIn } from './message.ts';
import * as data from './metric-data.ts';
import * as read from './points.ts';

type Convert = (message: Message, descriptor: MetricDescriptor) => data.ConvertedMetric;
type ConvertKnown = (
  message: Message,
  descriptor: MetricDescriptor,
  temporality: AggregationTemporality,
) => data.ConvertedMetric;

const converters: readonly (readonly [string, Convert])[] = [
  ['gauge', (message, descriptor) => data.gaugeOf(descriptor, readNumbers(message, descriptor))],
  ['sum', withTemporality(convertSum)],
  ['histogram', withTemporality(convertHistogram)],
  ['exponentialHistogram', withTemporality(convertExponentialHistogram)],
  ['summary', (message, descriptor) => data.refuseSummary(descriptor, pointsIn(message).length)],
];

/** An OTLP metric as the SDK has it. Throws `RequestError` where a field is of a wrong type. */
export function convertMetric(message: Message): data.ConvertedMetric {
  const descriptor: MetricDescriptor = {
    name: textIn(message, 'name') ?? '',
    unit: textIn(message, 'unit') ?? '',
    description: textIn(message, 'description') ?? '',
    valueType: ValueType.DOUBLE,
  };
  for (const [field, convert] of converters) {
    const found = messageIn(message, field);
    if (!found) continue;
    return descriptor.name === '' ? data.refuseNameless(pointsIn(found).length) : convert(found, descriptor);
  }
  return {};
}

function withTemporality(convert: ConvertKnown): Convert {
  return (message, descriptor) => {
    const temporality = data.temporalityOf(message.aggregationTemporality);
    return temporality === undefined
      ? data.refuseWithoutTemporality(descriptor, pointsIn(message).length)
      : convert(message, descriptor, temporality);
  };
}

function convertSum(message: Message, descriptor: MetricDescriptor, temporality: AggregationTemporality) {
  const numbers = readNumbers(message, descriptor);
  return data.sumOf(descriptor, temporality, () => flagIn(message, 'isMonotonic'), numbers);
}

function convertHistogram(message: Message, descriptor: MetricDescriptor, temporality: AggregationTemporality) {
  return data.histogramOf(descriptor, temporality, read.readPoints(pointsIn(message), read.readHistogram));
}

function convertExponentialHistogram(
  message: Message,
  descriptor: MetricDescriptor,
  temporality: AggregationTemporality,
) {
  const histograms = read.readPoints(pointsIn(message), read.readExponentialHistogram);
  return data.exponentialHistogramOf(descriptor, temporality, histograms);
}

function readNumbers(message: Message, { name }: MetricDescriptor): data.ReadNumbers {
  const messages = pointsIn(message);
  const numbers = read.readPoints(messages, read.readNumber(data.checkFor(name)));
  return { ...numbers, hasDoubles: read.hasDoubles(messages) };
}

function pointsIn(message: Message): Message[] {
  return messagesIn(message, 'dataPoints');
}
