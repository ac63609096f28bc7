import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { afterEach, describe, expect, it } from 'vitest';
import { allTaken, deferAll, type Outcome, type Run, refuseAll, type SourceContext } from 'wattline/plugin';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { sumsIn } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import { first, type PlainSeries, posted, second, writeRequest } from '../../../test/kit/remote-write.ts';
import energy from '../../processors/energy/index.ts';
import live from '../../processors/live/index.ts';
import totals from '../../processors/totals/index.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A receiver on a free port of loopback. */
async function started(config: object = {}, options: TestContextOptions = {}) {
  const context = createTestContext(options);
  const receiver = plugin.create(context.ctx, plugin.configSchema.parse({ endpoint: '127.0.0.1:0', ...config }));
  await receiver.start?.(never);
  closing.push(() => receiver.shutdown?.(AbortSignal.abort()));
  const url = /remote write at (\S+)/.exec(context.logs.join('\n'))?.[1] as string;
  const send = async (init: RequestInit) => {
    const answer = await fetch(url, init);
    return { status: answer.status, text: await answer.text(), headers: answer.headers };
  };
  const write = (message: typeof first | typeof second, ...series: PlainSeries[]) =>
    send(posted(message, writeRequest(message, series)));
  return { ...context, receiver, url, send, write };
}

const NOW = 1_790_000_000_000;
const series = (labels: Readonly<Record<string, string>>, ...values: number[]): PlainSeries => ({
  labels: Object.entries(labels),
  samples: values.map((value, index) => ({ timestamp: NOW + index * 15_000, value })),
});
const kepler = (zone: string, ...values: number[]) =>
  series({ __name__: 'kepler_node_cpu_joules_total', instance: '10.1.2.3:9102', job: 'kepler', zone }, ...values);
const written = ({ headers }: { headers: Headers }) =>
  ['samples', 'histograms', 'exemplars'].map((what) => headers.get(`x-prometheus-remote-write-${what}-written`));

describe.each([first, second])('%s', (message) => {
  it('is handed on by target, and answered once that is safe', async () => {
    const gate = Promise.withResolvers<void>();
    const { runs, write } = await started({}, { next: () => gate.promise });
    const up = series({ __name__: 'up', instance: 'localhost:9100', job: 'node' }, 1);
    const sent = write(message, kepler('package-0', 1, 2), up, kepler('dram', 3));
    expect(await Promise.race([sent, sleep(100, 'waits')])).toBe('waits');
    gate.resolve();
    const answer = await sent;
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(written(answer)).toEqual(message === second ? ['4', '0', '0'] : [null, null, null]);
    expect(runs.map(({ attributes, pointCount }) => [attributes, pointCount])).toEqual([
      [{ 'service.name': 'kepler', 'service.instance.id': '10.1.2.3:9102', 'server.address': '10.1.2.3' }, 3],
      [{ 'service.name': 'node', 'service.instance.id': 'localhost:9100' }, 1],
    ]);
  });

  it('is answered 400 for what is refused for good, with the target, the reason and the cause, and 503 for what is deferred', async () => {
    let outcome = (runs: readonly Run[]): Outcome =>
      refuseAll(runs.slice(0, 1), 'no_identity', 'nothing tells http://10.0.0.9:9090 from others');
    const { write, skips, ownMetric } = await started({}, { next: (runs) => outcome(runs) });
    const other = series({ __name__: 'up', instance: 'b:9100', job: 'node' }, 1);
    const answer = await write(message, kepler('package-0', 1, 2), other, series({ __name__: 'up', '': 'x' }, 5));
    expect(answer.status).toBe(400);
    expect(answer.text).toBe(
      '3 of 4 samples are refused for good, and the others taken: up{="x"} has a label without a name; ' +
        '{job="kepler", instance="10.1.2.3:9102"}: nothing tells a server from others (no_identity)',
    );
    expect(written(answer)[0]).toBe(message === second ? '1' : null);
    expect(skips.map(({ item, reason }) => `${item} ${reason}`)).toEqual(['run no_identity', 'series no_label_name']);
    expect(await ownMetric('wattline_skipped_total', { reason: 'no_label_name' })).toBe(1);
    outcome = (runs) => deferAll(runs, new Error('the queue is full'));
    const deferred = await write(message, other);
    expect([deferred.status, deferred.text, deferred.headers.get('retry-after')]).toEqual([
      503,
      'the queue is full',
      '1',
    ]);
  });

  it('tells of native histograms and exemplars once, and takes the rest', async () => {
    const { write, skips, runs } = await started();
    const samples = [{ timestamp: NOW, value: 1 }];
    const all = { ...kepler('dram'), samples, exemplars: samples, histograms: [{ timestamp: NOW }] };
    for (let time = 0; time < 2; time++) expect((await write(message, all)).status).toBe(204);
    expect(skips.map(({ item, reason }) => `${item} ${reason}`)).toEqual([
      'kepler_node_cpu_joules_total native_histogram',
      'kepler_node_cpu_joules_total exemplar',
    ]);
    expect(runs).toHaveLength(2);
  });
});

