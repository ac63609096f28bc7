import type { INamespace } from 'protobufjs';

/** The messages of OTLP v1 that metrics need, as protobufjs describes them; fields that are not read are left out. */
export const otlpSchema: INamespace = {
  nested: {
    ExportMetricsServiceRequest: { fields: { resourceMetrics: list('ResourceMetrics', 1) } },
    ExportMetricsServiceResponse: { fields: { partialSuccess: one('ExportMetricsPartialSuccess', 1) } },
    ExportMetricsPartialSuccess: { fields: { rejectedDataPoints: one('int64', 1), errorMessage: one('string', 2) } },
    Status: { fields: { code: one('int32', 1), message: one('string', 2) } },
    ResourceMetrics: {
      fields: { resource: one('Resource', 1), scopeMetrics: list('ScopeMetrics', 2), schemaUrl: one('string', 3) },
    },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    ScopeMetrics: {
      fields: { scope: one('InstrumentationScope', 1), metrics: list('Metric', 2), schemaUrl: one('string', 3) },
    },
    InstrumentationScope: { fields: { name: one('string', 1), version: one('string', 2) } },
    Metric: {
      fields: {
        name: one('string', 1),
        description: one('string', 2),
        unit: one('string', 3),
        gauge: one('Gauge', 5),
        sum: one('Sum', 7),
        histogram: one('Histogram', 9),
        exponentialHistogram: one('ExponentialHistogram', 10),
        summary: one('Summary', 11),
      },
    },
    Gauge: { fields: { dataPoints: list('NumberDataPoint', 1) } },
    Sum: {
      fields: {
        dataPoints: list('NumberDataPoint', 1),
        aggregationTemporality: one('int32', 2),
        isMonotonic: one('bool', 3),
      },
    },
    Histogram: { fields: { dataPoints: list('HistogramDataPoint', 1), aggregationTemporality: one('int32', 2) } },
    ExponentialHistogram: {
      fields: { dataPoints: list('ExponentialHistogramDataPoint', 1), aggregationTemporality: one('int32', 2) },
    },
    Summary: { fields: { dataPoints: list('SummaryDataPoint', 1) } },
    NumberDataPoint: {
      fields: {
        attributes: list('KeyValue', 7),
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        asDouble: one('double', 4),
        asInt: one('sfixed64', 6),
        flags: one('uint32', 8),
      },
      oneofs: { value: { oneof: ['asDouble', 'asInt'] } },
    },
    HistogramDataPoint: {
      fields: {
        attributes: list('KeyValue', 9),
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        count: one('fixed64', 4),
        sum: one('double', 5),
        bucketCounts: list('fixed64', 6),
        explicitBounds: list('double', 7),
        flags: one('uint32', 10),
        min: one('double', 11),
        max: one('double', 12),
      },
      oneofs: optional('sum', 'min', 'max'),
    },
    ExponentialHistogramDataPoint: {
      fields: {
        attributes: list('KeyValue', 1),
        startTimeUnixNano: one('fixed64', 2),
        timeUnixNano: one('fixed64', 3),
        count: one('fixed64', 4),
        sum: one('double', 5),
        scale: one('sint32', 6),
        zeroCount: one('fixed64', 7),
        positive: one('Buckets', 8),
        negative: one('Buckets', 9),
        flags: one('uint32', 10),
        min: one('double', 12),
        max: one('double', 13),
      },
      oneofs: optional('sum', 'min', 'max'),
    },
    Buckets: { fields: { offset: one('sint32', 1), bucketCounts: list('uint64', 2) } },
    SummaryDataPoint: { fields: { timeUnixNano: one('fixed64', 3) } },
    KeyValue: { fields: { key: one('string', 1), value: one('AnyValue', 2) } },
    AnyValue: {
      fields: {
        stringValue: one('string', 1),
        boolValue: one('bool', 2),
        intValue: one('int64', 3),
        doubleValue: one('double', 4),
        arrayValue: one('ArrayValue', 5),
        kvlistValue: one('KeyValueList', 6),
        bytesValue: one('bytes', 7),
      },
      oneofs: {
        value: {
          oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'],
        },
      },
    },
    ArrayValue: { fields: { values: list('AnyValue', 1) } },
    KeyValueList: { fields: { values: list('KeyValue', 1) } },
  },
};

function one(type: string, id: number) {
  return { type, id };
}

/** Fields whose absence is not the same as 0; protobuf marks each by a oneof of its own. */
function optional(...names: string[]) {
  return Object.fromEntries(names.map((name) => [`_${name}`, { oneof: [name] }]));
}

function list(type: string, id: number) {
  return { rule: 'repeated', type, id };
}
