import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { cpuUsage, hostPower } from 'wattline/plugin';

export type Labels = Readonly<Record<string, string>>;

const VALID = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** The names of raw samples, with the unit as Prometheus has it. */
const sampleNames: ReadonlyMap<string, string> = new Map([
  [hostPower.name, 'hw_host_power_watts'],
  [hostPower.field, 'hw_host_power_watts'],
  [cpuUsage.name, 'container_cpu_usage'],
  [cpuUsage.field, 'container_cpu_usage'],
]);

/** A metric's name as the SDK's Prometheus exporter gives it: `_` for what is not allowed, `_total` for counters. */
export function metricName(metric: MetricData): string {
  const name = sanitizeName(metric.descriptor.name);
  const counter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  return counter && !name.endsWith('_total') ? `${name}_total` : name;
}

/** The name of a metric that holds raw samples. */
export function sampleName(metric: MetricData): string {
  return sampleNames.get(metric.descriptor.name) ?? metricName(metric);
}

/**
 * Attributes as labels, as the Prometheus exporter gives them: names made valid, values as text, empty ones left out.
 * Where two names become one their values are joined with `;` in the order of the names; the name in `reserved` gets
 * `exported_` before it.
 */
export function labelsFrom(attributes: Attributes, reserved?: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let joined: Map<string, [name: string, value: string][]> | undefined;
  for (const name of Object.keys(attributes)) {
    const value = textOf(attributes[name]);
    if (value === '') continue;
    const plain = sanitizeName(name);
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

function sanitizeName(name: string): string {
  if (VALID.test(name) && !name.includes('__')) return name;
  const plain = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_');
  return /^\d|^$/.test(plain) ? `_${plain}` : plain;
}
