import { describe, expect, it } from 'vitest';
import { jsonEncoding, OtlpError, OtlpLimitError, type OtlpLimits, protobufEncoding } from './index.ts';

const ENOUGH: OtlpLimits = { resources: 100, metrics: 100, points: 100, attributes: 100 };

/** The numbers of resources, metrics, points and attributes that a request reads as. */
async function read(body: Uint8Array, encoding = jsonEncoding, limits: Partial<OtlpLimits> = {}) {
  let [resources, metrics, points] = [0, 0, 0];
  for await (const list of encoding.readResources(body, { limits: { ...ENOUGH, ...limits } })) {
    for (const { scopeMetrics } of list) {
      resources++;
      for (const scope of scopeMetrics) {
        metrics += scope.metrics.length;
        for (const { dataPoints } of scope.metrics) points += dataPoints.length;
      }
    }
  }
  return { resources, metrics, points };
}

const inJson = (request: object) => Buffer.from(JSON.stringify(request));
const list = (item: string, count: number) => `[${Array(count).fill(item).join()}]`;
const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
const field = (id: number, content: Buffer = Buffer.alloc(0)) =>
  Buffer.concat([Buffer.from([(id << 3) | 2, ...varint(content.length)]), content]);
const repeated = (content: Buffer, count: number) => Buffer.alloc(content.length * count, content);

/** A request of a resource with an attribute, and a metric in it with a point that has one. */
const point = { timeUnixNano: '5', asDouble: 1, attributes: [{ key: 'b', value: { stringValue: 'c' } }] };
const resource = {
  resource: { attributes: [{ key: 'a', value: { stringValue: 'b' } }] },
  scopeMetrics: [{ metrics: [{ name: 'g', gauge: { dataPoints: [point] } }] }],
};

const KEY_VALUE = field(1, Buffer.concat([field(1, Buffer.from('k')), field(2, field(1, Buffer.from('v')))]));

describe('what may be made of a request', () => {
  it.each(['resources', 'metrics', 'points', 'attributes'] as const)('is limited in %s', async (what) => {
    const each = { resources: 1, metrics: 2, points: 1, attributes: 2 }[what];
    const body = inJson({ resourceMetrics: Array(10).fill(resource) });
    await expect(read(body, jsonEncoding, { [what]: 10 * each })).resolves.toMatchObject({ resources: 10, points: 10 });
    const refused = read(body, jsonEncoding, { [what]: 10 * each - 1 });
    await expect(refused).rejects.toThrow(`the request has more than ${10 * each - 1} ${what}`);
    await expect(refused).rejects.toMatchObject({ limit: what });
    await expect(refused).rejects.toBeInstanceOf(OtlpLimitError);
  });

  const EMPTY = Buffer.from([0x0a, 0]);
  it.each([
    ['resources', repeated(EMPTY, 101)],
    ['metrics', field(1, repeated(field(2), 101))],
    ['metrics', field(1, field(2, repeated(field(2), 101)))],
    ...[5, 7, 9, 10, 11].map(
      (kind) => ['points', field(1, field(2, field(2, field(kind, repeated(EMPTY, 101)))))] as const,
    ),
    ['attributes', field(1, field(1, repeated(EMPTY, 101)))],
    ['attributes', repeated(field(1, field(1, KEY_VALUE)), 101)],
  ] as const)('counts empty %s in protobuf, be they read in slices or in one go', async (what, request) => {
    const limits = { ...ENOUGH, resources: 1000, [what]: 100 };
    const padding = field(15, Buffer.alloc(130_000));
    for (const body of [request, Buffer.concat([padding, request])])
      await expect(read(body, protobufEncoding(), limits)).rejects.toMatchObject({ limit: what });
  });

  it.each([
    ['resources', `{"resourceMetrics":${list('{}', 101)}}`],
    ['metrics', `{"resourceMetrics":[{"scopeMetrics":${list('{}', 101)}}]}`],
    ['metrics', `{"resourceMetrics":[{"scopeMetrics":[{"metrics":${list('{}', 101)}}]}]}`],
    ['points', `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":${list('{}', 101)}}}]}]}]}`],
    ['attributes', `{"resourceMetrics":[{"resource":{"attributes":${list('{}', 101)}}}]}`],
  ] as const)('counts empty %s in JSON: %#', async (what, text) => {
    await expect(read(Buffer.from(text))).rejects.toMatchObject({ limit: what });
  });
});

describe('what is read in one go', () => {
  const limits = { resources: 1e9, metrics: 1e9, points: 1e9, attributes: 1e9 };
  const MANY = 30_000;
  const inPoint = (content: Buffer) => field(1, field(2, field(2, field(5, field(1, content)))));
  const histogram = (content: Buffer) => field(1, field(2, field(2, field(10, field(1, content)))));

  it.each([
    ['attributes of one resource', field(1, field(1, repeated(KEY_VALUE, MANY)))],
    ['items of an attribute', field(1, field(1, field(1, field(2, field(5, repeated(field(1), MANY))))))],
    ['repetitions of a field', inPoint(repeated(Buffer.from([0x40, 0]), MANY))],
    ['buckets', histogram(field(8, field(2, Buffer.alloc(3 * MANY, 1))))],
    ['buckets, one by one', histogram(field(8, repeated(Buffer.from([0x10, 1]), MANY)))],
  ])('holds no more than 10,000 %s in protobuf', async (_, body) => {
    await expect(read(body, protobufEncoding(), limits)).rejects.toThrow(/holds more than 10000 values$/);
  });

  it.each([
    ['attributes of one resource', `{"resourceMetrics":[{"resource":{"attributes":${list('{}', MANY)}}}]}`],
    [
      'items of an attribute',
      `{"resourceMetrics":[{"resource":{"attributes":[{"key":"k","value":{"arrayValue":{"values":${list('{}', MANY)}}}}]}}]}`,
    ],
    ['values of a field that nobody knows', `{"unknown":${list('[]', MANY)}}`],
  ])('holds no more than 10,000 %s in JSON', async (_, text) => {
    await expect(read(Buffer.from(text), jsonEncoding, limits)).rejects.toThrow(/holds more than 10000 values$/);
  });

  it('is nested no more than 100 levels deep, whatever it is', async () => {
    const nested = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const place of [`{"unknown":${nested}}`, `{"resourceMetrics":[{"scopeMetrics":[{"name":${nested}}]}]}`])
      await expect(read(Buffer.from(place), jsonEncoding, limits)).rejects.toThrow('nested more than 100 levels deep');
    await expect(read(repeated(Buffer.from([0x7b]), 1_000_000), protobufEncoding())).rejects.toThrow(OtlpError);
  });
});

it('gives others a turn while it reads', async () => {
  const points = Array(100_000).fill(point);
  const body = inJson({
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'g', gauge: { dataPoints: points } }] }] }],
  });
  let turns = 0;
  const turn = () => {
    turns++;
    immediate = setImmediate(turn);
  };
  let immediate = setImmediate(turn);
  await read(body, jsonEncoding, { points: 1e9, attributes: 1e9 });
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(1);
});
