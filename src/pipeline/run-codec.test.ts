import { serialize } from 'node:v8';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { version1Run } from '../../test/kit/version-1-run.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';
import { loadRunCodec } from './run-codec.ts';

const codec = await loadRunCodec();

/** Everything that an exporter asks of a run. */
const contents = ({ resource, scopeMetrics }: Run) => ({
  attributes: resource.attributes,
  schemaUrl: resource.schemaUrl,
  scopes: scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map((metric) => ({
      descriptor: metric.descriptor,
      type: metric.dataPointType,
      temporality: metric.aggregationTemporality,
      points: metric.dataPoints,
    })),
  })),
});

describe('a run on disk', () => {
  it('comes back with every value to the bit and every time to the nanosecond, gaps among them', () => {
    const time = fc.tuple(fc.integer({ min: 1, max: 9e9 }), fc.nat(999_999_999));
    const offsets = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(time, offsets, fc.infiniteStream(fc.double()), fc.boolean(), (start, own, anyValues, isRegular) => {
        const values = Float64Array.from(own, () => anyValues.next().value as number);
        const [first = 0] = own;
        const series = isRegular
          ? Series.regular(start, first, values)
          : Series.irregular(start, Float64Array.from(own.sort((a, b) => a - b)), values);
        const run = Run.of({ scenario: 'a', 'run.duration': 60.5 }, { samples: [samplesOf(hostPower, series)] });
        expect(contents(codec.decode(Uint8Array.from(codec.encode(run))))).toEqual(contents(run));
      }),
    );
  });

  it('keeps a point at second 0 of 1970', () => {
    const run = Run.of({}, { samples: [samplesOf(hostPower, Series.regular([0, 0], 1, Float64Array.of(5, 6)))] });
    expect(contents(codec.decode(codec.encode(run)))).toEqual(contents(run));
  });

  it.each([2 ** 53, 2 ** 60, -(2 ** 63), 2 ** 63, 1e20, Number.NaN, Number.POSITIVE_INFINITY])(
    'keeps %d, as an attribute and as a value that is whole or not',
    (value) => {
      const metricOf = (valueType: ValueType) => ({
        descriptor: { name: `of type ${valueType}`, unit: '', description: '', valueType },
        dataPointType: DataPointType.GAUGE,
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPoints: [{ startTime: [1, 0], endTime: [2, 0], attributes: { value, list: [value, 1] }, value }],
      });
      const metrics = [metricOf(ValueType.INT), metricOf(ValueType.DOUBLE)] as unknown as MetricData[];
      const run = Run.of({ value }, { metrics: [{ scope: { name: 's' }, metrics }] });
      const read = codec.decode(codec.encode(run));
      expect(read.resource.attributes).toEqual({ value });
      for (const { dataPoints } of read.scopeMetrics[0]?.metrics ?? []) {
        expect(dataPoints).toEqual(metrics[0]?.dataPoints);
      }
    },
  );

  it('keeps its schema', () => {
    const run = Run.from({ resource: { attributes: {}, schemaUrl: 'https://schema' }, scopeMetrics: [] });
    expect(codec.decode(codec.encode(run)).resource.schemaUrl).toBe('https://schema');
  });

  it('keeps the points of a metric that makes them when they are asked for', () => {
    const points = [{ startTime: [1, 2], endTime: [3, 4], attributes: { a: 'b' }, value: -0 }];
    class Lazy {
      readonly descriptor = { name: 'x', unit: '1', description: '', valueType: 1 };
      readonly dataPointType = DataPointType.GAUGE;
      readonly aggregationTemporality = AggregationTemporality.CUMULATIVE;
      get dataPoints() {
        return points;
      }
    }
    const run = Run.of({}, { metrics: [{ scope: { name: 's' }, metrics: [new Lazy() as unknown as MetricData] }] });
    expect(codec.decode(codec.encode(run)).scopeMetrics[0]?.metrics[0]?.dataPoints).toStrictEqual(points);
  });

  it('that Wattline 0.1.0 has written is read as it was', () => {
    const run = codec.decode(version1Run);
    const { resource, scopeMetrics } = run;
    expect(resource.attributes).toEqual({ scenario: 'from before', 'run.duration': 60.5 });
    const [power, histogram] = scopeMetrics[0]?.metrics ?? [];
    expect(power?.dataPoints.map(({ endTime, value }) => [endTime, value])).toEqual([
      [[1_766_947_958, 500_000_000], 0.1 + 0.2],
      [[1_766_947_963, 500_000_000], Number.NaN],
      [[1_766_947_968, 500_000_000], -0],
    ]);
    expect(histogram?.dataPoints).toEqual([
      {
        ...{ startTime: [1, 2], endTime: [3, 4], attributes: { a: 'b' } },
        value: { count: 1, sum: 2, buckets: { boundaries: [1], counts: [0, 1] } },
      },
    ]);
    expect(contents(codec.decode(codec.encode(run)))).toEqual(contents(run));
  });
});

describe('what is not a run', () => {
  it.each([
    ['another version', serialize({ version: 2 }), 'a run is written in version 2, which this Wattline does not know'],
    ['another value', serialize('text'), 'a run is written in version undefined'],
    ['no OTLP', Uint8Array.of(1, 2, 3), 'not valid OTLP in protobuf'],
    ['no run', Uint8Array.of(), 'there is no run in it'],
  ])('is refused: %s', (_, data, message) => {
    expect(() => codec.decode(data)).toThrow(message);
  });
});
