import { ValueType } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelsFrom } from 'wattline/figures';
import { Run } from 'wattline/plugin';
import { pointsOf, SeriesLabels } from 'wattline/prometheus';
import { expositionText } from './exposition.ts';

const options = { includeSamples: false, resourceLabels: [], extraLabels: {} };

const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'aZ09_.-:/ é') });
/** The SDK writes an empty name as it is, and escapes before it replaces, which makes two `_` of a backslash. */
const metricName = word.filter((name) => /[a-zA-Z0-9]/.test(name));
const labelName = fc
  .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...'abZ9_.-') })
  .map((name) => `x${name}`);
const attributeValue = fc.oneof(
  fc.string({ minLength: 1, unit: fc.constantFrom(...'ab"\\\n{},= é€😀') }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 2 }),
);
const attributes = fc
  .dictionary(labelName, attributeValue, { maxKeys: 5 })
  .filter((all) => Object.keys(labelsFrom(all)).length === Object.keys(all).length);
const endTime = fc
  .tuple(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 0, max: 999 }))
  .map(([seconds, milliseconds]): [number, number] => [seconds, milliseconds * 1_000_000]);
const number = fc.double({ noNaN: true, noDefaultInfinity: true });
const point = <T>(value: fc.Arbitrary<T>) => fc.record({ startTime: endTime, endTime, attributes, value });
const descriptor = metricName.map((name) => ({ name, unit: '', description: 'x', valueType: ValueType.DOUBLE }));
const histogram = fc
  .record({
    boundaries: fc.uniqueArray(number, { maxLength: 4 }).map((all) => all.sort((a, b) => a - b)),
    counts: fc.array(fc.nat(1000), { minLength: 5, maxLength: 5 }),
    sum: fc.option(number, { nil: undefined }),
  })
  .map(({ boundaries, counts, sum }) => {
    const used = counts.slice(0, boundaries.length + 1);
    const count = used.reduce((total, one) => total + one, 0);
    return { buckets: { boundaries, counts: used }, count, ...(sum !== undefined && { sum }) };
  });
const aggregationTemporality = fc.constant(AggregationTemporality.CUMULATIVE);
const metric = fc.oneof(
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.GAUGE),
    aggregationTemporality,
    dataPoints: fc.array(point(number), { maxLength: 3 }),
  }),
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.SUM),
    isMonotonic: fc.boolean(),
    aggregationTemporality,
    dataPoints: fc.array(point(number), { maxLength: 3 }),
  }),
  fc.record({
    descriptor,
    dataPointType: fc.constant(DataPointType.HISTOGRAM),
    aggregationTemporality,
    dataPoints: fc.array(point(histogram), { maxLength: 3 }),
  }),
) as fc.Arbitrary<MetricData>;

it('writes what the Prometheus exporter writes', () => {
  const serializer = new PrometheusSerializer('', true, undefined, true, true);
  fc.assert(
    fc.property(metric, (one) => {
      const run = Run.of({}, { metrics: [{ scope: { name: 'test' }, metrics: [one] }] });
      const expected = serializer
        .serialize(run)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      const written = expositionText(pointsOf(run, options).figures).split('\n').slice(0, -1);
      expect(written.sort()).toEqual(expected.sort());
    }),
    { numRuns: 500 },
  );
});

it('writes one line a point', () => {
  const labels = new SeriesLabels({ b: 'say "\\"\n' });
  const points = [
    { name: 'a', labels, time: 1, value: 0.1 },
    { name: 'a', labels, time: 2, value: 1e-9 },
    { name: 'c', labels: new SeriesLabels({}), time: -3, value: 4 },
  ];
  expect(expositionText(points)).toBe('a{b="say \\"\\\\\\"\\n"} 0.1 1\na{b="say \\"\\\\\\"\\n"} 1e-9 2\nc 4 -3\n');
  expect(expositionText([])).toBe('');
});
