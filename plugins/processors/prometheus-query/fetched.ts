import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  Attribute,
  type Batch,
  extendRun,
  hostPower,
  type Sampling,
  type Series,
  type Signal,
  signalGauge,
} from 'wattline/plugin';

/** Samples of a signal, with their query. */
export interface Fetched {
  readonly signal: Signal;
  readonly series: Series;
  readonly query: string;
}

/** Returns the run with fetched samples, which replace its own of the same signals, and with their sampling. */
export function withFetched(batch: Batch, fetched: readonly Fetched[], sampling: Sampling): Batch {
  const signals = fetched.map(({ signal }) => signal);
  const gauges = fetched.map(({ signal, series }) => signalGauge(signal, series));
  const attributes: Attributes = {};
  for (const { signal, query } of fetched) {
    attributes[`query.${signal.field}`] = query;
    attributes[signal.samplingAttribute] = sampling;
  }
  return extendRun(without(batch, signals), 'wattline/prometheus_query', gauges, attributes);
}

/** Returns the run without samples of the given signals, and without the mark of predicted power where power is one. */
function without(batch: Batch, signals: readonly Signal[]): Batch {
  const names = new Set(signals.flatMap(({ name, field }) => [name, field]));
  const scopeMetrics = batch.scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.filter(({ descriptor }) => !names.has(descriptor.name)),
  }));
  const { [Attribute.power]: predicted, ...attributes } = batch.resource.attributes;
  const isUnmarked = predicted === undefined || !signals.includes(hostPower);
  return { resource: isUnmarked ? batch.resource : resourceFromAttributes(attributes), scopeMetrics };
}
