import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import plugin from '../../plugins/receivers/http/index.ts';
import { createTestContext } from '../kit/context.ts';
import { mutated, randomRequest } from '../kit/random-request.ts';

const compress = promisify(gzip);
const MIB = 1024 * 1024;
const LIMITS = { max_resources: 50, max_metrics: 100, max_points: 200, max_attributes: 500, max_runs: 100 };
const CONFIG = { endpoint: '127.0.0.1:0', max_request_body_size_mib: 4, max_run_size_mib: 1, ...LIMITS };
const never = new AbortController().signal;

const { ctx, runs, logs } = createTestContext();
const receiver = plugin.create(ctx, plugin.configSchema.parse(CONFIG));
let url = '';

beforeAll(async () => {
  await receiver.start?.(never);
  url = /http:\/\/127\.0\.0\.1:\d+/.exec(logs.splice(0).join())?.[0] ?? '';
});

afterAll(() => receiver.shutdown?.(never));

/** Sends a body compressed, as a bomb would come; returns the status, and what came through of it. */
async function send(path: string, type: string, body: Uint8Array) {
  runs.length = 0;
  const headers = { 'content-type': type, 'content-encoding': 'gzip' };
  const response = await fetch(url + path, { method: 'POST', headers, body: await compress(body, { level: 1 }) });
  const text = await response.text();
  return {
    status: response.status,
    text,
    runs: runs.length,
    points: runs.reduce((sum, { pointCount }) => sum + pointCount, 0),
  };
}

/** Whatever comes is taken, malformed or too much: never a fault, and never more than the limits allow. */
async function expectHandled(path: string, type: string, body: Uint8Array, note: string): Promise<number> {
  const { status, text, runs, points } = await send(path, type, body);
  expect([200, 400, 413], `${note}: ${text.slice(0, 200)}`).toContain(status);
  expect(
    logs.filter((line) => line.startsWith('error')),
    note,
  ).toEqual([]);
  expect(text.length, note).toBeLessThan(100_000);
  if (path === '/v1/results') expect(runs, note).toBeLessThanOrEqual(LIMITS.max_runs);
  else {
    expect(runs, note).toBeLessThanOrEqual(LIMITS.max_resources);
    expect(points, note).toBeLessThanOrEqual(LIMITS.max_points);
  }
  return status;
}

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';
const counts = fc.constantFrom(0, 1, 3, 99, 101, 5000, 200_000);

/** Names of fields, and of what objects have. */
const KEYS = [
  ...[
    'resourceMetrics',
    'resource_metrics',
    'resource',
    'scopeMetrics',
    'scope',
    'metrics',
    'gauge',
    'sum',
    'histogram',
  ],
  ...[
    'exponentialHistogram',
    'summary',
    'dataPoints',
    'attributes',
    'key',
    'value',
    'stringValue',
    'arrayValue',
    'values',
  ],
  ...[
    'kvlistValue',
    'bytesValue',
    'name',
    'unit',
    'timeUnixNano',
    'asDouble',
    'asInt',
    'flags',
    'bucketCounts',
    'schemaUrl',
  ],
  ...['explicitBounds', 'positive', 'aggregationTemporality', '__proto__', 'constructor', 'toString', 'scenarios'],
  ...['power_watts', 'cpu_usage_cores', 'step_seconds', 'start_time', 'duration', 'timestamps', 'streams', 'sampling'],
];

/** A piece of JSON, repeated or nested often. */
const hostileJson = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
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
    ),
    fc.tuple(tie('value'), counts).map(([item, count]) => `[${listOf(item, count)}]`),
    fc.constantFrom(100, 300, 50_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
    fc.constantFrom(100, 300, 20_000).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
    fc
      .array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), { maxLength: 6 })
      .map((entries) => `{${entries.map(([key, item]) => `"${key}":${item}`).join()}}`),
  ),
})).value;

/** As many items as fit into the largest body. */
function listOf(item: string, count: number): string {
  const most = Math.floor((2 * MIB) / (item.length + 1));
  return Array(Math.min(count, most)).fill(item).join();
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

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))];
const repeated = (bytes: Buffer, count: number) =>
  Buffer.alloc(bytes.length * Math.min(count, Math.floor((2 * MIB) / Math.max(1, bytes.length))), bytes);

/** A message in protobuf of any fields, repeated or nested often. */
const hostileProtobuf = fc.letrec<{ message: Buffer }>((tie) => ({
  message: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constant(Buffer.alloc(0)),
    fc
      .constantFrom([0x0a, 0], [0x12, 0], [0x40, 0], [0x0b], [0x0c], [0x19, 0, 0, 0, 0, 0, 0, 0, 1])
      .map((b) => Buffer.from(b)),
    fc.tuple(fc.integer({ min: 1, max: 12 }), tie('message')).map(([id, content]) => {
      return Buffer.concat([Buffer.from([(id << 3) | 2, ...varint(content.length)]), content]);
    }),
    fc.tuple(tie('message'), counts).map(([message, count]) => repeated(message, count)),
    fc.array(tie('message'), { maxLength: 4 }).map((messages) => Buffer.concat(messages)),
  ),
})).message;

describe('whatever a sender sends', () => {
  it('is answered in JSON, at both paths', { timeout: 120_000 }, async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(hostileJson, fc.constantFrom(...AROUND), async (value, around) => {
        const body = Buffer.from(around(value));
        const note = `${body.length} bytes: ${body.toString().slice(0, 200)}`;
        for (const path of ['/v1/metrics', '/v1/results']) seen.add(await expectHandled(path, JSON_TYPE, body, note));
      }),
      { numRuns: 150 },
    );
    expect([...seen].sort()).toEqual([200, 400, 413]);
  });

  it('is answered in protobuf', { timeout: 120_000 }, async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(hostileProtobuf, fc.integer(), async (message, seed) => {
        for (const body of [message, mutated(randomRequest(seed, 0.05), seed)]) {
          const note = `${body.length} bytes: ${body.toString('hex', 0, 100)}`;
          seen.add(await expectHandled('/v1/metrics', PROTOBUF_TYPE, body, note));
        }
      }),
      { numRuns: 200 },
    );
    expect([...seen].sort()).toEqual([200, 400, 413]);
  });

  it('leaves the next one unharmed', async () => {
    const body = Buffer.from('{"scenarios":[{"name":"good","step_seconds":1,"power_watts":[1,2]}]}');
    expect(await send('/v1/results', JSON_TYPE, body)).toMatchObject({ status: 200, runs: 1 });
  });
});
