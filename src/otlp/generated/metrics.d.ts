// Generated from metrics.proto by generate.js. Do not edit.
import type { Fixed64, WireReader } from '../wire-reader.js';

export interface ExportMetricsServiceRequest {
  resource_metrics: ResourceMetrics[];
}
export function readExportMetricsServiceRequest(reader: WireReader, end?: number): ExportMetricsServiceRequest;

export interface ResourceMetrics {
  resource: Resource | undefined;
  scope_metrics: ScopeMetrics[];
  schema_url: string;
}
export function readResourceMetrics(reader: WireReader, end?: number): ResourceMetrics;

export interface Resource {
  attributes: KeyValue[];
}
export function readResource(reader: WireReader, end?: number): Resource;

export interface ScopeMetrics {
  scope: InstrumentationScope | undefined;
  metrics: Metric[];
  schema_url: string;
}
export function readScopeMetrics(reader: WireReader, end?: number): ScopeMetrics;

export interface InstrumentationScope {
  name: string;
  version: string;
}
export function readInstrumentationScope(reader: WireReader, end?: number): InstrumentationScope;

export interface Metric {
  name: string;
  description: string;
  unit: string;
  gauge: Gauge | undefined;
  sum: Sum | undefined;
  histogram: Histogram | undefined;
  exponential_histogram: ExponentialHistogram | undefined;
  summary: Summary | undefined;
  data: 'gauge' | 'sum' | 'histogram' | 'exponential_histogram' | 'summary' | undefined;
}
export function readMetric(reader: WireReader, end?: number): Metric;

export interface Gauge {
  data_points: NumberDataPoint[];
}
export function readGauge(reader: WireReader, end?: number): Gauge;

export interface Sum {
  data_points: NumberDataPoint[];
  aggregation_temporality: number;
  is_monotonic: boolean;
}
export function readSum(reader: WireReader, end?: number): Sum;

export interface Histogram {
  data_points: HistogramDataPoint[];
  aggregation_temporality: number;
}
export function readHistogram(reader: WireReader, end?: number): Histogram;

export interface ExponentialHistogram {
  data_points: ExponentialHistogramDataPoint[];
  aggregation_temporality: number;
}
export function readExponentialHistogram(reader: WireReader, end?: number): ExponentialHistogram;

export interface Summary {
  data_points: SummaryDataPoint[];
}
export function readSummary(reader: WireReader, end?: number): Summary;

export interface NumberDataPoint {
  attributes: KeyValue[];
  start_time_unix_nano: Fixed64 | 0;
  time_unix_nano: Fixed64 | 0;
  as_double: number;
  as_int: number;
  flags: number;
  value: 'as_double' | 'as_int' | undefined;
}
export function readNumberDataPoint(reader: WireReader, end?: number): NumberDataPoint;

export interface HistogramDataPoint {
  attributes: KeyValue[];
  start_time_unix_nano: Fixed64 | 0;
  time_unix_nano: Fixed64 | 0;
  count: Fixed64 | 0;
  sum: number;
  bucket_counts: number[];
  explicit_bounds: number[];
  flags: number;
  min: number;
  max: number;
  _sum: 'sum' | undefined;
  _min: 'min' | undefined;
  _max: 'max' | undefined;
}
export function readHistogramDataPoint(reader: WireReader, end?: number): HistogramDataPoint;

export interface ExponentialHistogramDataPoint {
  attributes: KeyValue[];
  start_time_unix_nano: Fixed64 | 0;
  time_unix_nano: Fixed64 | 0;
  count: Fixed64 | 0;
  sum: number;
  scale: number;
  zero_count: Fixed64 | 0;
  positive: Buckets | undefined;
  negative: Buckets | undefined;
  flags: number;
  min: number;
  max: number;
  _sum: 'sum' | undefined;
  _min: 'min' | undefined;
  _max: 'max' | undefined;
}
export function readExponentialHistogramDataPoint(reader: WireReader, end?: number): ExponentialHistogramDataPoint;

export interface Buckets {
  offset: number;
  bucket_counts: number[];
}
export function readBuckets(reader: WireReader, end?: number): Buckets;

export interface SummaryDataPoint {
  time_unix_nano: Fixed64 | 0;
}
export function readSummaryDataPoint(reader: WireReader, end?: number): SummaryDataPoint;

export interface KeyValue {
  key: string;
  value: AnyValue | undefined;
}
export function readKeyValue(reader: WireReader, end?: number): KeyValue;

export interface AnyValue {
  string_value: string;
  bool_value: boolean;
  int_value: number | bigint;
  double_value: number;
  array_value: ArrayValue | undefined;
  kvlist_value: KeyValueList | undefined;
  bytes_value: Uint8Array | undefined;
  value: 'string_value' | 'bool_value' | 'int_value' | 'double_value' | 'array_value' | 'kvlist_value' | 'bytes_value' | undefined;
}
export function readAnyValue(reader: WireReader, end?: number): AnyValue;

export interface ArrayValue {
  values: AnyValue[];
}
export function readArrayValue(reader: WireReader, end?: number): ArrayValue;

export interface KeyValueList {
  values: KeyValue[];
}
export function readKeyValueList(reader: WireReader, end?: number): KeyValueList;

export interface ExportMetricsServiceResponse {
  partial_success: ExportMetricsPartialSuccess | undefined;
}
export function readExportMetricsServiceResponse(reader: WireReader, end?: number): ExportMetricsServiceResponse;

export interface ExportMetricsPartialSuccess {
  rejected_data_points: number | bigint;
  error_message: string;
}
export function readExportMetricsPartialSuccess(reader: WireReader, end?: number): ExportMetricsPartialSuccess;

export interface Status {
  code: number;
  message: string;
}
export function readStatus(reader: WireReader, end?: number): Status;
