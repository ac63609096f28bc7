import { type HrTime, ValueType } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attribute } from 'wattline/plugin';
import { jsonCodec } from './json-codec.ts';
import { convertRequest } from './otlp-run.ts';
import { loadProtobufCodec } from './protobuf-codec.ts';

const protobufCodec = await loadProtobufCodec();

/** What OTLP/JSON as the SDK writes it cannot carry: NaN, the infinities and the sign of 0. */
const plainDouble = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const anyDouble = fc.double();
const anyInteger = fc.maxSafeInteger();
const anyCount = fc.maxSafeNat();
const anyText = fc.string({ unit: 'binary' });
const anyTime: fc.Arbitrary<HrTime> = fc.tuple(fc.integer({ min: 1, max: 18_446_744_072 }), fc.nat(999_999_999));
const anyFraction = plainDouble.filter((value) => !Number.isInteger(value));
const anyName = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name !== '__proto__');
const anyAttributes = fc.dictionary(
  anyName,
  fc.oneof(
    anyText,
    fc.boolean(),
    anyInteger,
    anyFraction,
    fc.array(anyText),
    fc.array(anyInteger),
    fc.array(fc.boolean()),
  ),
  { noNullPrototype: true, maxKeys: 5 },
);

function pointsOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<DataPoint<T>[]> {
  const point = fc.record({ startTime: anyTime, endTime: anyTime, attributes: anyAttributes, value });
  return fc.array(point, { minLength: 1, maxLength: 4 });
}

function anyMetric(double: fc.Arbitrary<number>): fc.Arbitrary<MetricData> {
  const descriptor = (valueType: ValueType) =>
    fc.record({ name: anyName, unit: anyText, description: anyText, valueType: fc.constant(valueType) });
  const aggregationTemporality = fc.constantFrom(AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE);
  // 0 is what protobuf leaves out where absence means the same.
  const total = fc.oneof(double, fc.constantFrom(0, undefined));
  const totals = { count: anyCount, sum: total, min: total, max: total };
  const buckets = fc.record({ offset: fc.integer(), bucketCounts: fc.array(anyCount) });
  const histogram = fc.array(double).chain((boundaries) => {
    const counts = fc.array(anyCount, { minLength: boundaries.length + 1, maxLength: boundaries.length + 1 });
    return fc.record({ ...totals, buckets: fc.record({ boundaries: fc.constant(boundaries), counts }) });
  });
  const exponential = fc.record({
    ...totals,
    scale: fc.integer({ min: -10, max: 20 }),
    zeroCount: anyCount,
    positive: buckets,
    negative: buckets,
  });
  const common = (dataPointType: DataPointType, valueType: ValueType, value: fc.Arbitrary<unknown>) => ({
    descriptor: descriptor(valueType),
    dataPointType: fc.constant(dataPointType),
    dataPoints: pointsOf(value),
  });
  const cumulative = fc.constant(AggregationTemporality.CUMULATIVE);
  const isMonotonic = fc.boolean();
  const { GAUGE, SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM } = DataPointType;
  return fc.oneof(
    fc.record({ ...common(GAUGE, ValueType.DOUBLE, double), aggregationTemporality: cumulative }),
    fc.record({ ...common(GAUGE, ValueType.INT, anyInteger), aggregationTemporality: cumulative }),
    fc.record({ ...common(SUM, ValueType.DOUBLE, double), aggregationTemporality, isMonotonic }),
    fc.record({ ...common(SUM, ValueType.INT, anyInteger), aggregationTemporality, isMonotonic }),
    fc.record({ ...common(HISTOGRAM, ValueType.DOUBLE, histogram), aggregationTemporality }),
    fc.record({ ...common(EXPONENTIAL_HISTOGRAM, ValueType.DOUBLE, exponential), aggregationTemporality }),
  ) as fc.Arbitrary<MetricData>;
}

