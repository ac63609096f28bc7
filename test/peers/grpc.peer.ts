import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { protobufEncoding } from 'wattline/otlp';
import { createCertificates } from '../kit/certificates.ts';
import { freePort } from '../kit/wattline-process.ts';
import { pointsIn, startCollector } from './collector.ts';
import { sendCounters } from './counting-sdk.ts';
import { type Machine, startMachine } from './machine.ts';
import { peers } from './peers.ts';
import { useCpu } from './python-sdk.ts';
import { startPipeline, usdPerCoreHour, valuing } from './wattline.ts';

const grpcAt = (endpoint: string, more: object = {}) => ({ otlp: { protocols: { grpc: { endpoint, ...more } } } });
const freeAddress = async () => `127.0.0.1:${await freePort()}`;

/** Starts a Collector that sends by gRPC what a machine uses. */
async function startSending({ root }: Machine, otlp: object) {
  const config = {
    receivers: {
      host_metrics: { collection_interval: '200ms', initial_delay: '0s', root_path: root, scrapers: { cpu: {} } },
    },
    processors: { resource: { attributes: [{ key: 'host.name', value: 'node-a', action: 'upsert' }] } },
    exporters: {
      otlp_grpc: { retry_on_failure: { initial_interval: '200ms' }, ...otlp },
      debug: { verbosity: 'detailed' },
    },
    service: {
      pipelines: {
        metrics: { receivers: ['host_metrics'], processors: ['resource'], exporters: ['otlp_grpc', 'debug'] },
      },
    },
  };
  const collector = await startCollector(JSON.stringify(config));
  /** Resolves when it has read that many core-seconds. */
  const hasRead = (seconds: number) =>
    expect
      .poll(() =>
        pointsIn(collector.logs()).some(
          ({ metric, value }) => metric === 'system.cpu.time' && Math.abs(value - seconds) < 1e-6,
        ),
      )
      .toBe(true);
  return { ...collector, hasRead };
}

/** Has a machine use 1.6 core-seconds while a Collector sends, and returns what Wattline makes of it. */
async function counted(endpoint: string, settings: { readonly receiver?: object; readonly exporter: object }) {
  const wattline = await startPipeline({ receivers: grpcAt(endpoint, settings.receiver) });
  const machine = await startMachine({ cpu: 800 });
  const collector = await startSending(machine, { endpoint, ...settings.exporter });
  for (const cpu of [800, 800.8, 801.6]) {
    await machine.show({ cpu });
    await collector.hasRead(cpu);
  }
  await collector.stop();
  return wattline;
}

it.each([['gzip'], ['none']])(
  'of a Collector that sends by gRPC with the compression %s all CPU time counts',
  async (compression) => {
    const endpoint = await freeAddress();
    const wattline = await counted(endpoint, { exporter: { tls: { insecure: true }, compression } });
    expect(await wattline.sum('cpu_core_seconds_total')).toBeCloseTo(1.6, 6);
    expect(await wattline.sum('cost_compute_load_aware_usd_total')).toBeCloseTo((1.6 / 3600) * usdPerCoreHour, 12);
  },
);

it('with TLS a Collector is let in that has a certificate', async () => {
  const { ca, server, client, stranger, remove } = await createCertificates();
  onTestFinished(remove);
  const tls = { cert_file: server.cert, key_file: server.key, client_ca_file: ca };
  const endpoint = await freeAddress();
  const own = { ca_file: ca, cert_file: client.cert, key_file: client.key };
  const wattline = await counted(endpoint, { receiver: { tls }, exporter: { tls: own } });
  expect(await wattline.sum('cpu_core_seconds_total')).toBeCloseTo(1.6, 6);
  const other = await startSending(await startMachine({ cpu: 100 }), {
    endpoint,
    tls: { ...own, cert_file: stranger.cert, key_file: stranger.key },
  });
  await expect.poll(other.logs).toMatch(/certificate|connection error|Unavailable/);
});

it('says in the log that zstd is not taken by gRPC, and the Collector says why it drops', async () => {
  const endpoint = await freeAddress();
  const wattline = await startPipeline({ receivers: grpcAt(endpoint) });
  const collector = await startSending(await startMachine({ cpu: 100 }), {
    endpoint,
    tls: { insecure: true },
    compression: 'zstd',
  });
  await expect.poll(wattline.logs).toMatch(/compressed by zstd, which is not taken by gRPC/);
  await expect.poll(collector.logs).toMatch(/Unimplemented.*zstd is not taken here; send gzip/);
});

