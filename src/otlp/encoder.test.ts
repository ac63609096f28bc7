import { readFileSync } from 'node:fs';
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { jsonEncoding, loadEncoder, protobufEncoding, type ReadResource } from './index.ts';

const encodeProtobuf = await loadEncoder('proto');
const encodeJson = await loadEncoder('json');

/** JSON as the SDK writes it does not carry the sign of 0. */
const unsignedZero = fc.double().map((value) => value + 0);
const anyInteger = fc.maxSafeInteger();
const anyCount = fc.maxSafeNat();
const anyText = fc.string({ unit: 'binary' });
const anyTime: fc.Arbitrary<HrTime> = fc.tuple(fc.integer({ min: 1, max: 18_446_744_072 }), fc.nat(999_999_999));
const anyFraction = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value));
const anyName = fc.string({ unit: 'binary', minLength: 1 }).filter((name) => name !== '__proto__');
const attributesWith = (...more: fc.Arbitrary<number>[]) =>
  fc.dictionary(
    anyName,
    fc.oneof(
      ...more,
      ...more.map((one) => fc.array(one)),
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

function pointsOf<T>(value: fc.Arbitrary<T>, attributes: fc.Arbitrary<Attributes>): fc.Arbitrary<DataPoint<T>[]> {
  const point = fc.record({ startTime: anyTime, endTime: anyTime, attributes, value });
  return fc.array(point, { minLength: 1, maxLength: 4 });
}

function anyMetric(double: fc.Arbitrary<number>, attributes: fc.Arbitrary<Attributes>): fc.Arbitrary<MetricData> {
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
    dataPoints: pointsOf(value, attributes),
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

function anyBatch(
  double: fc.Arbitrary<number>,
  ...inAttributes: fc.Arbitrary<number>[]
): fc.Arbitrary<ResourceMetrics> {
  const anyAttributes = attributesWith(...inAttributes);
  const scope = fc.oneof(
    fc.record({ name: anyText }),
    fc.record({ name: anyText, version: anyName, schemaUrl: anyName }),
  );
  const scopeMetrics = fc.array(
    fc.record({ scope, metrics: fc.array(anyMetric(double, anyAttributes), { maxLength: 3 }) }),
    {
      maxLength: 3,
    },
  );
  const resource = fc
    .tuple(anyAttributes, fc.option(anyName, { nil: undefined }))
    .map(([attributes, schemaUrl]) => resourceFromAttributes(attributes, schemaUrl ? { schemaUrl } : {}));
  return fc.record({ resource, scopeMetrics });
}

const plainOf = ({ resource, scopeMetrics }: Readonly<ResourceMetrics>) => ({
  resource: { attributes: resource.attributes, schemaUrl: resource.schemaUrl },
  scopeMetrics,
  rejected: [],
});

const { root } = protobuf.parse(readFileSync(new URL('./metrics.proto', import.meta.url), 'utf8'), { keepCase: false });
const request = root.lookupType('ExportMetricsServiceRequest');
/** A request as `protobufjs` understands it, which is no code of ours. */
const understood = (message: protobuf.Message) => request.toObject(message, { longs: String, defaults: true });
const NO_NUMBERS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

describe('what the SDK has', () => {
  it.each([
    ['in protobuf', encodeProtobuf, protobufEncoding(), fc.double()],
    ['in JSON', encodeJson, jsonEncoding, unsignedZero],
  ])(
    'arrives unchanged %s, any number of resources, to the bit and to the nanosecond',
    (_, encode, encoding, double) => {
      fc.assert(
        fc.property(fc.array(anyBatch(double), { maxLength: 3 }), (sent) => {
          const received: ReadResource[] = encoding.decodeRequest(encode(sent));
          expect(received).toEqual(sent.map(plainOf));
        }),
      );
    },
  );

  it('means the same in JSON, by the mapping of protobuf, as in protobuf, whatever is no number', () => {
    const double = fc.oneof(unsignedZero, fc.constantFrom(...NO_NUMBERS));
    const batch = anyBatch(double, fc.constantFrom(...NO_NUMBERS));
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 3 }), (sent) => {
        const text = Buffer.from(encodeJson(sent)).toString();
        JSON.parse(text, (key, value) => {
          expect(value, key).not.toBeNull();
          return value;
        });
        const fromJson = understood(request.decode(request.encode(request.fromObject(JSON.parse(text))).finish()));
        expect(fromJson).toEqual(understood(request.decode(encodeProtobuf(sent))));
      }),
    );
  });

  it('is written in JSON with text for what is no number, in attributes too', () => {
    const point = { startTime: [1, 0], endTime: [2, 0], attributes: { limit: Number.POSITIVE_INFINITY } };
    const dataPoints = [Number.NaN, Number.NEGATIVE_INFINITY].map((value) => ({ ...point, value }));
    const descriptor = { name: 'g', unit: '', description: '', valueType: ValueType.INT };
    const metric = { descriptor, dataPointType: DataPointType.GAUGE, aggregationTemporality: 1, dataPoints };
    const scopeMetrics = [{ scope: { name: 's' }, metrics: [metric as unknown as MetricData] }];
    const resource = resourceFromAttributes({ share: Number.NaN, lowest: [Number.NEGATIVE_INFINITY] });
    const bytes = encodeJson([{ resource, scopeMetrics }]);
    const text = Buffer.from(bytes).toString();
    expect(text).toContain('"asDouble":"NaN"');
    expect(text).toContain('"asDouble":"-Infinity"');
    expect(text).toContain('{"key":"limit","value":{"doubleValue":"Infinity"}}');
    expect(text).toContain('{"key":"share","value":{"doubleValue":"NaN"}}');
    expect(text).not.toContain('null');
    const [read] = jsonEncoding.decodeRequest(bytes);
    expect(read?.resource.attributes).toEqual({ share: Number.NaN, lowest: [Number.NEGATIVE_INFINITY] });
    expect(read?.scopeMetrics[0]?.metrics[0]?.dataPoints).toEqual(dataPoints);
  });
});

