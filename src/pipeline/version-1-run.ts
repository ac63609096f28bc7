import type { Attributes, HrTime } from '@opentelemetry/api';
import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { Run } from '../model/run.ts';
import { scopesOfSamples } from '../model/run-metrics.ts';
import { Series } from '../model/series.ts';

/** The only version that was ever written. */
const VERSION = 1;

type PlainPoint = readonly [startTime: HrTime, endTime: HrTime, attributes: Attributes, value: unknown];
type PlainMetric =
  | { readonly points: readonly PlainPoint[]; readonly rest: Omit<MetricData, 'dataPoints'> }
  | { readonly sampled: PlainSamples };

interface PlainSamples {
  readonly descriptor: MetricData['descriptor'];
  readonly start: HrTime;
  readonly values: Float64Array;
  /** Seconds between samples, or of each sample from the start. */
  readonly spacing: number | Float64Array;
}

interface PlainRun {
  readonly version: typeof VERSION;
  readonly attributes: Attributes;
  readonly schemaUrl: string | undefined;
  readonly scopes: readonly { readonly scope: ScopeMetrics['scope']; readonly metrics: readonly PlainMetric[] }[];
}

/**
 * Reads a run as Wattline 0.1.0 wrote it into queues on disk, in Node's own serialization; it is written as OTLP since.
 * Throws where it is something else.
 */
export function decodeVersion1(data: Uint8Array): Run {
  const plain = process.getBuiltinModule('node:v8').deserialize(data) as PlainRun;
  const version: unknown = plain?.version;
  if (version !== VERSION) throw new Error(`a run is written in version ${version}, which this Wattline does not know`);
  const { attributes, schemaUrl, scopes } = plain;
  const scopeMetrics = scopes.map(({ scope, metrics }) => ({ scope, metrics: metrics.map(metricOf) }));
  return Run.from({ resource: { attributes, schemaUrl }, scopeMetrics });
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

function gaugeOf({ descriptor, start, values, spacing }: PlainSamples): MetricData {
  const series =
    typeof spacing === 'number'
      ? Series.regular(start, spacing, values)
      : Series.irregular(start, spacing as Float64Array, values);
  const signal = { ...descriptor, field: descriptor.name, samplingAttribute: '' };
  const [scope] = scopesOfSamples([{ signal, series, scope: '', sources: 1 }]);
  return scope?.metrics[0] as MetricData;
}
