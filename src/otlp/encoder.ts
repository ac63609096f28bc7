import { ValueType } from '@opentelemetry/api';
import type { DataPoint, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** Writes resources with their metrics as one `ExportMetricsServiceRequest`. */
export type EncodeRequest = (resources: readonly Readonly<ResourceMetrics>[]) => Uint8Array;

const BEGIN = '{"resourceMetrics":[';
const END = ']}';
/** The seconds since 1970 of the first second that 64 bits of nanoseconds cannot hold. */
const BEYOND = 18_446_744_073;

/**
 * Loads the SDK's serializer of that encoding, and makes of it one that takes any number of resources. It throws where a
 * time is not one that OTLP can write, which the SDK's would write as another.
 */
export async function loadEncoder(encoding: 'proto' | 'json'): Promise<EncodeRequest> {
  const { ProtobufMetricsSerializer, JsonMetricsSerializer } = await import('@opentelemetry/otlp-transformer');
  const serialize = (serializer: typeof JsonMetricsSerializer, given: Readonly<ResourceMetrics>) => {
    const resource = { resource: given.resource, scopeMetrics: given.scopeMetrics };
    checkTimes(resource);
    const bytes = serializer.serializeRequest(resource);
    if (!bytes) throw new Error('the serializer of the SDK has written nothing');
    return bytes;
  };
  // Messages one after the other are one message with all that is in their lists.
  if (encoding === 'proto')
    return (resources) => Buffer.concat(resources.map((one) => serialize(ProtobufMetricsSerializer, one)));
  return (resources) => {
    const texts = resources.map((one) => Buffer.from(serialize(JsonMetricsSerializer, withTexts(one))).toString());
    return Buffer.from(`${BEGIN}${texts.map((text) => text.slice(BEGIN.length, -END.length)).join(',')}${END}`);
  };
}

function checkTimes({ scopeMetrics }: Readonly<ResourceMetrics>): void {
  for (const { metrics } of scopeMetrics) {
    for (const { descriptor, dataPoints } of metrics) {
      for (const { startTime, endTime } of dataPoints) {
        for (const [seconds] of [startTime, endTime]) {
          if (seconds >= 0 && seconds < BEYOND) continue;
          throw new Error(`a point of \`${descriptor.name}\` is at ${seconds} s since 1970; OTLP has no such time`);
        }
      }
    }
  }
}

/** JSON has no number for NaN and the infinities: OTLP has them as text, and `JSON.stringify` would make null of them. */
function withTexts(resource: Readonly<ResourceMetrics>): Readonly<ResourceMetrics> {
  const scopeMetrics = resource.scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(metricWithTexts),
  }));
  return { resource: resource.resource, scopeMetrics };
}

function metricWithTexts(metric: MetricData): MetricData {
  const points = metric.dataPoints as DataPoint<unknown>[];
  const dataPoints = points.map((point) => {
    const value = valueWithTexts(point.value);
    const attributes = valueWithTexts(point.attributes);
    return value === point.value && attributes === point.attributes ? point : { ...point, value, attributes };
  });
  if (dataPoints.every((point, index) => point === points[index])) return metric;
  // A whole number has no text for what is no number.
  const descriptor = { ...metric.descriptor, valueType: ValueType.DOUBLE };
  const { dataPointType, aggregationTemporality } = metric;
  const monotonic = 'isMonotonic' in metric ? { isMonotonic: metric.isMonotonic } : {};
  return { descriptor, dataPointType, aggregationTemporality, ...monotonic, dataPoints } as MetricData;
}

/** The same value where nothing in it is text instead. An attribute becomes a text, since OTLP says so of its type too. */
function valueWithTexts(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, item, valueWithTexts(item)] as const);
  if (entries.every(([, before, after]) => before === after)) return value;
  if (Array.isArray(value)) return entries.map(([, , after]) => after);
  return Object.fromEntries(entries.map(([key, , after]) => [key, after]));
}
