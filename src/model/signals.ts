import type { Attributes } from '@opentelemetry/api';
import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Sampling, Series } from './series.ts';
import { seriesOf } from './series.ts';

/** A measured input: its OpenTelemetry name and unit, and the field of a results file. */
export interface Signal {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly field: string;
  /** The attribute by which a run says how samples of this signal are to be read. */
  readonly samplingAttribute: string;
  /** How its samples are to be read, whatever the run says. */
  readonly sampling?: Sampling;
}

/** The samples of a signal in a run. */
export interface Samples {
  readonly signal: Signal;
  readonly series: Series;
  /** The instrumentation scope that they were measured under. */
  readonly scope: string;
  /** How many meters they come from, which cannot be told apart any more; 1 unless a sender has mixed them. */
  readonly sources: number;
}

/** Power drawn by the whole host, in watts (OpenTelemetry semantic conventions, hardware metrics). */
export const hostPower: Signal = {
  name: 'hw.host.power',
  unit: 'W',
  description: 'Power drawn by the host',
  field: 'power_watts',
  samplingAttribute: 'run.sampling.power_watts',
};

/** CPU in use, in cores (OpenTelemetry semantic conventions, container metrics). */
export const cpuUsage: Signal = {
  name: 'container.cpu.usage',
  unit: '{cpu}',
  description: 'CPU cores in use',
  field: 'cpu_usage_cores',
  samplingAttribute: 'run.sampling.cpu_usage_cores',
};

/** Power assumed for the time of a run that was not measured, in watts. */
export const filledPower: Signal = {
  name: 'wattline.filled.power',
  unit: 'W',
  description: 'Power assumed where none was measured',
  field: 'filled_power_watts',
  samplingAttribute: 'run.sampling.filled_power_watts',
  sampling: 'interval',
};

/** CPU use assumed for the time of a run that was not measured, in cores. */
export const filledCpu: Signal = {
  name: 'wattline.filled.cpu',
  unit: '{cpu}',
  description: 'CPU cores assumed to be in use where that was not measured',
  field: 'filled_cpu_cores',
  samplingAttribute: 'run.sampling.filled_cpu_cores',
  sampling: 'interval',
};

const signals: readonly Signal[] = [hostPower, cpuUsage, filledPower, filledCpu];
const signalNames: ReadonlySet<string> = new Set(signals.flatMap(({ name, field }) => [name, field]));

/** Makes samples of a signal, measured under a scope such as `wattline/live`. */
export function samplesOf(signal: Signal, series: Series, scope = 'wattline'): Samples {
  return { signal, series, scope, sources: 1 };
}

/** Returns whether a metric is raw samples of a run rather than a figure. */
export function isSignal(metric: MetricData): boolean {
  return signalNames.has(metric.descriptor.name);
}

/**
 * Returns the samples that came as metrics, under the OpenTelemetry names of signals or their names in results files: of
 * each signal the first metric that has any, and how many meters all of them come from.
 */
export function samplesIn(scopes: readonly ScopeMetrics[]): Samples[] {
  const found = scopes.flatMap(({ scope, metrics }) =>
    metrics.filter(isSignal).map((metric) => ({ scope: scope.name, metric })),
  );
  if (found.length === 0) return [];
  return signals.flatMap((signal) => {
    const own = found.filter(({ metric }) => isOf(signal, metric.descriptor.name));
    for (const { scope, metric } of own) {
      const series = seriesOf(metric);
      if (series) return [{ signal, series, scope, sources: countSources(own.map((one) => one.metric)) }];
    }
    return [];
  });
}

function isOf(signal: Signal, name: string): boolean {
  return name === signal.name || name === signal.field;
}

/** Points with different attributes, such as two `hw.id`, are of different meters, and must not be taken for one series. */
function countSources(metrics: readonly MetricData[]): number {
  let known: Attributes | undefined;
  let sources: Set<string> | undefined;
  for (const { dataPoints } of metrics) {
    for (const { attributes } of dataPoints) {
      known ??= attributes;
      // Receivers share the attributes that points have in common.
      if (attributes === known) continue;
      sources ??= new Set([textOf(known)]);
      sources.add(textOf(attributes));
    }
  }
  return sources?.size ?? 1;
}

function textOf(attributes: Attributes): string {
  return JSON.stringify(Object.entries(attributes).sort());
}
