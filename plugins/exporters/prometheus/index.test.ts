import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { allTaken, type DirectExporter, figure, hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, type TestContext } from '../../../test/kit/context.ts';
import { parseExposition, seriesValue } from '../../../test/kit/exposition.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const stages: DirectExporter[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage.shutdown?.(never);
});

interface Tested extends TestContext {
  consume(...runs: Run[]): Promise<void>;
  get(path?: string, init?: RequestInit): Promise<Response>;
  scrape(): Promise<string>;
}

async function start(config: object = {}): Promise<Tested> {
  const context = createTestContext();
  const parsed = plugin.configSchema.parse({ endpoint: '127.0.0.1:0', ...config });
  const stage = plugin.create(context.ctx, parsed) as DirectExporter;
  stages.push(stage);
  await stage.start?.(never);
  const url = /http:\/\/[^/]+/.exec(context.logs.join())?.[0];
  const get = (path = '/metrics', init?: RequestInit) => fetch(`${url}${path}`, init);
  return {
    ...context,
    get,
    scrape: async () => (await get()).text(),
    async consume(...runs) {
      expect(await stage.consume(runs, never)).toBe(allTaken);
    },
  };
}

const definition = { name: 'cost_total_load_aware', unit: '{USD}', description: 'A price\nin "USD"' };
function costing(value: number, attributes: Record<string, string | number>): Run {
  return Run.of(attributes, { figures: [figure(definition, value)] });
}
/** A request as it is sent and an answer as it comes, without fetch's own headers and decompression. */
async function request(url: string, method: string, accepted?: string) {
  const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
  const [response] = (await once(httpRequest(url, { method, headers }).end(), 'response')) as [IncomingMessage];
  const body = Buffer.concat(await response.toArray());
  return { headers: response.headers, body };
}
const metric = (name: string, type: DataPointType, points: { attributes: object; value: unknown }[], more = {}) =>
  ({
    descriptor: { name, unit: '', description: 'd', valueType: ValueType.DOUBLE },
    dataPointType: type,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
    dataPoints: points.map((point) => ({ startTime: [1, 0], endTime: [2, 0], ...point })),
    ...more,
  }) as unknown as MetricData;

