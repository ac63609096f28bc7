import fc from 'fast-check';
import { countsUpTo } from './otlp-requests.ts';

/** Names of fields, and of what objects have. */
const KEYS = [
  ...['resourceMetrics', 'resource_metrics', 'resource', 'scopeMetrics', 'scope', 'metrics', 'gauge', 'sum'],
  ...['histogram', 'exponentialHistogram', 'summary', 'dataPoints', 'attributes', 'key', 'value', 'stringValue'],
  ...['arrayValue', 'values', 'kvlistValue', 'bytesValue', 'name', 'unit', 'timeUnixNano', 'asDouble', 'asInt'],
  ...['flags', 'bucketCounts', 'schemaUrl', 'explicitBounds', 'positive', 'aggregationTemporality', '__proto__'],
  ...['constructor', 'toString', 'scenarios', 'power_watts', 'cpu_usage_cores', 'step_seconds', 'start_time'],
  ...['duration', 'timestamps', 'streams', 'sampling'],
];
const SCALARS = [
  '{}',
  '[]',
  'null',
  '0',
  '-1e400',
  '"a"',
  '""',
  'true',
  '18446744073709551616',
  '"\\ud800"',
  'NaN',
  '',
];

/** Returns pieces of JSON, repeated or nested often, in what may stand around them; no more than `most` bytes of one part. */
export function hostileJson(most: number): fc.Arbitrary<string> {
  const depths = (...some: number[]) => fc.constantFrom(100, 300, ...some.filter((depth) => depth <= most / 5));
  const listOf = (item: string, count: number) =>
    Array(Math.min(count, Math.floor(most / (item.length + 1)))).fill(item);
  const value = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...SCALARS),
      fc.tuple(tie('value'), countsUpTo(most)).map(([item, count]) => `[${listOf(item, count).join()}]`),
      depths(50_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
      depths(20_000).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
      fc
        .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 6 })
        .map((entries) => `{${entries.map(([key, item]) => `"${key}":${item}`).join()}}`),
    ),
  })).value;
  return fc.tuple(value, fc.constantFrom(...AROUND)).map(([inner, around]) => around(inner));
}

/** Wraps a value so that it stands where a list of this depth is expected. */
const AROUND = [
  (value: string) => value,
  (value: string) => `{"resourceMetrics":${value}}`,
  (value: string) => `{"resourceMetrics":[{"resource":{"attributes":${value}}}]}`,
  (value: string) => `{"resourceMetrics":[{"scopeMetrics":${value}}]}`,
  (value: string) => `{"resourceMetrics":[{"scopeMetrics":[{"metrics":${value}}]}]}`,
  (value: string) =>
    `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":${value}}}]}]}]}`,
  (value: string) => `{"scenarios":${value}}`,
  (value: string) => `{"scenarios":[{"name":"a","step_seconds":1,"power_watts":${value}}]}`,
  (value: string) => `[{"name":${value}}]`,
  (value: string) => `${value}\n${value}`,
];
