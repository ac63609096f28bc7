import type { Attributes } from '@opentelemetry/api';
import type { Run } from '../../src/model/run.ts';
import type { Series } from '../../src/model/series.ts';
import { loadRunCodec } from '../../src/pipeline/run-codec.ts';
import { asWritten, hold, holdSame } from './target.ts';

const codec = await loadRunCodec();

/**
 * Throws where a run is not well-formed, or does not come back from a disk as it was; returns how many samples, points and
 * attributes it has.
 */
export function holdRun(run: Run): number {
  for (const name of ['startTime', 'endTime', 'statedDuration', 'streams', 'pue'] as const) {
    hold(run[name] === undefined || Number.isFinite(run[name]), () => `\`${name}\` of a run is ${run[name]}`);
  }
  let made = 0;
  for (const { series } of run.samples) made += holdSeries(series);
  made += holdAttributes(run.attributes);
  for (const { metrics } of run.metrics) {
    for (const { dataPoints } of metrics) {
      made += 1 + dataPoints.length;
      for (const { attributes } of dataPoints) made += holdAttributes(attributes);
    }
  }
  holdStored(run);
  return made;
}

function holdSeries(series: Series): number {
  hold(series.length > 0 && series.values.length === series.length, 'a series has not as many values as samples');
  let before = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < series.length; index++) {
    const [value, offset] = [series.at(index), series.offset(index)];
    hold(Number.isNaN(value) || (value >= 0 && value < Infinity), () => `sample ${index} is ${value}`);
    const isLater = series.step === undefined ? offset > before : offset >= before;
    hold(Number.isFinite(offset) && isLater, () => `sample ${index} is at ${offset} s, after ${before} s`);
    before = offset;
  }
  return series.length;
}

/** Throws where there is something that is no attribute; returns how many there are. */
export function holdAttributes(attributes: Attributes): number {
  const entries = Object.entries(attributes);
  for (const [name, value] of entries) {
    const items: unknown[] = Array.isArray(value) ? value : [value];
    const types = new Set(items.map((item) => typeof item));
    types.delete('string');
    types.delete('number');
    types.delete('boolean');
    hold(types.size === 0, () => `the attribute \`${name}\` has values of ${[...types]}`);
  }
  return entries.length;
}

/** A half of a surrogate pair, as JSON shows it. */
const LONE_SURROGATE = /\\ud[89a-f][0-9a-f]{2}/;

/** OTLP has no times before 1970 and beyond 2554, and the codec says so; what UTF-8 has no bytes for is replaced. */
function holdStored(run: Run): void {
  let data: Uint8Array;
  try {
    data = codec.encode(run);
  } catch (error) {
    hold(String(error).endsWith('OTLP has no such time'), () => `a run cannot be written: ${error}`);
    return;
  }
  const [own, stored] = [contentsOf(run), contentsOf(codec.decode(data))];
  if (!LONE_SURROGATE.test(JSON.stringify(own))) holdSame(stored, own, 'a run does not come back as it was');
}

/** Everything that an exporter asks of a run. */
export function contentsOf({ resource, scopeMetrics }: Run): unknown {
  return asWritten({
    attributes: { ...resource.attributes },
    schemaUrl: resource.schemaUrl,
    scopes: scopeMetrics.map(({ scope, metrics }) => ({
      scope: { ...scope },
      metrics: metrics.map((metric) => ({
        descriptor: { ...metric.descriptor },
        type: metric.dataPointType,
        temporality: metric.aggregationTemporality,
        isMonotonic: 'isMonotonic' in metric && metric.isMonotonic,
        points: metric.dataPoints.map((point) => ({ ...point, attributes: { ...point.attributes } })),
      })),
    })),
  });
}
