import { isDeepStrictEqual } from 'node:util';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestError } from '../answer.ts';
import { convertRequest, type OtlpRun } from '../otlp-run.ts';
import { loadProtobufCodec } from '../protobuf-codec.ts';
import { mutated, randomRequest } from './random-request.ts';
import { readRequest } from './request.ts';
import { Texts } from './texts.ts';

const codec = await loadProtobufCodec();
const texts = new Texts();

/** What comes of a request by way of protobufjs; undefined where it is refused as malformed. */
function reference(body: Buffer): OtlpRun[] | undefined {
  try {
    return convertRequest(codec.decodeRequest(body));
  } catch (error) {
    if (error instanceof RequestError) return undefined;
    throw error;
  }
}

const plain = (runs: readonly OtlpRun[] | undefined) =>
  runs?.map(({ batch: { resource, scopeMetrics }, rejections }) => ({
    ...{ attributes: resource.attributes, schemaUrl: resource.schemaUrl, scopeMetrics, rejections },
  }));

/** Reads a request directly; where that is not left to protobufjs, the same must come of it there. */
function readsAlike(body: Buffer): OtlpRun[] | undefined {
  const runs = readRequest(body, texts);
  if (!runs) return undefined;
  const [actual, expected] = [plain(runs), plain(reference(body))];
  if (!isDeepStrictEqual(actual, expected)) expect(actual, body.toString('hex')).toEqual(expected);
  return runs;
}

const seeds = fc.integer();

describe('a request that is read without protobufjs', () => {
  it('comes to the same to the bit, whatever is in it', () => {
    let [all, read, points, rejections] = [0, 0, 0, 0];
    fc.assert(
      fc.property(seeds, (seed) => {
        const runs = readsAlike(randomRequest(seed));
        all++;
        if (!runs) return;
        read++;
        const metrics = runs.flatMap(({ batch }) => batch.scopeMetrics.flatMap((scope) => scope.metrics));
        for (const { dataPoints } of metrics) points += dataPoints.length;
        for (const run of runs) rejections += run.rejections.length;
      }),
      { numRuns: 3000 },
    );
    expect(read / all).toBeGreaterThan(0.2);
    expect(Math.min(points, rejections)).toBeGreaterThan(500);
  });

  it('is well-formed: bytes that are changed, lost or added at random are refused or come to the same', () => {
    let [read, refused] = [0, 0];
    fc.assert(
      fc.property(seeds, seeds, (seed, mutation) => {
        const body = mutated(randomRequest(seed), mutation);
        if (readsAlike(body)) read++;
        else if (!reference(body)) refused++;
      }),
      { numRuns: 3000 },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(50);
  });

  it('may be cut off nowhere', () => {
    for (let seed = 0; seed < 50; seed++) {
      const body = randomRequest(seed);
      for (let length = 0; length < body.length; length++) readsAlike(body.subarray(0, length));
    }
  });
});

describe('what the SDK sends', () => {
  const value = { count: 3, sum: 5, min: 1, max: 2, buckets: { boundaries: [1, 2], counts: [1, 2, 0] } };
  const buckets = { offset: -1, bucketCounts: [1, 2] };
  const exponential = { count: 3, sum: 5, scale: -2, zeroCount: 1, positive: buckets, negative: buckets };
  const metric = (dataPointType: DataPointType, values: unknown[], attributes: object = {}) => ({
    ...{ descriptor: { name: `metric ${dataPointType}`, unit: '1', description: 'é', valueType: 1 } },
    ...{ dataPointType, aggregationTemporality: AggregationTemporality.DELTA, isMonotonic: true },
    dataPoints: values.map((one, index) => ({ startTime: [5, 6], endTime: [7, index], attributes, value: one })),
  });
  const { GAUGE, SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM } = DataPointType;
  const metrics = [
    metric(GAUGE, [1.5, -0, Number.NaN]),
    metric(SUM, [7, -7, 2 ** 40], { list: ['a', 'b'], negative: -5, large: 2 ** 50, yes: true, half: 0.5 }),
    metric(HISTOGRAM, [value, value], { 'a longer key, kept no better than the others': 'x'.repeat(100) }),
    metric(EXPONENTIAL_HISTOGRAM, [exponential]),
  ];

  it('is never left to protobufjs', () => {
    const resource = resourceFromAttributes({ scenario: 'a run', 'process.command_args': ['node', '--test'] });
    const scopeMetrics = [{ scope: { name: 'test', version: '1', schemaUrl: 'https://schema' }, metrics }];
    const sent = ProtobufMetricsSerializer.serializeRequest({ resource, scopeMetrics } as never) as Uint8Array;
    const runs = readsAlike(Buffer.from(sent));
    const received = runs?.flatMap(({ batch }) => batch.scopeMetrics.flatMap((scope) => scope.metrics)) ?? [];
    expect(received.map(({ dataPoints }) => dataPoints.map((point) => point.value))).toEqual([
      [1.5, -0, Number.NaN],
      [7, -7, 2 ** 40],
      [value, value],
      [exponential],
    ]);
  });
});