function anyBatch(double: fc.Arbitrary<number>): fc.Arbitrary<ResourceMetrics> {
  const scope = fc.oneof(
    fc.record({ name: anyText }),
    fc.record({ name: anyText, version: anyName, schemaUrl: anyName }),
  );
  const scopeMetrics = fc.array(fc.record({ scope, metrics: fc.array(anyMetric(double), { maxLength: 3 }) }), {
    maxLength: 3,
  });
  const resource = fc
    .tuple(anyAttributes, fc.option(anyName, { nil: undefined }))
    .map(([attributes, schemaUrl]) => resourceFromAttributes(attributes, schemaUrl ? { schemaUrl } : {}));
  return fc.record({ resource, scopeMetrics });
}

function plain({ resource, scopeMetrics }: Readonly<ResourceMetrics>) {
  return { attributes: resource.attributes, schemaUrl: resource.schemaUrl, scopeMetrics };
}

describe('what the SDK sends', () => {
  it.each([
    ['in protobuf', ProtobufMetricsSerializer, protobufCodec, anyDouble],
    ['in JSON', JsonMetricsSerializer, jsonCodec, plainDouble],
  ])('arrives unchanged %s, to the bit and to the nanosecond', (_, serializer, codec, double) => {
    fc.assert(
      fc.property(anyBatch(double), (sent) => {
        const runs = convertRequest(codec.decodeRequest(serializer.serializeRequest(sent) as Uint8Array));
        expect(runs.map(({ rejections }) => rejections)).toEqual([[]]);
        expect(runs.map(({ batch }) => plain(batch))).toEqual([plain(sent)]);
      }),
    );
  });
});

/** A request with one resource, as OTLP/JSON. */
function requestWith(metrics: unknown[], attributes: unknown[] = []) {
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ metrics }] }] };
}

const scenario = { key: 'scenario', value: { stringValue: 'a run' } };
const point = (fields: object) => ({ timeUnixNano: '1705315800000000001', ...fields });

function convertOne(metrics: unknown[], attributes = [scenario]) {
  const [run] = convertRequest(requestWith(metrics, attributes));
  if (!run) throw new Error('no run');
  return { ...run, metrics: run.batch.scopeMetrics.flatMap((scope) => scope.metrics) };
}

describe('points that yield no data', () => {
  const rejected = (metric: object) => {
    const { metrics, rejections } = convertOne([metric]);
    return { kept: metrics.flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value)), rejections };
  };

  it.each([
    ['a summary', { name: 's', summary: { dataPoints: [point({}), point({})] } }, 'unsupported_type', 2],
    ['no value', { name: 'g', gauge: { dataPoints: [point({ asDouble: null })] } }, 'no_value', 1],
    ['no time', { name: 'g', gauge: { dataPoints: [{ asDouble: 1, timeUnixNano: '0' }] } }, 'no_time', 1],
    ['no name', { name: '', gauge: { dataPoints: [point({ asInt: '1' })] } }, 'no_name', 1],
    ['no temporality', { name: 's', sum: { dataPoints: [point({ asInt: '1' })] } }, 'no_temporality', 1],
    [
      'too few buckets',
      {
        name: 'h',
        histogram: { aggregationTemporality: 2, dataPoints: [point({ explicitBounds: [1, 2], bucketCounts: ['3'] })] },
      },
      'invalid_buckets',
      1,
    ],
  ])('are counted: %s', (_, metric, reason, count) => {
    expect(rejected(metric)).toEqual({
      kept: [],
      rejections: [{ item: 'data_points', reason, count, message: expect.stringContaining('a run: ') }],
    });
  });

  it('cost no other point of their metric', () => {
    const { kept, rejections } = rejected({ name: 'g', gauge: { dataPoints: [point({ asDouble: 1 }), point({})] } });
    expect(kept).toEqual([1]);
    expect(rejections).toEqual([
      { item: 'data_points', reason: 'no_value', count: 1, message: 'a run: `g`: point 1 has no value (1 points)' },
    ]);
  });

  it('are dropped in silence where they say that nothing was recorded', () => {
    const dataPoints = [point({ flags: 1 }), point({ asDouble: 7, flags: 2 })];
    expect(rejected({ name: 'hw.host.power', gauge: { dataPoints } })).toEqual({ kept: [7], rejections: [] });
  });

  it('are those of a metric without data', () => {
    expect(rejected({ name: 'nothing' })).toEqual({ kept: [], rejections: [] });
  });
});

