import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/** The name that a metric is exposed under: what Prometheus allows, with `_total` after counters. */
export function metricName(metric: MetricData): string {
  const name = plainName(metric.descriptor.name);
  const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
  return isCounter && !name.endsWith('_total') ? `${name}_total` : name;
}

/** The names of all series of a metric that is exposed as `name`. */
export function seriesNames(name: string, metric: MetricData): string[] {
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return [name];
  return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
}

/** A name with what Prometheus does not allow replaced by underscores, as OpenTelemetry's exporters do it. */
export function plainName(name: string): string {
  const plain = name.replace(/[^a-zA-Z0-9_]/g, '_').replace(/_{2,}/g, '_');
  return /^\d|^$/.test(plain) ? `_${plain}` : plain;
}