describe('/metrics', () => {
  it('answers in the text format, with what the exporter itself measures', async () => {
    const { get, ctx } = await start();
    ctx.skip({ item: 'run', reason: 'no_name', message: '' });
    const response = await get();
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = parseExposition(await response.text());
    expect(seriesValue(samples, 'cost_exporter_alive')).toBe(1);
    expect(seriesValue(samples, 'wattline_skipped_total', { reason: 'no_name' })).toBe(1);
  });

  it('logs why an own metric cannot be collected, and has the others', async () => {
    const { scrape, ctx, logs } = await start();
    ctx.meter.createObservableGauge('wattline_broken').addCallback(() => {
      throw new Error('no such device');
    });
    expect(seriesValue(parseExposition(await scrape()), 'cost_exporter_alive')).toBe(1);
    expect(logs).toContain('error: an own metric cannot be collected: no such device');
  });

  it('has each figure with all digits, its labels, unit and description', async () => {
    const { consume, scrape } = await start();
    await consume(
      costing(0.014206965277777778, { scenario: 'a', region: 'us-east-1', bitrate: '5k', encoder: 'x264' }),
    );
    expect(await scrape()).toContain(
      [
        '# HELP cost_total_load_aware A price\\nin "USD"',
        '# UNIT cost_total_load_aware {USD}',
        '# TYPE cost_total_load_aware gauge',
        'cost_total_load_aware{scenario="a",region="us-east-1",bitrate="5k",encoder="x264"} 0.014206965277777778',
        '',
      ].join('\n'),
    );
  });

  it('escapes labels, so that any text comes back as it was', async () => {
    const { consume, scrape } = await start();
    const names = ['say "hi"', 'C:\\temp\\new', 'two\nlines', '\\n', '\\"', '},{', '😀 é', "it's; a=b"];
    await consume(...names.map((scenario, i) => costing(i, { scenario })));
    const text = await scrape();
    expect(text).toContain('{scenario="say \\"hi\\""} 0\n');
    expect(text).toContain('{scenario="C:\\\\temp\\\\new"} 1\n');
    expect(text).toContain('{scenario="two\\nlines"} 2\n');
    const samples = parseExposition(text);
    names.forEach((scenario, i) => {
      expect(seriesValue(samples, definition.name, { scenario })).toBe(i);
    });
  });

  it('gives 44 runs of one name one series, that of the last end, whatever the order', async () => {
    const { consume, scrape } = await start();
    const ends = Array.from({ length: 44 }, (_, i) => 1766947958 + ((i * 19) % 44));
    await consume(...ends.map((end) => costing(end, { scenario: 'a', 'run.end_time': end })));
    const samples = parseExposition(await scrape()).filter(({ name }) => name === definition.name);
    expect(samples).toEqual([{ name: definition.name, labels: { scenario: 'a' }, value: 1766947958 + 43 }]);
  });

  it('never has a series twice, and is valid, whatever the runs are', async () => {
    const { consume, scrape } = await start({ resource_labels: ['a', 'a.b', 'a_b', 'é'], include_samples: true });
    const word = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('a', '"', '\\', '\n', ''));
    const name = fc.constantFrom(
      'm',
      'm.x',
      'm_x',
      'm_total',
      'm_x_count',
      '1m',
      'cost_exporter_alive',
      'wattline_skipped_total',
      'é',
    );
    const attributes = fc.dictionary(fc.constantFrom('a', 'a.b', 'a_b', 'A', '1', 'le', '__x__', 'é', ''), word);
    const histogram = { buckets: { boundaries: [1, 2], counts: [1, 2, 3] }, count: 6, sum: 9 };
    const types = [DataPointType.GAUGE, DataPointType.SUM, DataPointType.HISTOGRAM];
    const data = fc
      .tuple(name, fc.constantFrom(...types), fc.array(attributes, { maxLength: 3 }))
      .map(([named, type, points]) =>
        metric(
          named,
          type,
          points.map((labels, value) => ({
            attributes: labels,
            value: type === DataPointType.HISTOGRAM ? histogram : value,
          })),
        ),
      );
    const power = samplesOf(hostPower, Series.regular([100, 0], 5, Float64Array.of(1, 2)));
    await fc.assert(
      fc.asyncProperty(attributes, fc.array(data, { maxLength: 4 }), async (resource, metrics) => {
        await consume(Run.of(resource, { samples: [power], metrics: [{ scope: { name: 'test' }, metrics }] }));
        expect(parseExposition(await scrape()).length).toBeGreaterThan(1);
      }),
      { numRuns: 200 },
    );
  });

  it('passes sums and histograms through', async () => {
    const { consume, scrape } = await start();
    const histogram = { buckets: { boundaries: [1, 2], counts: [1, 2, 3] }, count: 6, sum: 9.5 };
    await consume(
      Run.of(
        {},
        {
          metrics: [
            {
              scope: { name: 'test' },
              metrics: [
                metric('http.requests', DataPointType.SUM, [{ attributes: { 'http.route': '/a' }, value: 7 }]),
                metric('latency', DataPointType.HISTOGRAM, [{ attributes: { le: 'x' }, value: histogram }]),
              ],
            },
          ],
        },
      ),
    );
    const text = await scrape();
    expect(text).toContain('# TYPE http_requests_total counter\nhttp_requests_total{http_route="/a"} 7\n');
    expect(text).toContain('latency_count{exported_le="x"} 6\nlatency_sum{exported_le="x"} 9.5\n');
    expect(text).toContain('latency_bucket{exported_le="x",le="2"} 3\nlatency_bucket{exported_le="x",le="+Inf"} 6\n');
  });

  it('drops what has expired', async () => {
    const { consume, scrape } = await start({ metric_expiration: '50ms' });
    await consume(costing(1, { scenario: 'a' }));
    expect(await scrape()).toContain('cost_total_load_aware{');
    await expect.poll(scrape).not.toContain('cost_total_load_aware');
  });

  it('carries the ends of the runs in whole milliseconds where that is asked for', async () => {
    const { consume, scrape, ctx } = await start({ send_timestamps: true });
    await consume(costing(1, { scenario: 'a', 'run.end_time': 1766947958.1251214 }));
    ctx.skip({ item: 'run', reason: 'no_name', message: '' });
    const text = await scrape();
    expect(text).toContain('cost_total_load_aware{scenario="a"} 1 1766947958125\n');
    expect(text).toMatch(/^cost_exporter_alive 1 \d{13}$/m);
    expect(text).toMatch(/^wattline_skipped_total\{.*\} 1 \d{13}$/m);
    parseExposition(text);
  });
});

