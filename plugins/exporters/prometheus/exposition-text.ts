import type { HrTime } from '@opentelemetry/api';
import { DataPointType, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics';
import { metricName } from 'wattline/figures';

/** Returns the name that a metric is exposed as: valid, and with `_total` at the end of a counter, also of a signal. */
export function exposedName(metric: MetricData): string {
  const name = metricName(metric);
  if (name === metric.descriptor.name) return name;
  return metricName({ ...metric, descriptor: { ...metric.descriptor, name } });
}

/** Returns the names of all series of a metric that is exposed as `name`. */
export function seriesNames(name: string, metric: MetricData): string[] {
  return seriesNamesOf(name, typeOf(metric));
}

/** Returns the names of all series of a family. */
export function seriesNamesOf(name: string, type: string): string[] {
  if (type !== 'histogram') return [name];
  return [name, `${name}_bucket`, `${name}_count`, `${name}_sum`];
}

/** Returns the type of a metric after `# TYPE`. */
export function typeOf(metric: MetricData): 'counter' | 'gauge' | 'histogram' {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return 'histogram';
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? 'counter' : 'gauge';
}

/** Returns the lines before the points of a family. */
export function headText(name: string, type: string, description: string, unit: string): string {
  const help = `# HELP ${name} ${escapeText(description || 'description missing')}\n`;
  return `${help}${unit ? `# UNIT ${name} ${escapeText(unit)}\n` : ''}# TYPE ${name} ${type}\n`;
}

/** The value of a point in this text. */
export type Value = number | Histogram;

/** Returns the lines of a point. `labels` and `time` are results of `labelText` and `timeText`. */
export function pointText(name: string, labels: string, value: Value, time: string): string {
  if (typeof value === 'object') return histogramText(name, labels, value, time);
  return `${name}${labels} ${valueText(value)}${time}\n`;
}

/** Returns labels as they follow a name: `{a="x",b="y"}`, or nothing. */
export function labelText(labels: readonly (readonly [name: string, value: string])[]): string {
  if (labels.length === 0) return '';
  const parts: string[] = [];
  for (const [name, value] of labels) parts.push(parts.length ? '",' : '{', name, '="', escapeLabel(value));
  parts.push('"}');
  // Joined, not concatenated: a flat string is hashed and copied faster than a chain of pieces.
  return parts.join('');
}

/** Returns a time as it follows a value: in whole milliseconds, since Prometheus reads no other ones. */
export function timeText([seconds, nanoseconds]: HrTime): string {
  return ` ${seconds * 1000 + Math.round(nanoseconds / 1e6)}`;
}

/** Returns the count, the sum where there is one, and a line for each bucket. */
function histogramText(name: string, labels: string, { buckets, count, sum }: Histogram, time: string): string {
  let text = `${name}_count${labels} ${valueText(count)}${time}\n`;
  if (sum != null) text += `${name}_sum${labels} ${valueText(sum)}${time}\n`;
  const others = labels === '' ? '{' : `${labels.slice(0, -1)},`;
  let total = 0;
  let hasInfinity = false;
  for (const [index, inBucket] of buckets.counts.entries()) {
    const bound = buckets.boundaries[index];
    if (bound === undefined && hasInfinity) break;
    hasInfinity ||= bound === Number.POSITIVE_INFINITY;
    total += inBucket;
    const le = bound === undefined || bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
    text += `${name}_bucket${others}le="${le}"} ${valueText(total)}${time}\n`;
  }
  return text;
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : `${value}`;
}

function escapeText(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}

function escapeLabel(value: string): string {
  return /["\\\n]/.test(value) ? escapeText(value).replace(/"/g, '\\"') : value;
}
