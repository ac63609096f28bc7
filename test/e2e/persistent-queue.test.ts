import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers, type Peer, startVictoriaMetrics } from '../kit/peers.ts';
import { twoRuns, twoRunsFigures } from '../kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

let folder: TemporaryFolder;
const running = new Set<RunningProcess>();
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const child of running) await child.stop('SIGKILL');
  running.clear();
  await folder.remove();
});

/** Starts Wattline in the test's folder, where a stopped one has left its queue. */
async function start(config: string, port: number): Promise<RunningProcess> {
  await folder.write({ 'wattline.yaml': config });
  const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
  running.add(child);
  await child.waitFor(`http://127.0.0.1:${port}/health`);
  return child;
}

const stages = (exporter: string) => `
processors:
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
extensions:
  file_storage: { directory: ./queues }
exporters:
  ${exporter}
`;

/** Takes runs by HTTP, and hands their figures to a server that may be away. */
const withQueue = (port: number, exporter: string) => `${stages(exporter)}
  prometheus: { endpoint: 127.0.0.1:${port} }
receivers: { http: { endpoint: 127.0.0.1:${port} } }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [http], processors: [cost, co2], exporters: [prometheus, ${exporter.split(':')[0]}] }
`;

const queue = '{ storage: file_storage }';
const retries = '{ initial_interval: 50ms, max_interval: 100ms }';
const push = (type: string, url: string, more = '') =>
  `${type}: { endpoint: "${url}", sending_queue: ${queue}, retry_on_failure: ${retries}${more} }`;

async function post(port: number, body: unknown): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${port}/v1/results`;
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

async function queueSize(port: number, exporter: string): Promise<number | undefined> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return seriesValue(parseExposition(page), 'otelcol_exporter_queue_size', { exporter });
}

interface Arrival {
  readonly figures: Record<string, number>;
  times: number;
}

/** A server that takes OTLP in JSON and notes the figures of each run; while `isBusy` says so, it is not to be had. */
class OtlpSink {
  readonly arrivals = new Map<string, Arrival>();
  /** Runs whose figures were not the same each time. */
  readonly changed: string[] = [];
  readonly #server: Server;

  constructor(isBusy: () => boolean = () => false) {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (isBusy()) response.writeHead(503).end();
      else {
        const bytes = Buffer.concat(chunks);
        const isZipped = request.headers['content-encoding'] === 'gzip';
        this.#note(JSON.parse(String(isZipped ? gunzipSync(bytes) : bytes)));
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      }
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #note({ resourceMetrics }: OtlpRequest): void {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const run = resource.attributes.find(({ key }) => key === 'scenario')?.value.stringValue as string;
      const figures: Record<string, number> = {};
      for (const { name, gauge } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        if (name in twoRunsFigures) figures[name] = gauge?.dataPoints[0]?.asDouble as number;
      }
      const before = this.arrivals.get(run);
      if (before && JSON.stringify(before.figures) !== JSON.stringify(figures)) this.changed.push(run);
      this.arrivals.set(run, { figures, times: (before?.times ?? 0) + 1 });
    }
  }
}

interface OtlpRequest {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] };
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly gauge?: { readonly dataPoints: readonly { asDouble?: number }[] };
      }[];
    }[];
  }[];
}

function expectTwoRuns(value: (metric: string, scenario: string) => number | undefined): void {
  for (const [metric, byScenario] of Object.entries(twoRunsFigures)) {
    for (const [scenario, expected] of Object.entries(byScenario)) {
      const found = value(metric, scenario);
      expect(Math.abs((found ?? 0) / expected - 1), `${metric} of ${scenario}`).toBeLessThan(1e-12);
    }
  }
}

describe.each(['SIGKILL', 'SIGTERM'] as const)('runs acknowledged while the server was away, after %s', (signal) => {
  it('arrive over OTLP at the next start', async () => {
    const [port, next] = [await freePort(), await freePort()];
    const config = withQueue(port, push('otlphttp', `http://127.0.0.1:${next}`, ', encoding: json'));
    const first = await start(config, port);
    expect(await post(port, twoRuns)).toBe(200);
    expect(await queueSize(port, 'otlphttp')).toBe(2);
    expect(await first.stop(signal)).toBe(signal === 'SIGKILL' ? null : 0);
    if (signal === 'SIGTERM') expect(first.stderr()).toContain('2 runs not sent yet, kept in');
    expect(first.stderr()).not.toContain('ExperimentalWarning');
    const sink = new OtlpSink();
    await sink.listen(next);
    const second = await start(config, port);
    await expect.poll(() => sink.arrivals.size, { timeout: 10_000 }).toBe(2);
    expectTwoRuns((metric, scenario) => sink.arrivals.get(scenario)?.figures[metric]);
    await expect.poll(() => queueSize(port, 'otlphttp')).toBe(0);
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(second.stderr()).toMatch(/2 runs from before will be sent first/);
    expect([...sink.arrivals.values()].map(({ times }) => times)).toEqual([1, 1]);
    sink.close();
  });

  describeWithPeers('VictoriaMetrics', ['victoria-metrics'], () => {
    it('holds them, point by point', async () => {
      const [port, next] = [await freePort(), await freePort()];
      const config = withQueue(port, push('victoriametrics', `http://127.0.0.1:${next}`));
      const first = await start(config, port);
      expect(await post(port, twoRuns)).toBe(200);
      await first.stop(signal);
      const server = await startVictoriaMetrics(['-retentionPeriod=100y'], next);
      try {
        const second = await start(config, port);
        await expect.poll(() => queueSize(port, 'victoriametrics'), { timeout: 10_000 }).toBe(0);
        const stored = await exportAll(server);
        expect(stored).toHaveLength(8);
        const ends = new Map(twoRuns.scenarios.map((run) => [run.name, Math.round(Number(run.end_time) * 1000)]));
        for (const { metric, timestamps } of stored) expect(timestamps).toEqual([ends.get(metric.scenario as string)]);
        expectTwoRuns((name, scenario) => {
          const found = stored.find(({ metric }) => metric.__name__ === name && metric.scenario === scenario);
          return found?.values[0];
        });
        expect(await second.stop('SIGTERM')).toBe(0);
      } finally {
        await server.stop();
      }
    });
  });
});

interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

async function exportAll({ url }: Peer): Promise<StoredSeries[]> {
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ 'match[]': '{__name__=~"cost_.*_load_aware|co2.*"}', start: '0' });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

describe('kill -9 at random moments', () => {
  it('loses no run that was answered 200, and changes none', { timeout: 120_000 }, async () => {
    const RUNS = 2000;
    const KILLS = 6;
    // Requests of the exporter, those just answered, and posts that are repeated since their answer was lost.
    const RUNS_UNDER_WAY = 10 + 10 + 8;
    // Every third request is refused, so that there is always something on disk.
    let requests = 0;
    const sink = new OtlpSink(() => requests++ % 3 === 0);
    const url = await sink.listen();
    const port = await freePort();
    const config = withQueue(port, push('otlphttp', url, ', encoding: json, compression: none'));
    let wattline = await start(config, port);
    const acknowledged = new Set<string>();
    const names = Array.from({ length: RUNS }, (_, index) => `run ${index}`);
    const [template] = twoRuns.scenarios;
    const sendAll = async () => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        const run = { ...template, name, power_watts: Array.from({ length: 10 }, () => 40 + Math.random()) };
        while (!acknowledged.has(name)) {
          const status = await post(port, run).catch(() => 0);
          if (status === 200) acknowledged.add(name);
          else await sleep(20);
        }
      }
    };
    const sending = Promise.all(Array.from({ length: 8 }, sendAll));
    for (let kills = 1; kills <= KILLS; kills++) {
      // At a random moment after another share of the runs has been taken.
      const share = ((kills - 0.5 + Math.random() / 2) / KILLS) * RUNS * 0.95;
      await expect.poll(() => acknowledged.size, { timeout: 60_000, interval: 1 }).toBeGreaterThanOrEqual(share);
      await wattline.stop('SIGKILL');
      running.delete(wattline);
      wattline = await start(config, port);
    }
    await sending;
    await expect.poll(() => queueSize(port, 'otlphttp'), { timeout: 60_000 }).toBe(0);
    expect(acknowledged.size).toBe(RUNS);
    expect([...acknowledged].filter((name) => !sink.arrivals.has(name))).toEqual([]);
    expect(sink.changed).toEqual([]);
    // What was under way may come twice, and nothing more.
    const times = [...sink.arrivals.values()].reduce((sum, arrival) => sum + arrival.times, 0);
    expect(times - sink.arrivals.size).toBeLessThanOrEqual(KILLS * RUNS_UNDER_WAY);
    for (const { figures } of sink.arrivals.values()) expect(Object.keys(figures)).toHaveLength(4);
    expect(await wattline.stop('SIGTERM')).toBe(0);
    sink.close();
  });
});

const once = (url: string) => `${stages(push('otlphttp', url, ', encoding: json, timeout: 1s'))}
receivers: { file: { include: [./results/*.json] } }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [file], processors: [cost, co2], exporters: [otlphttp] }
`;

it('`run --once` says what it could not deliver, and delivers it at the next start', async () => {
  const port = await freePort();
  const path = join(folder.path, 'wattline.yaml');
  const run = () => runWattline(['run', '--once', '--config', path], { cwd: folder.path });
  const [one, two] = twoRuns.scenarios;
  const config = once(`http://127.0.0.1:${port}`).replace(
    retries,
    `${retries.slice(0, -2)}, max_elapsed_time: 300ms }`,
  );
  await folder.write({ 'wattline.yaml': config, 'results/a.json': JSON.stringify({ scenarios: [one] }) });
  const failed = await run();
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('1 of 1 runs were not delivered');
  expect(failed.stderr).toMatch(
    /1 × given up after \d+ attempts: .*ECONNREFUSED.*; kept in \S+exporter_otlphttp\.queue, and sent at the next start/,
  );
  const sink = new OtlpSink();
  await sink.listen(port);
  await folder.write({ 'results/a.json': JSON.stringify({ scenarios: [two] }) });
  expect(await run()).toMatchObject({ code: 0 });
  expectTwoRuns((metric, scenario) => sink.arrivals.get(scenario)?.figures[metric]);
  expect([...sink.arrivals.keys()]).toEqual([one.name, two.name]);
  sink.close();
});

it('a second process is told that the queue is in use, and does not start', async () => {
  const [port, other] = [await freePort(), await freePort()];
  const first = await start(withQueue(port, push('otlphttp', 'http://127.0.0.1:9')), port);
  const config = withQueue(other, push('otlphttp', 'http://127.0.0.1:9'));
  await folder.write({ 'second.yaml': config });
  const { code, stderr } = await runWattline(['run', '--config', join(folder.path, 'second.yaml')]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /exporter otlphttp cannot start: the queue \S+exporter_otlphttp\.queue is in use by another process; stop that one, or set another `directory`: database is locked \[START_FAILED\]/,
  );
  expect(await first.stop('SIGTERM')).toBe(0);
});
