import { ValueType } from '@opentelemetry/api';
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { NumberTexts } from './number-texts.ts';

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
  const serialize = (serializer: typeof JsonMetricsSerializer, resource: ResourceMetrics) => {
    const bytes = serializer.serializeRequest(resource);
    if (!bytes) throw new Error('the serializer of the SDK has written nothing');
    return bytes;
  };
  // Messages one after the other are one message with all that is in their lists.
  if (encoding === 'proto')
    return (resources) => Buffer.concat(resources.map((one) => serialize(ProtobufMetricsSerializer, checked(one))));
  const numbers = new NumberTexts();
  return (resources) => {
    const texts = resources.map((one) => {
      const bytes = serialize(JsonMetricsSerializer, numbers.putInto(checked(one)));
      return numbers.unmark(Buffer.from(bytes).toString()).slice(BEGIN.length, -END.length);
    });
    return Buffer.from(`${BEGIN}${texts.join(',')}${END}`);
  };
}

/** Returns the same as it can be written. Throws where a time cannot be. */
function checked({ resource, scopeMetrics }: Readonly<ResourceMetrics>): ResourceMetrics {
  const scopes = scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(withFittingType) }));
  for (const { descriptor, dataPoints } of scopes.flatMap(({ metrics }) => metrics)) {
    for (const { startTime, endTime } of dataPoints) {
      for (const [seconds] of [startTime, endTime]) {
        if (seconds >= 0 && seconds < BEYOND) continue;
        throw new Error(`a point of \`${descriptor.name}\` is at ${seconds} s since 1970; OTLP has no such time`);
      }
    }
  }
  return { resource, scopeMetrics: scopes };
}

/** A metric of whole numbers is one of doubles where a value is not whole, or is one that 64 bits cannot hold. */
function withFittingType(metric: MetricData): MetricData {
  if (metric.descriptor.valueType !== ValueType.INT) return metric;
  if (metric.dataPointType !== DataPointType.GAUGE && metric.dataPointType !== DataPointType.SUM) return metric;
  if (metric.dataPoints.every(({ value }) => isInt64(value))) return metric;
  const { dataPointType, aggregationTemporality, dataPoints } = metric;
  const monotonic = 'isMonotonic' in metric ? { isMonotonic: metric.isMonotonic } : {};
  const descriptor = { ...metric.descriptor, valueType: ValueType.DOUBLE };
  return { descriptor, dataPointType, aggregationTemporality, ...monotonic, dataPoints } as MetricData;
}

function isInt64(value: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
}