describe('the endpoint', () => {
  it('answers OK at /health, and to HEAD, and says what else there is', async () => {
    const { get } = await start();
    expect(await (await get('/health')).text()).toBe('OK');
    expect(await (await get('/metrics', { method: 'HEAD' })).text()).toBe('');
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', { method: 'POST' })).status).toBe(405);
  });

  it('answers in gzip where that is taken, with the same text, and HEAD with the same headers', async () => {
    const { consume, get } = await start();
    await consume(costing(1, { scenario: 'a' }), costing(2, { scenario: 'b' }));
    const { url } = await get();
    const plain = await request(url, 'GET');
    expect(plain.headers).toMatchObject({ vary: 'accept-encoding', 'content-length': String(plain.body.length) });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(String(plain.body)).toContain('cost_total_load_aware{scenario="b"} 2\n');
    for (const accepted of ['gzip', 'deflate, GZIP;q=0.5', 'br;q=1, gzip ; q=0.001']) {
      const { headers, body } = await request(url, 'GET', accepted);
      expect(headers).toMatchObject({ vary: 'accept-encoding', 'content-encoding': 'gzip' });
      expect(headers['content-length']).toBe(String(body.length));
      expect(String(gunzipSync(body))).toBe(String(plain.body));
      const head = await request(url, 'HEAD', accepted);
      expect(head.body.length).toBe(0);
      const { date, ...others } = head.headers;
      expect(headers).toMatchObject(others);
    }
    for (const accepted of ['gzip;q=0', 'gzip; q=0.000, deflate', 'identity', 'notgzip', '*']) {
      expect(String((await request(url, 'GET', accepted)).body)).toBe(String(plain.body));
    }
    expect((await request(url, 'HEAD')).headers).toMatchObject({ 'content-length': String(plain.body.length) });
  });

  it('closes with the exporter, which can be started again and keeps its series', async () => {
    const { ctx, logs } = createTestContext();
    const stage = plugin.create(ctx, plugin.configSchema.parse({ endpoint: '127.0.0.1:0' })) as DirectExporter;
    stages.push(stage);
    const url = () => /http:\/\/[^/]+\/metrics/.exec(logs.at(-1) ?? '')?.[0] as string;
    await stage.start?.(never);
    await stage.consume([costing(1, { scenario: 'a' })], never);
    await stage.shutdown?.(never);
    await expect(fetch(url())).rejects.toThrow();
    await stage.start?.(never);
    expect(await (await fetch(url())).text()).toContain('cost_total_load_aware{scenario="a"} 1\n');
  });

  it('is said to be taken where it is', async () => {
    const { get, ctx } = await start();
    const { port } = new URL((await get()).url);
    const second = plugin.create(createTestContext().ctx, plugin.configSchema.parse({ endpoint: `127.0.0.1:${port}` }));
    await expect(second.start?.(never)).rejects.toThrow(/is in use by another program/);
    expect(ctx.id).toBe('tested');
  });
});

it('with tokens shows metrics only to those who have one, and its health to everybody', async () => {
  const { get } = await start({ auth: { bearer_tokens: ['right'] } });
  const metrics = async (authorization: string) => (await get('/metrics', { headers: { authorization } })).status;
  expect([await metrics('Bearer right'), await metrics('Bearer wrong'), await metrics('')]).toEqual([200, 401, 401]);
  expect(await (await get('/health')).text()).toBe('OK');
});
