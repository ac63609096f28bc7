import type { HrTime } from '@opentelemetry/api';
import { DataPointType, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics';

/** Writes a point; `labels` and `time` are as `labelText` and `timeText` write them. */
export type WritePoint<V> = (labels: string, value: V, time: string) => string;

/** The word for a metric after `# TYPE`. */
export function typeOf(metric: MetricData): 'counter' | 'gauge' | 'histogram' {
  if (metric.dataPointType === DataPointType.HISTOGRAM) return 'histogram';
  return metric.dataPointType === DataPointType.SUM && metric.isMonotonic ? 'counter' : 'gauge';
}

/** The lines before the points of a family. */
export function headText(name: string, type: string, description: string, unit: string): string {
  const help = `# HELP ${name} ${escapeText(description || 'description missing')}\n`;
  return `${help}${unit ? `# UNIT ${name} ${escapeText(unit)}\n` : ''}# TYPE ${name} ${type}\n`;
}

/** Writes a number as one line. */
export function numberWriter(name: string): WritePoint<number> {
  return (labels, value, time) => `${name}${labels} ${valueText(value)}${time}\n`;
}

/** Writes a histogram as its count, its sum where it has one, and a line for each bucket. */
export function histogramWriter(name: string): WritePoint<Histogram> {
  return (labels, { buckets, count, sum }, time) => {
    let text = `${name}_count${labels} ${valueText(count)}${time}\n`;
    if (sum != null) text += `${name}_sum${labels} ${valueText(sum)}${time}\n`;
    const others = labels === '' ? '{' : `${labels.slice(0, -1)},`;
    let total = 0;
    let hasInfinity = false;
    for (const [index, count] of buckets.counts.entries()) {
      const bound = buckets.boundaries[index];
      if (bound === undefined && hasInfinity) break;
      hasInfinity ||= bound === Number.POSITIVE_INFINITY;
      total += count;
      const le = bound === undefined || bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
      text += `${name}_bucket${others}le="${le}"} ${valueText(total)}${time}\n`;
    }
    return text;
  };
}

/** Labels as they stand behind a name: `{a="x",b="y"}`, or nothing. */
export function labelText(labels: readonly (readonly [name: string, value: string])[]): string {
  if (labels.length === 0) return '';
  const parts: string[] = [];
  for (const [name, value] of labels) parts.push(parts.length ? '",' : '{', name, '="', escapeLabel(value));
  parts.push('"}');
  // Joined, not added up: a flat string is hashed and copied faster than a chain of pieces.
  return parts.join('');
}

/** A time as it stands behind a value: in whole milliseconds, since Prometheus reads no others. */
export function timeText([seconds, nanoseconds]: HrTime): string {
  return ` ${seconds * 1000 + Math.round(nanoseconds / 1e6)}`;
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return String(value === Number.NEGATIVE_INFINITY ? '-Inf' : value);
}

function escapeText(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}

function escapeLabel(value: string): string {
  return /["\\\n]/.test(value) ? escapeText(value).replace(/"/g, '\\"') : value;
}