describe('a request', () => {
  it('is told what it should be like where it is not', async () => {
    const { send, url } = await started({ path: '/write', max_request_body_size: 1000, max_samples: 2 });
    expect(new URL(url).pathname).toBe('/write');
    const body = writeRequest(first, [kepler('dram', 1, 2)]);
    const good = posted(first, body);
    const answers: [object, number, string][] = [
      [good, 204, ''],
      [
        { headers: { ...good.headers, 'content-type': 'application/x-protobuf;proto=prometheus.WriteRequest' } },
        204,
        '',
      ],
      [
        { headers: { ...good.headers, 'content-type': 'application/json' } },
        415,
        '`application/json` is not taken here',
      ],
      [
        { headers: { ...good.headers, 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' } },
        415,
        'send application/x-protobuf (version 1.0) or',
      ],
      [{ headers: { ...good.headers, 'content-encoding': 'br' } }, 415, 'the content encoding `br` is not taken here'],
      [{ headers: { ...good.headers, 'content-encoding': 'gzip' }, body: gzipSync(body) }, 204, ''],
      [{ body: Buffer.from([5, 0]) }, 400, 'the body cannot be read: snappy: corrupt input'],
      [{ body: Buffer.alloc(5, 0xff) }, 400, 'it is no snappy: it does not begin with its length'],
      [{ body: Buffer.from([100, 0, 1]) }, 400, 'it is no snappy: it says that it is longer than it can be'],
      [{ body: compressSync(Buffer.alloc(1001)) }, 413, 'which is max_request_body_size'],
      [
        { body: compressSync(Buffer.from([0x0a, 5, 1])) },
        400,
        'the body is not valid remote write: byte 2: a field goes beyond the end of what it is in',
      ],
      [posted(first, writeRequest(first, [kepler('dram', 1, 2, 3)])), 413, 'more than 2 samples, which is max_samples'],
    ];
    for (const [init, status, text] of answers) {
      const answer = await send({ ...good, ...init });
      expect([answer.status, answer.text]).toEqual([status, status === 204 ? '' : expect.stringContaining(text)]);
    }
    const nothing = await send({
      method: 'POST',
      body: good.body,
      headers: { 'content-encoding': 'snappy', 'content-type': '' },
    });
    expect([nothing.status, nothing.text]).toEqual([415, expect.stringContaining('there is no content type')]);
  });

  it('whose resource is large goes on in parts', async () => {
    const { write, runs } = await started();
    const many = Array.from({ length: 6000 }, (_, index) => kepler(`zone-${index}`, index));
    expect((await write(first, ...many)).status).toBe(204);
    expect(runs.map(({ pointCount }) => pointCount)).toEqual([5000, 1000]);
  });
});

describe('in front of live and totals', () => {
  /** A receiver with what counts streams behind it. */
  async function counting(config: object = {}) {
    const end = createTestContext();
    const storages = { file_storage: memoryStorage() };
    let next: SourceContext['next'] = end.ctx.next;
    for (const [processor, settings] of [
      [totals, { storage: 'file_storage' }],
      [energy, {}],
      [live, { storage: 'file_storage' }],
    ] as const) {
      const behind = next;
      const { ctx } = createTestContext({ storages, next: (runs, signal) => behind.consume(runs, signal) });
      const stage = processor.create(ctx, processor.configSchema.parse(settings) as never);
      await stage.start?.(never);
      closing.push(() => stage.shutdown?.(never));
      next = stage;
    }
    const counted = next;
    const receiver = await started(config, { next: (runs, signal) => counted.consume(runs, signal) });
    const joules = () =>
      Object.entries(sumsIn(end.runs))
        .filter(([name]) => name.startsWith('energy_joules'))
        .reduce((sum, [, value]) => sum + value, 0);
    return { ...receiver, joules, end };
  }
  const at = (seconds: number, one: PlainSeries): PlainSeries => ({
    ...one,
    samples: (one.samples ?? []).map(({ timestamp, value }) => ({ timestamp: timestamp + seconds * 1000, value })),
  });

  it.each([first, second])(
    '%s: the meters of one host that shards split over requests are of one host, and a request that comes again counts nothing',
    async (message) => {
      const { write, joules, end } = await counting();
      const [a, b] = [(one: number) => kepler('package-0', one), (one: number) => kepler('package-1', one)];
      const dcgm = (one: number) =>
        series(
          {
            __name__: 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION',
            instance: '10.1.2.3:9400',
            job: 'dcgm',
            UUID: 'GPU-1',
            Hostname: 'a',
          },
          one,
        );
      await Promise.all([write(message, a(100)), write(message, b(1000), dcgm(5_000_000))]);
      await Promise.all([write(message, at(15, b(1030))), write(message, at(15, a(150)), at(15, dcgm(5_007_000)))]);
      expect((await write(message, at(15, b(1030)))).status).toBe(204);
      expect(joules()).toBeCloseTo(50 + 30 + 7, 9);
      const scenarios = new Set(
        end.runs.flatMap(({ scopeMetrics }) =>
          scopeMetrics.flatMap(({ metrics }) =>
            metrics.flatMap(({ dataPoints }) => dataPoints.map(({ attributes }) => attributes.scenario)),
          ),
        ),
      );
      expect([...scenarios]).toEqual(['10.1.2.3']);
    },
  );

  it('labels that are named become attributes of the resource, and those of replicas go', async () => {
    const { write, joules, end } = await counting({ resource_labels: { node: 'k8s.node.name' } });
    const scaphandre = (instance: string, replica: string, value: number) =>
      series(
        {
          __name__: 'scaph_host_energy_microjoules',
          instance,
          job: 'scaphandre',
          node: 'node-a',
          prometheus_replica: replica,
        },
        value,
      );
    for (const [seconds, value] of [
      [0, 1e6],
      [15, 5e6],
      [30, 9e6],
    ] as const) {
      for (const [replica, later] of [
        ['a', 0],
        ['b', 2],
      ] as const) {
        const answer = await write(
          first,
          at(seconds + later, scaphandre('10.1.2.9:8080', replica, value + later * 1e5)),
        );
        expect([answer.status, answer.text]).toEqual([204, '']);
      }
    }
    expect(joules()).toBeCloseTo(8.2, 9);
    const [run] = end.runs;
    expect(JSON.stringify(run?.scopeMetrics)).toContain('node-a');
  });

  it('what cannot be told from others is refused by name', async () => {
    const { write } = await counting();
    const answer = await write(
      second,
      series({ __name__: 'rapl_power_watts', job: 'node', instance: 'localhost:9100' }, 5),
    );
    expect([answer.status, written(answer)[0]]).toEqual([400, '0']);
    expect(answer.text).toMatch(
      /^1 of 1 samples are refused .*\{job="node", instance="localhost:9100"\}: .*\(no_identity\)$/,
    );
  });
});

it('two receivers keep nothing of each other', async () => {
  const [one, other] = [await started(), await started({}, { next: () => allTaken })];
  await one.write(first, kepler('dram', 1));
  expect(other.runs).toEqual([]);
});
