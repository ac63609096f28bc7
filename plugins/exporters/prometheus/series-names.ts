import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { metricName } from 'wattline/figures';

/** Returns the name that a metric is exposed as: valid, and with `_total` at the end of a counter, also of a signal. */
export function exposedName(metric: MetricData): string {
  const name = metricName(metric);
  if (name === metric.descriptor.name) return name;
  return metricName({ ...metric, descriptor: { ...metric.descriptor, name } });
}

/** Returns the names of all series of a metric that is exposed as `name`. */
export function seriesNames(name: string, metric: MetricData): string[] {
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return [name];
  return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
}
