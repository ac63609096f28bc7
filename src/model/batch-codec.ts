import type { Attributes, HrTime } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { DataPoint, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Batch } from './attributes.ts';
import { SampledGauge, Series } from './series.ts';

/** Goes up with every change that older versions could not read. */
const VERSION = 1;

type PlainPoint = readonly [startTime: HrTime, endTime: HrTime, attributes: Attributes, value: unknown];
type PlainMetric =
  | { readonly points: readonly PlainPoint[]; readonly rest: Omit<MetricData, 'dataPoints'> }
  | { readonly sampled: PlainSamples };

interface PlainSamples {
  readonly descriptor: SampledGauge['descriptor'];
  readonly attributes: Attributes;
  readonly start: HrTime;
  readonly values: Float64Array;
  /** Seconds between samples, or of each sample from the start. */
  readonly spacing: number | Float64Array;
}

interface PlainBatch {
  readonly version: typeof VERSION;
  readonly attributes: Attributes;
  readonly schemaUrl: string | undefined;
  readonly scopes: readonly { readonly scope: ScopeMetrics['scope']; readonly metrics: readonly PlainMetric[] }[];
}

/** Writes a batch so that `decodeBatch` makes the same of it: every number to the bit, samples as samples. */
export function encodeBatch({ resource, scopeMetrics }: Batch): Uint8Array {
  const plain: PlainBatch = {
    version: VERSION,
    attributes: resource.attributes,
    schemaUrl: resource.schemaUrl,
    scopes: scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(plainMetric) })),
  };
  return process.getBuiltinModule('node:v8').serialize(plain);
}

/** Reads what `encodeBatch` has written, in this version or an earlier one. Throws where it is something else. */
export function decodeBatch(data: Uint8Array): Batch {
  const plain = process.getBuiltinModule('node:v8').deserialize(data) as PlainBatch;
  const version: unknown = plain?.version;
  if (version !== VERSION) throw new Error(`a run is written in version ${version}, which this Wattline does not know`);
  const { attributes, schemaUrl, scopes } = plain;
  return {
    resource: resourceFromAttributes(attributes, schemaUrl === undefined ? {} : { schemaUrl }),
    scopeMetrics: scopes.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(metricOf) })),
  };
}

/** A metric may be lazy, which `serialize` does not see: everything is asked for by name. */
function plainMetric(metric: MetricData): PlainMetric {
  if (metric instanceof SampledGauge) return { sampled: plainSamples(metric) };
  const { descriptor, dataPointType, aggregationTemporality, dataPoints } = metric;
  const points = (dataPoints as DataPoint<unknown>[]).map(
    ({ startTime, endTime, attributes, value }): PlainPoint => [startTime, endTime, attributes, value],
  );
  const monotonic = 'isMonotonic' in metric ? { isMonotonic: metric.isMonotonic } : {};
  return { points, rest: { descriptor, dataPointType, aggregationTemporality, ...monotonic } };
}

function plainSamples({ descriptor, attributes, series }: SampledGauge): PlainSamples {
  const { start, values, step } = series;
  const spacing = step ?? Float64Array.from(values, (_, index) => series.offset(index));
  return { descriptor, attributes, start, values, spacing };
}

function metricOf(plain: PlainMetric): MetricData {
  if ('sampled' in plain) return gaugeOf(plain.sampled);
  const dataPoints = plain.points.map(([startTime, endTime, attributes, value]) => ({
    startTime,
    endTime,
    attributes,
    value,
  }));
  return { ...plain.rest, dataPoints } as MetricData;
}

function gaugeOf({ descriptor: { name, unit, description }, attributes, start, values, spacing }: PlainSamples) {
  const series =
    typeof spacing === 'number'
      ? Series.regular(start, spacing, values)
      : Series.irregular(start, spacing as Float64Array, values);
  return new SampledGauge(name, unit, description, series, attributes);
}
