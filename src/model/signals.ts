import type { Attributes } from '@opentelemetry/api';
import { type DataPoint, DataPointType, type MetricData, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { Attribute } from './attributes.ts';
import { type SampleRule, type Series, seriesOf } from './series.ts';
import { convert, type Scale, scaleTo } from './units.ts';

/** A measured input: its OpenTelemetry name and unit, and the field of a results file. */
export interface Signal {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly field: string;
  /** The attribute by which a run says how samples of this signal are to be read. */
  readonly samplingAttribute: string;
  /** How its samples are to be read, whatever the run says. */
  readonly sampling?: SampleRule;
}

/** The samples of a signal in a run. */
export interface Samples {
  readonly signal: Signal;
  readonly series: Series;
  /** The instrumentation scope that they were measured under. */
  readonly scope: string;
  /** How many meters they come from, which cannot be told apart any more; 1 unless a sender has mixed them. */
  readonly sources: number;
  /** A unit that they were declared in and cannot be converted from, so that they must not be used. */
  readonly unknownUnit?: string;
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
  sampling: 'held',
};

/** CPU use assumed for the time of a run that was not measured, in cores. */
export const filledCpu: Signal = {
  name: 'wattline.filled.cpu',
  unit: '{cpu}',
  description: 'CPU cores assumed to be in use where that was not measured',
  field: 'filled_cpu_cores',
  samplingAttribute: 'run.sampling.filled_cpu_cores',
  sampling: 'held',
};

const signals: readonly Signal[] = [hostPower, cpuUsage, filledPower, filledCpu];
const byName = new Map(signals.flatMap((signal) => [signal.name, signal.field].map((name) => [name, signal] as const)));

/** What says how the samples of a run are to be read. */
export interface Sampled {
  readonly saysSampling: boolean;
  readonly isSlice: boolean;
  readonly attributes: Attributes;
}

/** Returns how the samples of a signal of a run are to be read; those of a slice hold as long as `live` says. */
export function ruleOf(run: Sampled, { sampling, samplingAttribute }: Signal): SampleRule {
  if (sampling !== undefined) return sampling;
  if (!run.saysSampling) return 'instant';
  const stated = run.attributes[samplingAttribute] ?? run.attributes[Attribute.sampling];
  if (stated !== 'interval') return 'instant';
  return run.isSlice ? 'held' : 'interval';
}

/** Makes samples of a signal, measured under a scope such as `wattline/live`. */
export function samplesOf(signal: Signal, series: Series, scope = 'wattline'): Samples {
  return { signal, series, scope, sources: 1 };
}

/** Returns whether a metric is raw samples of a run rather than a figure. */
export function isSignal(metric: MetricData): boolean {
  return signalNamed(metric.descriptor.name) !== undefined;
}

/**
 * Returns the samples that came as metrics, under the OpenTelemetry names of signals or their names in results files, in
 * the units of the signals. The points of all scopes and metrics of a signal are taken together; the result says how many
 * meters they come from.
 */
export function samplesIn(scopes: readonly ScopeMetrics[]): Samples[] {
  const found = scopes.flatMap(({ scope, metrics }) =>
    metrics.filter(isNumbers).flatMap((metric) => {
      const signal = signalNamed(metric.descriptor.name);
      return signal && metric.dataPoints.length ? [{ signal, scope: scope.name, metric }] : [];
    }),
  );
  if (found.length === 0) return [];
  return signals.flatMap((signal) => {
    const own = found.filter((one) => one.signal === signal);
    const [first] = own;
    if (!first) return [];
    const metrics = own.map(({ metric }) => metric);
    const foreign = metrics.find((metric) => !scaleOfSignal(signal, metric));
    const series = seriesOf(metrics.flatMap((metric) => pointsOf(metric, scaleOfSignal(signal, metric))));
    const unit = foreign && { unknownUnit: foreign.descriptor.unit };
    return series ? [{ signal, series, scope: first.scope, sources: countSources(metrics), ...unit }] : [];
  });
}

/** Returns the signal that a metric of that name has samples of. */
export function signalNamed(name: string): Signal | undefined {
  return byName.get(name);
}

/** Returns how to convert a metric's values to the unit of its signal; undefined where its unit is of something else. */
export function scaleOfSignal({ unit }: Signal, { descriptor }: MetricData): Scale | undefined {
  return scaleTo(unit, descriptor.unit);
}

type NumberMetric = Extract<MetricData, { readonly dataPoints: DataPoint<number>[] }>;

function isNumbers(metric: MetricData): metric is NumberMetric {
  return metric.dataPointType === DataPointType.GAUGE || metric.dataPointType === DataPointType.SUM;
}

function pointsOf({ dataPoints }: NumberMetric, scale: Scale | undefined): readonly DataPoint<number>[] {
  if (!scale || scale.times === scale.per) return dataPoints;
  return dataPoints.map((point) => ({ ...point, value: convert(point.value, scale) }));
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