describe('a measured signal', () => {
  it.each([
    ['hw.host.power', 'power_watts', 'Infinity', 'not_a_number'],
    ['power_watts', 'power_watts', 'Infinity', 'not_a_number'],
    ['container.cpu.usage', 'cpu_usage_cores', -1, 'negative'],
    ['cpu_usage_cores', 'cpu_usage_cores', null, 'no_value'],
  ])('named %s is refused whole for a sample %s %s', (name, field, asDouble, reason) => {
    const dataPoints = [point({ asDouble: 5 }), point({ asDouble })];
    const other = { name: 'other', gauge: { dataPoints: [point({ asDouble: 'NaN' })] } };
    const { metrics, rejections, batch } = convertOne([{ name, gauge: { dataPoints } }, other]);
    expect(metrics.map((metric) => metric.descriptor.name)).toEqual(['other']);
    expect(rejections).toEqual([expect.objectContaining({ item: field, reason, count: 2 })]);
    expect(batch.resource.attributes[Attribute.refused]).toEqual([field]);
  });

  it.each([
    ['sum', 'no_temporality'],
    ['summary', 'unsupported_type'],
  ])('is refused as a %s that cannot be used', (type, reason) => {
    const metric = { name: 'hw.host.power', [type]: { dataPoints: [point({ asInt: 5 })] } };
    const refusedBefore = { key: Attribute.refused, value: { arrayValue: { values: [{ stringValue: 'end_time' }] } } };
    const { rejections, batch } = convertOne([metric], [scenario, refusedBefore as never]);
    expect(rejections).toEqual([expect.objectContaining({ item: 'power_watts', reason, count: 1 })]);
    expect(batch.resource.attributes[Attribute.refused]).toEqual(['end_time', 'power_watts']);
  });
});

describe('requests', () => {
  it('may hold any number of resources', () => {
    expect(convertRequest({})).toEqual([]);
    const { resourceMetrics } = requestWith([]);
    expect(convertRequest({ resourceMetrics: [...resourceMetrics, {}] })).toHaveLength(2);
  });

  it.each([
    [{ resourceMetrics: 5 }, '`resourceMetrics` must be a list, not 5'],
    [{ resourceMetrics: [null] }, '`resourceMetrics` must be an object, not null'],
    [requestWith([{ name: 5 }]), '`name` must be a string, not 5'],
    [requestWith([{ name: 'g', gauge: [] }]), '`gauge` must be an object, not []'],
    [requestWith([{ name: 'g', gauge: { dataPoints: {} } }]), '`dataPoints` must be a list, not {}'],
    [
      requestWith([{ name: 'g', gauge: { dataPoints: [point({ asDouble: 'much' })] } }]),
      '`asDouble` must be a number, not "much"',
    ],
    [
      requestWith([{ name: 'g', gauge: { dataPoints: [{ asInt: 1, timeUnixNano: -1 }] } }]),
      '`timeUnixNano` must be nanoseconds since 1970, not -1',
    ],
  ])('are malformed where a field is of a wrong type: %j', (request, message) => {
    expect(() => convertRequest(request)).toThrow(expect.objectContaining({ status: 400, message }));
  });
});

it('refuses power that nobody can be named for, and keeps the rest of the request', () => {
  const gauge = (name: string, asDouble: number) => ({
    name,
    gauge: { dataPoints: [{ timeUnixNano: '1', asDouble }] },
  });
  const scopeMetrics = [{ metrics: [gauge('hw.host.power', 5), gauge('queue.length', 3)] }];
  const body = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics }] }));
  const [run] = convertRequest(jsonCodec.decodeRequest(body));
  expect(run?.batch.scopeMetrics[0]?.metrics.map(({ descriptor }) => descriptor.name)).toEqual(['queue.length']);
  expect(run?.rejections).toEqual([
    {
      item: 'run',
      reason: 'no_name',
      message: '`hw.host.power` without the resource attribute `scenario` or `service.name`',
      count: 1,
    },
  ]);
});