it.each([
  ['in protobuf', encodeProtobuf, protobufEncoding()],
  ['in JSON', encodeJson, jsonEncoding],
])('a whole number that 64 bits cannot hold is written as a double %s', (_, encode, encoding) => {
  const dataPoints = [2 ** 63, -1e20, 5].map((value) => ({
    startTime: [1, 0],
    endTime: [2, 0],
    attributes: {},
    value,
  }));
  const descriptor = { name: 'g', unit: '', description: '', valueType: ValueType.INT };
  const metric = { descriptor, dataPointType: DataPointType.GAUGE, aggregationTemporality: 1, dataPoints };
  const scopeMetrics = [{ scope: { name: 's' }, metrics: [metric as unknown as MetricData] }];
  const [read] = encoding.decodeRequest(encode([{ resource: resourceFromAttributes({ large: 1e20 }), scopeMetrics }]));
  expect(read?.resource.attributes).toEqual({ large: 1e20 });
  expect(read?.scopeMetrics[0]?.metrics[0]).toEqual({
    ...metric,
    descriptor: { ...descriptor, valueType: ValueType.DOUBLE },
  });
});

it.each([-5, 20_000_000_000, 1.7e12])(
  'a point at %d s since 1970 cannot be written, and is not written as another',
  (seconds) => {
    const time: HrTime = [seconds, 0];
    const metric = {
      descriptor: { name: 'late', unit: '', description: '', valueType: ValueType.DOUBLE },
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [{ startTime: time, endTime: time, attributes: {}, value: 1 }],
    } as const;
    const run = { resource: resourceFromAttributes({}), scopeMetrics: [{ scope: { name: 's' }, metrics: [metric] }] };
    for (const encode of [encodeProtobuf, encodeJson]) {
      expect(() => encode([run as unknown as ResourceMetrics])).toThrow(
        `a point of \`late\` is at ${seconds} s since 1970`,
      );
    }
  },
);

describe('a count of all 64 bits, which a double rounds up', () => {
  const all = '18446744073709551615';
  const point = { timeUnixNano: '1', count: all, bucketCounts: [all, '7'], explicitBounds: [1] };
  const metric = { name: 'a', histogram: { aggregationTemporality: 2, dataPoints: [point] } };
  const batch = { resourceMetrics: [{ resource: {}, scopeMetrics: [{ metrics: [metric] }] }] };
  const read = {
    'in JSON': jsonEncoding.decodeRequest(Buffer.from(JSON.stringify(batch))),
    'in protobuf': protobufEncoding().decodeRequest(request.encode(request.fromObject(batch)).finish()),
  };

  it.each(Object.entries(read))('that came %s is written as one that fits', (_, [first]) => {
    const sent = [first as unknown as ResourceMetrics];
    const valueIn = ([one]: readonly Pick<ResourceMetrics, 'scopeMetrics'>[]) =>
      one?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.value;
    const largest = { buckets: { boundaries: [1], counts: [2 ** 64 - 2048, 7] }, count: 2 ** 64 - 2048 };
    expect(valueIn(sent)).toMatchObject(largest);
    expect(valueIn(jsonEncoding.decodeRequest(encodeJson(sent)))).toMatchObject(largest);
    expect(valueIn(protobufEncoding().decodeRequest(encodeProtobuf(sent)))).toMatchObject(largest);
    const [, number = ''] = /"count":"?(\d+)/.exec(Buffer.from(encodeJson(sent)).toString()) ?? [];
    expect(BigInt(number) < 1n << 64n).toBe(true);
  });
});
