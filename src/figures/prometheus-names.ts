import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { cpuUsage, filledCpu, filledPower, hostPower, type Signal } from '../model/signals.ts';

const VALID = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The names of the measured signals, with the unit as Prometheus has it. */
const signalNames: ReadonlyMap<string, string> = new Map([
  [hostPower.name, 'hw_host_power_watts'],
  [hostPower.field, 'hw_host_power_watts'],
  [cpuUsage.name, 'container_cpu_usage'],
  [cpuUsage.field, 'container_cpu_usage'],
  [filledPower.name, 'wattline_filled_power_watts'],
  [filledCpu.name, 'wattline_filled_cpu_cores'],
]);

/**
 * The name of a metric in Prometheus: that of the SDK's exporter, with `_` for what is not allowed and `_total` after
 * counters, and for a measured signal its name with the unit.
 */
export function metricName(metric: MetricData): string {
  const signal = signalNames.get(metric.descriptor.name);
  if (signal) return signal;
  const name = plainName(metric.descriptor.name);
  const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  return isCounter && !name.endsWith('_total') ? `${name}_total` : name;
}

/** Returns the name of a measured signal in Prometheus. */
export function signalName({ name }: Signal): string {
  return signalNames.get(name) ?? plainName(name);
}

/**
 * Attributes as labels, as Prometheus takes them: names made valid, values as text, empty ones left out.
 * Where two names become one their values are joined with `;` in the order of the names; the name in `reserved` gets
 * `exported_` before it.
 */
export function labelsFrom(attributes: Attributes, reserved?: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let joined: Map<string, [name: string, value: string][]> | undefined;
  for (const name of Object.keys(attributes)) {
    const value = textOf(attributes[name]);
    if (value === '') continue;
    const plain = plainName(name);
    const label = plain === reserved ? `exported_${plain}` : plain;
    if (plain !== name || labels[label] !== undefined) {
      joined ??= new Map();
      const sources = joined.get(label) ?? (labels[label] === undefined ? [] : [[label, labels[label]]]);
      joined.set(label, [...sources, [name, value]]);
    }
    labels[label] = value;
  }
  for (const [label, sources] of joined ?? []) {
    labels[label] = sources
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, value]) => value)
      .join(';');
  }
  return labels;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.toWellFormed();
}

/** A name with what Prometheus does not allow replaced by underscores, as OpenTelemetry's exporters do it. */
export function plainName(name: string): string {
  if (VALID.test(name) && !name.includes('__')) return name;
  const plain = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_');
  return /^\d|^$/.test(plain) ? `_${plain}` : plain;
}
