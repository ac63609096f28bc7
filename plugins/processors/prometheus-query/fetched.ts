import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  Attribute,
  type Batch,
  cpuUsage,
  extendRun,
  findSignal,
  hostPower,
  type Sampling,
  type Series,
  type Signal,
  signalGauge,
} from 'wattline/plugin';
import { asInstants } from './samples.ts';

/** Samples of a signal, and the query that gave them. */
export interface Fetched {
  readonly signal: Signal;
  readonly series: Series;
  readonly query: string;
}

/**
 * How the samples of a run are to be read once it has the fetched ones. A run says that once for all of its samples, so
 * that the fetched ones decide only where they are all that it has, power among them: predicted power may come later.
 */
export function samplingWith(batch: Batch, fetched: readonly Fetched[], sampling: Sampling): Sampling {
  const isFetched = (signal: Signal) => fetched.some((one) => one.signal === signal);
  const keepsSamples = [hostPower, cpuUsage].some((signal) => !isFetched(signal) && findSignal(batch, signal));
  if (!keepsSamples && isFetched(hostPower)) return sampling;
  return batch.resource.attributes[Attribute.sampling] === 'interval' ? 'interval' : 'instant';
}

/** The run with fetched samples in place of those that it had of the same signals, made instants where it reads them so. */
export function withFetched(
  batch: Batch,
  fetched: readonly Fetched[],
  { sampling, reading }: { readonly sampling: Sampling; readonly reading: Sampling },
): Batch {
  const signals = fetched.map(({ signal }) => signal);
  const gauges = fetched.map(({ signal, series }) =>
    signalGauge(signal, sampling === 'interval' && reading === 'instant' ? asInstants(series) : series),
  );
  const attributes: Attributes = { [Attribute.sampling]: reading };
  for (const { signal, query } of fetched) attributes[`query.${signal.field}`] = query;
  return extendRun(without(batch, signals), 'wattline/prometheus_query', gauges, attributes);
}

/** The run without samples of the given signals, and without the mark that its power is predicted where power is one. */
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
