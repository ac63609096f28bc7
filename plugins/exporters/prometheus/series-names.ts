import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

/** The names of all series of a metric that is exposed as `name`. */
export function seriesNames(name: string, metric: MetricData): string[] {
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return [name];
  return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
}
