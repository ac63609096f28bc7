import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { uncompressSync } from 'snappy';
import { afterEach, describe, expect, it } from 'vitest';
import { figure, hostPower, type QueuedExporter, Run, Series, samplesOf, toHrTime } from 'wattline/plugin';
import { SendingQueue } from '../../../src/pipeline/sending-queue.ts';
import { allTaken, type Outcome } from '../../../src/plugin/index.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { describeWithPeers, startPrometheus, startVictoriaMetrics } from '../../../test/kit/peers.ts';
import { decode, first, second } from '../../../test/kit/remote-write.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Request {
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** What a server answers: a status, and what it says. */
type Answer = readonly [status: number, text?: string, headers?: Record<string, string>];

/** A server that answers as it is told, 204 by default, and keeps what it has read. */
async function server(answer: (request: Request, count: number) => Answer = () => [204]) {
  const requests: Request[] = [];
  const listening = createServer(async (request, response) => {
    const bytes = uncompressSync(Buffer.concat(await request.toArray()), { asBuffer: true }) as Buffer;
    const message = request.headers['content-type']?.includes('v2') ? second : first;
    requests.push({ headers: request.headers, body: decode(message, bytes) });
    const [status, text = '', headers = {}] = answer(requests.at(-1) as Request, requests.length);
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    listening.closeAllConnections();
    listening.close();
  });
  return { requests, url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/api/v1/write` };
}

async function exporterTo(endpoint: string, config: object = {}) {
  const context = createTestContext();
  const parsed = plugin.configSchema.parse({ endpoint, ...config });
  const exporter = plugin.create(context.ctx, parsed) as QueuedExporter;
  await exporter.start?.(never);
  closing.push(() => exporter.shutdown?.(never));
  return { ...context, exporter, send: (...runs: Run[]) => exporter.send(runs, never) };
}

/** The same behind its queue. */
async function queuedTo(endpoint: string) {
  const retry_on_failure = { initial_interval: '1ms', max_interval: '1ms', randomization_factor: 0 };
  const { ctx, logs, exporter } = await exporterTo(endpoint, { retry_on_failure });
  const count = () => {};
  const queue = new SendingQueue(exporter, { logger: ctx.logger, maxElapsedTime: 0, count } as never);
  closing.push(() => queue.shutdown(AbortSignal.abort()));
  return { logs, consume: (...runs: Run[]): Promise<Outcome> => queue.consume(runs, never) };
}

const NOW = Math.floor(Date.now() / 1000) - 60;
const cost = { name: 'cost_total_load_aware', unit: 'USD', description: 'a cost' };
const run = (scenario: string, ended: number, value: number) =>
  Run.of(
    { scenario, region: 'us-east-1', 'run.end_time': ended, 'run.resolution': '1080p' },
    {
      samples: [samplesOf(hostPower, Series.regular(toHrTime(ended - 10), 10, Float64Array.of(1, 2)))],
      figures: [figure(cost, value)],
    },
  );
const service = (seconds: number, value: number) =>
  liveRun(
    { 'service.name': 'shop', 'service.namespace': 'eu', 'service.instance.id': 'i-1', 'host.name': 'node-a' },
    liveMetric('requests', 'counter', [{ at: seconds, value, attributes: { code: 200 } }]),
  );

/** The series of a request as texts, with their samples. */
function seriesIn({ body }: Request): Record<string, [number, number][]> {
  const { timeseries, symbols = [] } = body as {
    timeseries: {
      labels?: { name: string; value: string }[];
      labelsRefs?: number[];
      samples: { timestamp: number; value: number }[];
    }[];
    symbols?: string[];
  };
  return Object.fromEntries(
    timeseries.map(({ labels, labelsRefs = [], samples }) => {
      const texts = labels?.flatMap(({ name, value }) => [name, value]) ?? labelsRefs.map((ref) => symbols[ref]);
      const pairs = Array.from({ length: texts.length / 2 }, (_, at) => `${texts[2 * at]}=${texts[2 * at + 1]}`);
      return [pairs.join(), samples.map(({ timestamp, value }) => [timestamp, value] as [number, number])];
    }),
  );
}

const written = { 'x-prometheus-remote-write-samples-written': '1' };

describe.each([first, second])('%s', (protobuf_message) => {
  it('sends the series that the prometheus exporter shows, with their own times', async () => {
    const { requests, url } = await server(() => [
      204,
      '',
      { ...written, 'x-prometheus-remote-write-samples-written': '5' },
    ]);
    const { send } = await exporterTo(url, {
      protobuf_message,
      include_samples: true,
      resource_labels: ['run.resolution'],
      external_labels: { site: 'lab', region: 'nowhere' },
      target_info: { enabled: true },
      headers: { 'x-scope-orgid': 'tenant', 'content-type': 'text/plain' },
    });
    expect(await send(run('a', NOW, 5), service(NOW + 1, 7))).toEqual({ refused: [], deferred: [], rejectedPoints: 0 });
    const [request] = requests;
    const common = 'region=us-east-1,run_resolution=1080p,scenario=a,site=lab';
    expect(seriesIn(request as Request)).toEqual({
      [`__name__=cost_total_load_aware,${common}`]: [[NOW * 1000, 5]],
      [`__name__=hw_host_power_watts,${common}`]: [
        [(NOW - 10) * 1000, 1],
        [NOW * 1000, 2],
      ],
      '__name__=requests_total,code=200,host_name=node-a,region=nowhere,scenario=shop,service_instance_id=i-1,service_namespace=eu,site=lab':
        [[(NOW + 1) * 1000, 7]],
      '__name__=target_info,host_name=node-a,instance=i-1,job=eu/shop': [[(NOW + 1) * 1000, 1]],
    });
    expect(request?.headers).toMatchObject({
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': protobuf_message === first ? '0.1.0' : '2.0.0',
      'x-scope-orgid': 'tenant',
    });
    expect(request?.headers['content-type']).toMatch(/^application\/x-protobuf/);
  });
});

describe('what a server answers', () => {
  it('is waited for, so that nothing overtakes what is sent again, as long as the server asks', async () => {
    let down = true;
    const { requests, url } = await server(() => (down ? [503, 'busy', { 'retry-after': '1' }] : [204]));
    const { consume, logs } = await queuedTo(url);
    const one = consume(run('a', NOW, 1));
    await expect.poll(() => requests.length).toBe(1);
    const other = consume(run('a', NOW + 1, 2));
    await sleep(300);
    expect(requests).toHaveLength(1);
    down = false;
    expect(await Promise.all([one, other])).toEqual([allTaken, allTaken]);
    const times = requests
      .flatMap((request) => Object.values(seriesIn(request)).flat())
      .map(([time]) => time / 1000 - NOW);
    expect(times).toEqual([0, 0, 1]);
    expect(logs.join('\n')).toContain('answered 503: busy');
  });

  it('400 refuses what is at fault alone, and names it with what the server says', async () => {
    const { url } = await server(({ body }) =>
      JSON.stringify(body).includes('"bad"') ? [400, 'out of order sample'] : [204],
    );
    const { consume } = await queuedTo(url);
    const outcomes = await consume(run('a', NOW, 1), run('bad', NOW - 7200, 2), run('c', NOW, 3));
    expect(outcomes.deferred).toEqual([]);
    expect(outcomes.refused.map(({ run: { scenario }, message }) => `${scenario}: ${message}`)).toEqual([
      `bad: bad is not taken, of the series cost_total_load_aware{region="us-east-1", scenario="bad"}: ${url} answered 400: out of order sample`,
    ]);
  });

  it.each([
    [404, 'BlockedError', 'set `endpoint` to the full URL'],
    [401, 'BlockedError', 'set `headers`'],
    [415, 'BlockedError', 'set `protobuf_message` to what it takes'],
    [413, 'RejectedError', 'answered 413'],
    [429, 'Error', 'answered 429'],
  ])('%i is a %s', async (status, name, message) => {
    const { url } = await server(() => [status]);
    const { send } = await exporterTo(url);
    await expect(send(run('a', NOW, 1))).rejects.toMatchObject({ name, message: expect.stringContaining(message) });
  });

  it('of version 2.0 says how much was written: a server that says nothing does not know it', async () => {
    let headers: Record<string, string> = { 'x-prometheus-remote-write-samples-written': '1' };
    const { url } = await server(() => [204, '', headers]);
    const { send } = await exporterTo(url, { protobuf_message: second });
    expect(await send(run('a', NOW, 1), run('b', NOW, 1))).toMatchObject({ rejectedPoints: 1 });
    headers = {};
    await expect(send(run('a', NOW, 1))).rejects.toThrow('set `protobuf_message: prometheus.WriteRequest`');
  });
});

it('sends the other parts of a long run where one is refused', async () => {
  const { requests, url } = await server(() => (requests.length === 1 ? [400, 'out of order sample'] : [204]));
  const { send } = await exporterTo(url, { max_batch_size_bytes: 10, include_samples: true });
  await expect(send(run('a', NOW, 1))).rejects.toMatchObject({ name: 'RejectedError' });
  expect(requests.flatMap((request) => Object.keys(seriesIn(request)))).toHaveLength(2);
});

it('parts what is longer than a request may be, and describes metrics once a minute where it is asked to', async () => {
  const { requests, url } = await server();
  const { send } = await exporterTo(url, { max_batch_size_bytes: 300, send_metadata: true });
  await send(...Array.from({ length: 4 }, (_, index) => run(`run-${index}`, NOW, index)));
  expect(requests.length).toBeGreaterThan(1);
  expect(requests.flatMap((request) => Object.keys(seriesIn(request)))).toHaveLength(4);
  expect(requests.flatMap(({ body }) => body.metadata)).toContainEqual(
    expect.objectContaining({ metricFamilyName: cost.name, type: 2 }),
  );
  const before = requests.length;
  await send(run('later', NOW, 1));
  expect(requests.slice(before).flatMap(({ body }) => body.metadata)).toEqual([]);
});

it('takes all resource attributes as labels where that is asked for', async () => {
  const { requests, url } = await server();
  const { send } = await exporterTo(url, { resource_to_telemetry_conversion: { enabled: true } });
  await send(service(NOW, 1));
  expect(Object.keys(seriesIn(requests[0] as Request))[0]).toContain('service_name=shop,service_namespace=eu');
});

interface QueryAnswer {
  readonly data: {
    readonly result: readonly { metric: Record<string, string>; values: [time: number, value: string][] }[];
  };
}

describeWithPeers('real servers', ['prometheus', 'victoria-metrics'], () => {
  it.each([
    ['Prometheus', () => startPrometheus('{}', undefined, ['--web.enable-remote-write-receiver'])],
    ['VictoriaMetrics', () => startVictoriaMetrics()],
  ])('%s stores values and times as they are, and what it refuses is named', async (name, start) => {
    const peer = await start();
    closing.push(() => peer.stop());
    const { consume } = await queuedTo(`${peer.url}/api/v1/write`);
    const values = [0.1, 12_345.678_9, 1e-7];
    expect(await consume(...values.map((value, index) => run(`run-${index}`, NOW + index, value)))).toEqual(allTaken);
    const stored = async () => {
      const query = new URLSearchParams({ query: `${cost.name}[1h]`, time: String(NOW + 50) });
      const answer = (await (await fetch(`${peer.url}/api/v1/query?${query}`)).json()) as QueryAnswer;
      const found = answer.data.result.map(({ metric, values: all }) => {
        return [metric.scenario, all.map(([time, value]) => [time, Number(value)])];
      });
      return Object.fromEntries(found);
    };
    const all = Object.fromEntries(values.map((value, index) => [`run-${index}`, [[NOW + index, value]]]));
    await expect.poll(stored, { timeout: 30_000 }).toEqual(all);
    // The same once more, as after an answer that was lost.
    expect(await consume(run('run-0', NOW, 0.1))).toEqual(allTaken);
    if (name !== 'Prometheus') return;
    const { refused } = await consume(run('run-0', NOW - 30, 7), run('run-9', NOW, 1));
    expect(refused.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^run-0 is not taken, .*out of order/),
    ]);
    expect(await stored()).toEqual({ ...all, 'run-9': [[NOW, 1]] });
  });
});
