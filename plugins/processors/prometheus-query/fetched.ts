import type { Attributes } from '@opentelemetry/api';
import { Attribute, hostPower, type Run, type Sampling, type Series, type Signal, samplesOf } from 'wattline/plugin';

/** Samples of a signal, with their query. */
export interface Fetched {
  readonly signal: Signal;
  readonly series: Series;
  readonly query: string;
}

/** Returns the run with fetched samples, which replace its own of the same signals, and with their sampling. */
export function withFetched(run: Run, fetched: readonly Fetched[], sampling: Sampling): Run {
  const attributes: Attributes = {};
  for (const { signal, query } of fetched) {
    attributes[`query.${signal.field}`] = query;
    attributes[signal.samplingAttribute] = sampling;
  }
  const samples = fetched.map(({ signal, series }) => samplesOf(signal, series, 'wattline/prometheus_query'));
  const signals = fetched.map(({ signal }) => signal);
  return unmarked(run, signals).withoutSamples(signals).with({ samples, attributes });
}

/** Returns the run without samples of the given signals, and without the mark of predicted power where power is one. */
function unmarked(run: Run, signals: readonly Signal[]): Run {
  if (run.power === undefined || !signals.includes(hostPower)) return run;
  const { [Attribute.power]: _, ...attributes } = run.resource.attributes;
  return run.withAttributes(attributes);
}