it('what is rejected for good a Collector learns by a partial success, and does not send it again', async () => {
  const endpoint = await freeAddress();
  await startPipeline({ receivers: grpcAt(endpoint), processors: valuing });
  const collector = await startSending(await startMachine({ cpu: 100 }), { endpoint, tls: { insecure: true } });
  await expect.poll(collector.logs).toMatch(/[Pp]artial success.*(?:live|totals)/);
});

it('what a backend cannot take for now a Collector sends again, and it arrives', async () => {
  const [endpoint, backend] = [await freeAddress(), await freeAddress()];
  const wattline = await startPipeline({
    receivers: { otlp: { protocols: { grpc: { endpoint } }, sender_timeout: '1s' } },
    processors: {},
    exporters: {
      otlphttp: { endpoint: `http://${backend}`, compression: 'none', retry_on_failure: { initial_interval: '100ms' } },
    },
  });
  const machine = await startMachine({ cpu: 800 });
  const collector = await startSending(machine, { endpoint, tls: { insecure: true } });
  await expect.poll(collector.logs).toMatch(/Unavailable|Exporting failed. Will retry/);
  expect(wattline.logs()).not.toMatch(/"level":"?fatal/);
  const times = new Set<string>();
  const encoding = protobufEncoding();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    for (const { scopeMetrics } of encoding.decodeRequest(Buffer.concat(chunks))) {
      for (const { dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        for (const { endTime } of dataPoints) times.add(`${endTime[0]}${String(endTime[1]).padStart(9, '0')}`);
      }
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(Number(backend.split(':')[1]), '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  await collector.hasRead(800);
  const sent = () => new Set(pointsIn(collector.logs()).map(({ nanoseconds }) => String(nanoseconds)));
  await expect.poll(() => [...sent()].slice(0, 5).every((time) => times.has(time)), { timeout: 30_000 }).toBe(true);
});

it.each([['gzip'], ['none']])('sends to a Collector by gRPC with the compression %s', async (compression) => {
  const [address, target] = [await freeAddress(), await freeAddress()];
  const collector = await startCollector(
    JSON.stringify({
      receivers: { otlp: { protocols: { grpc: { endpoint: target } } } },
      exporters: { debug: { verbosity: 'detailed' } },
      service: { pipelines: { metrics: { receivers: ['otlp'], exporters: ['debug'] } } },
    }),
  );
  const wattline = await startPipeline({
    receivers: { http: { endpoint: address } },
    processors: valuing,
    exporters: {
      otlp: { endpoint: target, tls: { insecure: true }, compression, retry_on_failure: { initial_interval: '100ms' } },
    },
  });
  const run = {
    name: 'a',
    start_time: 1_700_000_000,
    end_time: 1_700_003_600,
    step_seconds: 1800,
    power_watts: [100, 100, 100],
  };
  const answer = await fetch(`http://${address}/v1/results`, { method: 'POST', body: JSON.stringify(run) });
  expect(await answer.json()).toMatchObject({ accepted: 1 });
  await expect.poll(collector.logs).toMatch(/Name: cost_energy_load_aware/);
  const joules = pointsIn(collector.logs()).filter(({ metric }) => metric === 'energy_joules');
  expect(joules.map(({ value, nanoseconds }) => [value, nanoseconds])).toEqual([[360_000, 1_700_003_600_000_000_000n]]);
  expect(await wattline.value('energy_joules', { scenario: 'a' })).toBe(360_000);
});

it("of Python's gRPC exporter a job's own CPU time counts", async () => {
  const endpoint = await freeAddress();
  const wattline = await startPipeline({ receivers: grpcAt(endpoint) });
  const used = await useCpu(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://${endpoint}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=job,host.name=node-a',
    },
    0.5,
    ['process.cpu.time'],
  );
  const [first = Number.NaN, last = Number.NaN] = [used[0], used.at(-1)];
  expect(last).toBeGreaterThan(first);
  const seconds = await wattline.sum('cpu_core_seconds_total', { scenario: 'job' });
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(last * (1 + 1e-9));
});

it("of Java's gRPC exporter, its default, a job that ends before its first interval counts", async () => {
  const endpoint = await freeAddress();
  const wattline = await startPipeline({ receivers: grpcAt(endpoint) });
  const resource = { 'service.name': 'job', 'service.instance.id': 'jobs.job-0.main', 'host.name': 'node-a' };
  const output = await sendCounters(peers.java, { address: endpoint, protocol: 'grpc' }, resource, 'burn', '0.5');
  const used = Number(output.trim().split('\n').at(-1));
  expect((await wattline.value('cpu_core_seconds_total', { scenario: 'job' })) / used).toBeCloseTo(1, 9);
});
