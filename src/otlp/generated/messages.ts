// Generated from metrics.proto by generate.js. Do not edit.
import type { MessageTypes } from '../message-type.ts';

export const messages: MessageTypes = {
  ExportMetricsServiceRequest: {
    create: () => ({ resource_metrics: [] }),
    fields: [
      { id: 1, name: 'resource_metrics', jsonName: 'resourceMetrics', message: 'ResourceMetrics', repeated: true },
    ],
  },
  ResourceMetrics: {
    create: () => ({ resource: undefined, scope_metrics: [], schema_url: '' }),
    fields: [
      { id: 1, name: 'resource', jsonName: 'resource', message: 'Resource', repeated: false },
      { id: 2, name: 'scope_metrics', jsonName: 'scopeMetrics', message: 'ScopeMetrics', repeated: true },
      { id: 3, name: 'schema_url', jsonName: 'schemaUrl', type: 'string', repeated: false },
    ],
  },
  Resource: {
    create: () => ({ attributes: [] }),
    fields: [
      { id: 1, name: 'attributes', jsonName: 'attributes', message: 'KeyValue', repeated: true },
    ],
  },
  ScopeMetrics: {
    create: () => ({ scope: undefined, metrics: [], schema_url: '' }),
    fields: [
      { id: 1, name: 'scope', jsonName: 'scope', message: 'InstrumentationScope', repeated: false },
      { id: 2, name: 'metrics', jsonName: 'metrics', message: 'Metric', repeated: true },
      { id: 3, name: 'schema_url', jsonName: 'schemaUrl', type: 'string', repeated: false },
    ],
  },
  InstrumentationScope: {
    create: () => ({ name: '', version: '' }),
    fields: [
      { id: 1, name: 'name', jsonName: 'name', type: 'string', repeated: false },
      { id: 2, name: 'version', jsonName: 'version', type: 'string', repeated: false },
    ],
  },
  Metric: {
    create: () => ({ name: '', description: '', unit: '', gauge: undefined, sum: undefined, histogram: undefined, exponential_histogram: undefined, summary: undefined, data: undefined }),
    fields: [
      { id: 1, name: 'name', jsonName: 'name', type: 'string', repeated: false },
      { id: 2, name: 'description', jsonName: 'description', type: 'string', repeated: false },
      { id: 3, name: 'unit', jsonName: 'unit', type: 'string', repeated: false },
      { id: 5, name: 'gauge', jsonName: 'gauge', message: 'Gauge', repeated: false, oneof: 'data' },
      { id: 7, name: 'sum', jsonName: 'sum', message: 'Sum', repeated: false, oneof: 'data' },
      { id: 9, name: 'histogram', jsonName: 'histogram', message: 'Histogram', repeated: false, oneof: 'data' },
      { id: 10, name: 'exponential_histogram', jsonName: 'exponentialHistogram', message: 'ExponentialHistogram', repeated: false, oneof: 'data' },
      { id: 11, name: 'summary', jsonName: 'summary', message: 'Summary', repeated: false, oneof: 'data' },
    ],
  },
  Gauge: {
    create: () => ({ data_points: [] }),
    fields: [
      { id: 1, name: 'data_points', jsonName: 'dataPoints', message: 'NumberDataPoint', repeated: true },
    ],
  },
  Sum: {
    create: () => ({ data_points: [], aggregation_temporality: 0, is_monotonic: false }),
    fields: [
      { id: 1, name: 'data_points', jsonName: 'dataPoints', message: 'NumberDataPoint', repeated: true },
      { id: 2, name: 'aggregation_temporality', jsonName: 'aggregationTemporality', type: 'enum', values: { AGGREGATION_TEMPORALITY_UNSPECIFIED: 0, AGGREGATION_TEMPORALITY_DELTA: 1, AGGREGATION_TEMPORALITY_CUMULATIVE: 2 }, repeated: false },
      { id: 3, name: 'is_monotonic', jsonName: 'isMonotonic', type: 'bool', repeated: false },
    ],
  },
  Histogram: {
    create: () => ({ data_points: [], aggregation_temporality: 0 }),
    fields: [
      { id: 1, name: 'data_points', jsonName: 'dataPoints', message: 'HistogramDataPoint', repeated: true },
      { id: 2, name: 'aggregation_temporality', jsonName: 'aggregationTemporality', type: 'enum', values: { AGGREGATION_TEMPORALITY_UNSPECIFIED: 0, AGGREGATION_TEMPORALITY_DELTA: 1, AGGREGATION_TEMPORALITY_CUMULATIVE: 2 }, repeated: false },
    ],
  },
  ExponentialHistogram: {
    create: () => ({ data_points: [], aggregation_temporality: 0 }),
    fields: [
      { id: 1, name: 'data_points', jsonName: 'dataPoints', message: 'ExponentialHistogramDataPoint', repeated: true },
      { id: 2, name: 'aggregation_temporality', jsonName: 'aggregationTemporality', type: 'enum', values: { AGGREGATION_TEMPORALITY_UNSPECIFIED: 0, AGGREGATION_TEMPORALITY_DELTA: 1, AGGREGATION_TEMPORALITY_CUMULATIVE: 2 }, repeated: false },
    ],
  },
  Summary: {
    create: () => ({ data_points: [] }),
    fields: [
      { id: 1, name: 'data_points', jsonName: 'dataPoints', message: 'SummaryDataPoint', repeated: true },
    ],
  },
  NumberDataPoint: {
    create: () => ({ attributes: [], start_time_unix_nano: 0, time_unix_nano: 0, as_double: 0, as_int: 0, flags: 0, value: undefined }),
    fields: [
      { id: 7, name: 'attributes', jsonName: 'attributes', message: 'KeyValue', repeated: true },
      { id: 2, name: 'start_time_unix_nano', jsonName: 'startTimeUnixNano', type: 'fixed64', repeated: false },
      { id: 3, name: 'time_unix_nano', jsonName: 'timeUnixNano', type: 'fixed64', repeated: false },
      { id: 4, name: 'as_double', jsonName: 'asDouble', type: 'double', repeated: false, oneof: 'value' },
      { id: 6, name: 'as_int', jsonName: 'asInt', type: 'sfixed64', repeated: false, oneof: 'value' },
      { id: 8, name: 'flags', jsonName: 'flags', type: 'uint32', repeated: false },
    ],
  },
  HistogramDataPoint: {
    create: () => ({ attributes: [], start_time_unix_nano: 0, time_unix_nano: 0, count: 0, sum: 0, bucket_counts: [], explicit_bounds: [], flags: 0, min: 0, max: 0, _sum: undefined, _min: undefined, _max: undefined }),
    fields: [
      { id: 9, name: 'attributes', jsonName: 'attributes', message: 'KeyValue', repeated: true },
      { id: 2, name: 'start_time_unix_nano', jsonName: 'startTimeUnixNano', type: 'fixed64', repeated: false },
      { id: 3, name: 'time_unix_nano', jsonName: 'timeUnixNano', type: 'fixed64', repeated: false },
      { id: 4, name: 'count', jsonName: 'count', type: 'fixed64', repeated: false },
      { id: 5, name: 'sum', jsonName: 'sum', type: 'double', repeated: false, oneof: '_sum' },
      { id: 6, name: 'bucket_counts', jsonName: 'bucketCounts', type: 'fixed64', repeated: true },
      { id: 7, name: 'explicit_bounds', jsonName: 'explicitBounds', type: 'double', repeated: true },
      { id: 10, name: 'flags', jsonName: 'flags', type: 'uint32', repeated: false },
      { id: 11, name: 'min', jsonName: 'min', type: 'double', repeated: false, oneof: '_min' },
      { id: 12, name: 'max', jsonName: 'max', type: 'double', repeated: false, oneof: '_max' },
    ],
  },
  ExponentialHistogramDataPoint: {
    create: () => ({ attributes: [], start_time_unix_nano: 0, time_unix_nano: 0, count: 0, sum: 0, scale: 0, zero_count: 0, positive: undefined, negative: undefined, flags: 0, min: 0, max: 0, _sum: undefined, _min: undefined, _max: undefined }),
    fields: [
      { id: 1, name: 'attributes', jsonName: 'attributes', message: 'KeyValue', repeated: true },
      { id: 2, name: 'start_time_unix_nano', jsonName: 'startTimeUnixNano', type: 'fixed64', repeated: false },
      { id: 3, name: 'time_unix_nano', jsonName: 'timeUnixNano', type: 'fixed64', repeated: false },
      { id: 4, name: 'count', jsonName: 'count', type: 'fixed64', repeated: false },
      { id: 5, name: 'sum', jsonName: 'sum', type: 'double', repeated: false, oneof: '_sum' },
      { id: 6, name: 'scale', jsonName: 'scale', type: 'sint32', repeated: false },
      { id: 7, name: 'zero_count', jsonName: 'zeroCount', type: 'fixed64', repeated: false },
      { id: 8, name: 'positive', jsonName: 'positive', message: 'Buckets', repeated: false },
      { id: 9, name: 'negative', jsonName: 'negative', message: 'Buckets', repeated: false },
      { id: 10, name: 'flags', jsonName: 'flags', type: 'uint32', repeated: false },
      { id: 12, name: 'min', jsonName: 'min', type: 'double', repeated: false, oneof: '_min' },
      { id: 13, name: 'max', jsonName: 'max', type: 'double', repeated: false, oneof: '_max' },
    ],
  },
  Buckets: {
    create: () => ({ offset: 0, bucket_counts: [] }),
    fields: [
      { id: 1, name: 'offset', jsonName: 'offset', type: 'sint32', repeated: false },
      { id: 2, name: 'bucket_counts', jsonName: 'bucketCounts', type: 'uint64', repeated: true },
    ],
  },
  SummaryDataPoint: {
    create: () => ({ time_unix_nano: 0 }),
    fields: [
      { id: 3, name: 'time_unix_nano', jsonName: 'timeUnixNano', type: 'fixed64', repeated: false },
    ],
  },
  KeyValue: {
    create: () => ({ key: '', value: undefined }),
    fields: [
      { id: 1, name: 'key', jsonName: 'key', type: 'string', repeated: false },
      { id: 2, name: 'value', jsonName: 'value', message: 'AnyValue', repeated: false },
    ],
  },
  AnyValue: {
    create: () => ({ string_value: '', bool_value: false, int_value: 0, double_value: 0, array_value: undefined, kvlist_value: undefined, bytes_value: undefined, value: undefined }),
    fields: [
      { id: 1, name: 'string_value', jsonName: 'stringValue', type: 'string', repeated: false, oneof: 'value' },
      { id: 2, name: 'bool_value', jsonName: 'boolValue', type: 'bool', repeated: false, oneof: 'value' },
      { id: 3, name: 'int_value', jsonName: 'intValue', type: 'int64', repeated: false, oneof: 'value' },
      { id: 4, name: 'double_value', jsonName: 'doubleValue', type: 'double', repeated: false, oneof: 'value' },
      { id: 5, name: 'array_value', jsonName: 'arrayValue', message: 'ArrayValue', repeated: false, oneof: 'value' },
      { id: 6, name: 'kvlist_value', jsonName: 'kvlistValue', message: 'KeyValueList', repeated: false, oneof: 'value' },
      { id: 7, name: 'bytes_value', jsonName: 'bytesValue', type: 'bytes', repeated: false, oneof: 'value' },
    ],
  },
  ArrayValue: {
    create: () => ({ values: [] }),
    fields: [
      { id: 1, name: 'values', jsonName: 'values', message: 'AnyValue', repeated: true },
    ],
  },
  KeyValueList: {
    create: () => ({ values: [] }),
    fields: [
      { id: 1, name: 'values', jsonName: 'values', message: 'KeyValue', repeated: true },
    ],
  },
  ExportMetricsServiceResponse: {
    create: () => ({ partial_success: undefined }),
    fields: [
      { id: 1, name: 'partial_success', jsonName: 'partialSuccess', message: 'ExportMetricsPartialSuccess', repeated: false },
    ],
  },
  ExportMetricsPartialSuccess: {
    create: () => ({ rejected_data_points: 0, error_message: '' }),
    fields: [
      { id: 1, name: 'rejected_data_points', jsonName: 'rejectedDataPoints', type: 'int64', repeated: false },
      { id: 2, name: 'error_message', jsonName: 'errorMessage', type: 'string', repeated: false },
    ],
  },
  Status: {
    create: () => ({ code: 0, message: '' }),
    fields: [
      { id: 1, name: 'code', jsonName: 'code', type: 'int32', repeated: false },
      { id: 2, name: 'message', jsonName: 'message', type: 'string', repeated: false },
    ],
  },
};
