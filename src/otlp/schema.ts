import type { Attributes, HrTime } from '@opentelemetry/api';

/** An attribute's value as JSON has it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** What a value of each type is read as that is no message. */
interface Scalars {
  string: string;
  bool: boolean;
  double: number;
  uint32: number;
  int32: number;
  sint32: number;
  uint64: number;
  fixed64: number;
  sfixed64: number;
  /** Digits where it is beyond the integers that a double is sure to hold. */
  int64: number | string;
  /** In base64. */
  bytes: string;
  /** Nanoseconds since 1970, a `fixed64`. */
  time: HrTime;
  /** An `AggregationTemporality`. */
  temporality: number;
}

/**
 * The messages of OTLP v1 that metrics need, as `metrics.proto` has them: of each field its number, its type, and whether
 * it is a list, is optional, or belongs to a choice, of which it gives the name. A list of `attributes` is read as what the
 * SDK has.
 */
export const messages = {
  ExportMetricsServiceRequest: {
    resourceMetrics: [1, 'ResourceMetrics', 'list'],
  },
  ResourceMetrics: {
    resource: [1, 'Resource', 'optional'],
    scopeMetrics: [2, 'ScopeMetrics', 'list'],
    schemaUrl: [3, 'string'],
  },
  Resource: {
    attributes: [1, 'KeyValue', 'attributes'],
  },
  ScopeMetrics: {
    scope: [1, 'InstrumentationScope', 'optional'],
    metrics: [2, 'Metric', 'list'],
    schemaUrl: [3, 'string'],
  },
  InstrumentationScope: {
    name: [1, 'string'],
    version: [2, 'string'],
  },
  Metric: {
    name: [1, 'string'],
    description: [2, 'string'],
    unit: [3, 'string'],
    gauge: [5, 'Gauge', 'data'],
    sum: [7, 'Sum', 'data'],
    histogram: [9, 'Histogram', 'data'],
    exponentialHistogram: [10, 'ExponentialHistogram', 'data'],
    summary: [11, 'Summary', 'data'],
  },
  Gauge: {
    dataPoints: [1, 'NumberDataPoint', 'list'],
  },
  Sum: {
    dataPoints: [1, 'NumberDataPoint', 'list'],
    aggregationTemporality: [2, 'temporality'],
    isMonotonic: [3, 'bool'],
  },
  Histogram: {
    dataPoints: [1, 'HistogramDataPoint', 'list'],
    aggregationTemporality: [2, 'temporality'],
  },
  ExponentialHistogram: {
    dataPoints: [1, 'ExponentialHistogramDataPoint', 'list'],
    aggregationTemporality: [2, 'temporality'],
  },
  Summary: {
    dataPoints: [1, 'SummaryDataPoint', 'list'],
  },
  NumberDataPoint: {
    attributes: [7, 'KeyValue', 'attributes'],
    startTimeUnixNano: [2, 'time'],
    timeUnixNano: [3, 'time'],
    asDouble: [4, 'double', 'value'],
    asInt: [6, 'sfixed64', 'value'],
    flags: [8, 'uint32'],
  },
  HistogramDataPoint: {
    attributes: [9, 'KeyValue', 'attributes'],
    startTimeUnixNano: [2, 'time'],
    timeUnixNano: [3, 'time'],
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    bucketCounts: [6, 'fixed64', 'list'],
    explicitBounds: [7, 'double', 'list'],
    flags: [10, 'uint32'],
    min: [11, 'double', 'optional'],
    max: [12, 'double', 'optional'],
  },
  ExponentialHistogramDataPoint: {
    attributes: [1, 'KeyValue', 'attributes'],
    startTimeUnixNano: [2, 'time'],
    timeUnixNano: [3, 'time'],
    count: [4, 'fixed64'],
    sum: [5, 'double', 'optional'],
    scale: [6, 'sint32'],
    zeroCount: [7, 'fixed64'],
    positive: [8, 'Buckets', 'optional'],
    negative: [9, 'Buckets', 'optional'],
    flags: [10, 'uint32'],
    min: [12, 'double', 'optional'],
    max: [13, 'double', 'optional'],
  },
  Buckets: {
    offset: [1, 'sint32'],
    bucketCounts: [2, 'uint64', 'list'],
  },
  SummaryDataPoint: {
    timeUnixNano: [3, 'time'],
  },
  KeyValue: {
    key: [1, 'string'],
    value: [2, 'AnyValue', 'optional'],
  },
  AnyValue: {
    stringValue: [1, 'string', 'value'],
    boolValue: [2, 'bool', 'value'],
    intValue: [3, 'int64', 'value'],
    doubleValue: [4, 'double', 'value'],
    arrayValue: [5, 'ArrayValue', 'value'],
    kvlistValue: [6, 'KeyValueList', 'value'],
    bytesValue: [7, 'bytes', 'value'],
  },
  ArrayValue: {
    values: [1, 'AnyValue', 'list'],
  },
  KeyValueList: {
    values: [1, 'KeyValue', 'list'],
  },
  ExportMetricsServiceResponse: {
    partialSuccess: [1, 'ExportMetricsPartialSuccess', 'optional'],
  },
  ExportMetricsPartialSuccess: {
    rejectedDataPoints: [1, 'int64'],
    errorMessage: [2, 'string'],
  },
  Status: {
    code: [1, 'int32'],
    message: [2, 'string'],
  },
} as const;

type Messages = typeof messages;
export type MessageName = keyof Messages;
export type ScalarName = keyof Scalars;
/** Messages that are read as the plain value that they hold. */
export type ValueMessage = 'AnyValue' | 'ArrayValue' | 'KeyValueList';

type ValueOf<Type> = Type extends ScalarName
  ? Scalars[Type]
  : Type extends ValueMessage
    ? Plain
    : Type extends MessageName
      ? Message<Type>
      : never;
type FieldValue<Rule> = Rule extends readonly [number, infer Type, 'list']
  ? ValueOf<Type>[]
  : Rule extends readonly [number, string, 'attributes']
    ? Attributes
    : Rule extends readonly [number, infer Type, string]
      ? ValueOf<Type> | undefined
      : Rule extends readonly [number, infer Type]
        ? ValueOf<Type>
        : never;
type ChoiceOf<Rule> = Rule extends readonly [number, string, infer Choice extends string]
  ? Exclude<Choice, 'list' | 'attributes' | 'optional'>
  : never;

/** A message as both readers make it; each choice in it names the field that was set last. */
export type Message<Name extends MessageName> = {
  [Field in keyof Messages[Name]]: FieldValue<Messages[Name][Field]>;
} & {
  [Field in keyof Messages[Name] as ChoiceOf<Messages[Name][Field]>]: Field | undefined;
};
