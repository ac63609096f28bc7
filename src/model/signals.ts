import type { MetricData } from '@opentelemetry/sdk-metrics';
import { FigureGauge } from './figure-gauge.ts';
import type { Sampling } from './segments.ts';
import { SampledGauge, type Series } from './series.ts';

/** A measured input: its OpenTelemetry name and unit, the field of a results file, and other names it is accepted by. */
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

/** Whether a metric is raw samples of a run rather than a figure. */
export function isSignal(metric: MetricData): boolean {
  if (metric instanceof SampledGauge) return true;
  return !(metric instanceof FigureGauge) && signalNames.has(metric.descriptor.name);
}

/** Samples as a gauge of the given signal. */
export function signalGauge(signal: Signal, series: Series): SampledGauge {
  return new SampledGauge(signal.name, signal.unit, signal.description, series);
}
