import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import plugin from '../../plugins/receivers/http/index.ts';
import { createTestContext } from '../kit/context.ts';
import { mutated, randomRequest } from '../kit/random-request.ts';
import { hostileJson } from './arbitraries/hostile-json.ts';
import { hostileProtobuf } from './arbitraries/otlp-requests.ts';

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
/** Nothing, what is broken, and more than a body may have: each answer is seen, however the rest falls. */
const ALWAYS_TRIED = [Buffer.alloc(0), Buffer.from([0xff]), Buffer.alloc(5 * MIB)];

describe('whatever a sender sends', () => {
  it('is answered in JSON, at both paths', { timeout: 120_000 }, async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(hostileJson(2 * MIB), async (text) => {
        const body = Buffer.from(text);
        const note = `${body.length} bytes: ${body.toString().slice(0, 200)}`;
        for (const path of ['/v1/metrics', '/v1/results']) seen.add(await expectHandled(path, JSON_TYPE, body, note));
      }),
      { numRuns: 150, examples: [['{}'], ['{'], [' '.repeat(5 * MIB)]] },
    );
    expect([...seen].sort()).toEqual([200, 400, 413]);
  });

  it('is answered in protobuf', { timeout: 120_000 }, async () => {
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(hostileProtobuf(2 * MIB), fc.integer(), async (message, seed) => {
        for (const body of [message, mutated(randomRequest(seed, 0.05), seed)]) {
          const note = `${body.length} bytes: ${body.toString('hex', 0, 100)}`;
          seen.add(await expectHandled('/v1/metrics', PROTOBUF_TYPE, body, note));
        }
      }),
      {
        numRuns: 200,
        examples: ALWAYS_TRIED.map((body): [Buffer, number] => [body, 0]),
      },
    );
    expect([...seen].sort()).toEqual([200, 400, 413]);
  });

  it('leaves the next one unharmed', async () => {
    const body = Buffer.from('{"scenarios":[{"name":"good","step_seconds":1,"power_watts":[1,2]}]}');
    expect(await send('/v1/results', JSON_TYPE, body)).toMatchObject({ status: 200, runs: 1 });
  });
});
