import { serialize } from 'node:v8';
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Batch } from './attributes.ts';
import { decodeBatch, encodeBatch } from './batch-codec.ts';
import { SampledGauge, Series } from './series.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const key = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__');
/** Every double: NaN, infinities and the sign of zero too. */
const number = fc.double();
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
  key,
  fc.oneof(text, number, fc.boolean(), fc.array(text, { maxLength: 3 }), fc.array(number, { maxLength: 3 })),
  { maxKeys: 4, noNullPrototype: true },
);
const time: fc.Arbitrary<HrTime> = fc.tuple(fc.nat(9e9), fc.nat(999_999_999));
const count = fc.nat(2 ** 31 - 1);
const optional = { sum: number, min: number, max: number };
const buckets = fc.record({ offset: fc.integer(), bucketCounts: fc.array(count, { maxLength: 5 }) });
const histogram = fc.record(
  {
    ...optional,
    count,
    buckets: fc.record({ boundaries: fc.array(number, { maxLength: 5 }), counts: fc.array(count, { maxLength: 5 }) }),
  },
  { requiredKeys: ['count', 'buckets'] },
);
const exponential = fc.record(
  { ...optional, count, scale: fc.integer(), zeroCount: count, positive: buckets, negative: buckets },
  { requiredKeys: ['count', 'scale', 'zeroCount', 'positive', 'negative'] },
);

const descriptor = fc.record({
  name: text,
  unit: text,
  description: text,
  valueType: fc.constantFrom(ValueType.INT, ValueType.DOUBLE),
});
const aggregationTemporality = fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE);

function metric<T>(dataPointType: DataPointType, value: fc.Arbitrary<T>, extra: object = {}): fc.Arbitrary<MetricData> {
  const point = fc.record({ startTime: time, endTime: time, attributes, value });
  const dataPoints = fc.array(point, { maxLength: 4 });
  const record = {
    descriptor,
    aggregationTemporality,
    dataPointType: fc.constant(dataPointType),
    dataPoints,
    ...extra,
  };
  return fc.record(record) as unknown as fc.Arbitrary<MetricData>;
}

const sampled = fc
  .record({
    start: time,
    values: fc.float64Array({ maxLength: 20 }),
    step: fc.option(fc.double({ min: 0, max: 1000, noNaN: true }), { nil: undefined }),
    offset: fc.double({ min: 0, max: 1000, noNaN: true }),
    name: text,
    attributes,
  })
  .map(({ start, values, step, offset, name, attributes: own }) => {
    // Part of a larger buffer, as a receiver may cut its samples out of one.
    const part = values.subarray(Math.min(1, values.length));
    const offsets = Float64Array.from(part, (_, index) => index * offset);
    const series = step === undefined ? Series.irregular(start, offsets, part) : Series.regular(start, step, part);
    return new SampledGauge(name, 'W', 'y', series, own);
  });

const metrics: fc.Arbitrary<MetricData> = fc.oneof(
  sampled,
  metric(DataPointType.GAUGE, number),
  metric(DataPointType.SUM, number, { isMonotonic: fc.boolean() }),
  metric(DataPointType.HISTOGRAM, histogram),
  metric(DataPointType.EXPONENTIAL_HISTOGRAM, exponential),
);
const scope = fc.record({ name: text, version: text, schemaUrl: text }, { requiredKeys: ['name'] });
const scopeMetrics = fc.array(fc.record({ scope, metrics: fc.array(metrics, { maxLength: 4 }) }), { maxLength: 3 });
const batch: fc.Arbitrary<Batch> = fc
  .record({ attributes, schemaUrl: fc.option(text, { nil: undefined }), scopeMetrics })
  .map(({ attributes: own, schemaUrl, scopeMetrics: scopes }) => ({
    resource: resourceFromAttributes(own, schemaUrl === undefined ? {} : { schemaUrl }),
    scopeMetrics: scopes,
  }));

/** Everything that can be asked of a batch. */
function contents({ resource, scopeMetrics: scopes }: Batch) {
  const metricContents = (one: MetricData) => ({
    isSampled: one instanceof SampledGauge,
    step: one instanceof SampledGauge ? one.series.step : undefined,
    values: one instanceof SampledGauge ? one.series.values : undefined,
    offsets: one instanceof SampledGauge ? Array.from(one.series.values, (_, i) => one.series.offset(i)) : undefined,
    descriptor: one.descriptor,
    type: one.dataPointType,
    temporality: one.aggregationTemporality,
    isMonotonic: 'isMonotonic' in one ? one.isMonotonic : undefined,
    points: one.dataPoints,
  });
  return {
    attributes: resource.attributes,
    schemaUrl: resource.schemaUrl,
    scopes: scopes.map(({ scope: own, metrics: all }) => ({ scope: own, metrics: all.map(metricContents) })),
  };
}

describe('a batch', () => {
  it('is the same after it has been written and read', () => {
    fc.assert(
      fc.property(batch, (original) => {
        const copy = decodeBatch(Uint8Array.from(encodeBatch(original)));
        expect(contents(copy)).toEqual(contents(original));
      }),
    );
  });

  it('keeps the points of a metric that makes them when they are asked for', () => {
    const points: DataPoint<number>[] = [{ startTime: [1, 2], endTime: [3, 4], attributes: { a: 'b' }, value: -0 }];
    class Lazy {
      readonly descriptor = { name: 'x', unit: '1', description: '', valueType: ValueType.DOUBLE };
      readonly dataPointType = DataPointType.GAUGE;
      readonly aggregationTemporality = AggregationTemporality.CUMULATIVE;
      get dataPoints() {
        return points;
      }
    }
    const lazy = {
      resource: resourceFromAttributes({}),
      scopeMetrics: [{ scope: { name: 's' }, metrics: [new Lazy()] }],
    };
    expect(decodeBatch(encodeBatch(lazy)).scopeMetrics[0]?.metrics[0]?.dataPoints).toStrictEqual(points);
  });

  it('of 60 samples takes little more than the samples', () => {
    const series = Series.regular([1766947958, 0], 5, new Float64Array(60).fill(1 / 3));
    const gauge = new SampledGauge('hw.host.power', 'W', 'Power', series);
    const run = { resource: resourceFromAttributes({}), scopeMetrics: [{ scope: { name: 's' }, metrics: [gauge] }] };
    expect(encodeBatch(run).length).toBeLessThan(60 * 8 + 400);
  });
});

describe('what is not a batch', () => {
  it.each([
    ['another version', serialize({ version: 2 }), 'a run is written in version 2, which this Wattline does not know'],
    ['another value', serialize('text'), 'a run is written in version undefined'],
    ['no value', Uint8Array.of(1, 2, 3), ''],
  ])('is refused: %s', (_, data, message) => {
    expect(() => decodeBatch(data)).toThrow(message);
  });
});
