import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measure } from 'wattline/figures';
import { cpuUsage, hostPower, type Processor, Run } from 'wattline/plugin';
import { startProcess } from '../../../test/kit/child-process.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import { parseExposition, seriesValue } from '../../../test/kit/exposition.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { describeWithPeers, findProgram, type Peer, startVictoriaMetrics } from '../../../test/kit/peers.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { startWattline } from '../../../test/kit/wattline-process.ts';
import plugin from './index.ts';

const execute = promisify(execFile);
const signal = new AbortController().signal;

/** What the servers hold: 20 minutes, every 5 s from here on. */
const BEGUN = 1_766_948_000;
const LENGTH = 1200;
const INTERVAL = 5;
const STRANGE = 'say "4" \\ a.b\'s (größer|😀)';
/** The power that rises by a watt every 10 s, and what it has come to. */
const watts = (second: number) => 100 + second / 10;
const joules = (second: number) => 100 * second + second ** 2 / 20;

/** The curves in the text format that both servers import, by the time of each sample in seconds. */
function curves(): string[] {
  const seconds = Array.from({ length: LENGTH / INTERVAL + 1 }, (_, index) => index * INTERVAL);
  const series = (name: string, labels: string, value: (second: number) => number, has = (_: number) => true) =>
    seconds.filter(has).map((second) => `${name}{${labels}} ${value(second)} ${BEGUN + second}`);
  const strange = STRANGE.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return [
    ...series('host_watts', 'host="a"', watts),
    ...series('host_watts', 'host="gap"', watts, (second) => second < 300 || second > 420),
    ...series('package_joules_total', 'host="a",package="0"', joules),
    ...series('package_joules_total', 'host="a",package="1"', (second) => 20 * second),
    // It begins anew after 10 minutes.
    ...series('package_joules_total', 'host="reset",package="0"', (second) => 50 * (second % 600)),
    ...series('cpu_seconds_total', `pod="${strange}"`, (second) => 2.5 * second),
    ...series('cpu_seconds_total', 'pod="axb"', (second) => 7 * second),
  ];
}

async function startFilledVictoriaMetrics(): Promise<Peer> {
  const server = await startVictoriaMetrics(['-retentionPeriod=100y']);
  const body = curves().map((line) => `${line}000\n`);
  const answer = await fetch(`${server.url}/api/v1/import/prometheus`, { method: 'POST', body: body.join('') });
  expect(answer.status).toBe(204);
  await fetch(`${server.url}/internal/force_flush`);
  return server;
}

async function startFilledPrometheus(): Promise<Peer> {
  const folder = await temporaryFolder({
    'curves.txt': `${curves().join('\n')}\n# EOF\n`,
    'prometheus.yml': 'scrape_configs: []\n',
  });
  const path = (name: string) => join(folder.path, name);
  await execute('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', path('curves.txt'), path('data')]);
  const port = await freePort();
  const child = startProcess(findProgram('prometheus') as string, [
    `--config.file=${path('prometheus.yml')}`,
    `--storage.tsdb.path=${path('data')}`,
    '--storage.tsdb.retention.time=100y',
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await child.waitFor(`${url}/-/ready`);
  return { url, stop: () => child.stop('SIGTERM').then(folder.remove) };
}

const servers = [
  ['VictoriaMetrics', ['victoria-metrics'], startFilledVictoriaMetrics],
  ['Prometheus', ['prometheus', 'promtool'], startFilledPrometheus],
] as const;

describe.each(servers)('against %s', (name, programs, start) => {
  describeWithPeers('a filled server', programs, () => {
    let server: Peer;
    beforeAll(async () => {
      server = await start();
    }, 60_000);
    afterAll(() => server?.stop());

    async function fetched(config: object, from: number, to: number, attributes: object = {}) {
      const { ctx, runs, skips } = createTestContext();
      const parsed = plugin.configSchema.parse({ endpoint: server.url, ...config });
      const times = { 'run.start_time': BEGUN + from, 'run.end_time': BEGUN + to };
      const run = Run.of({ scenario: 'a run', ...times, ...attributes });
      await (plugin.create(ctx, parsed) as Processor).consume([run], signal);
      return { run: runs[0] as Run, skips, reasons: skips.map(({ reason }) => reason) };
    }
    const energyOf = (run: Run) => measure(run, hostPower) as { value: number; span: number };

    it('energy of a power curve is its closed form', async () => {
      const queries = { power: 'sum(host_watts{host="a"})' };
      const { run } = await fetched({ queries, step: '5s', sampling: 'instant' }, 100, 500);
      expect(measure(run, hostPower)).toMatchObject({ series: { start: [BEGUN + 100, 0], length: 81, step: 5 } });
      const { value, span } = energyOf(run);
      expect(span).toBe(400);
      // The curve is a line, for which the trapezoidal rule is exact.
      expect(Math.abs(value / (joules(500) - joules(100)) - 1)).toBeLessThan(1e-12);
    });

    it('instants are at their times to the millisecond, also where there are many', async () => {
      const queries = { power: 'sum(host_watts{host="a"})' };
      const { run } = await fetched({ queries, step: '5s', sampling: 'instant' }, 100.123, 500.123);
      expect(run.samplesOf(hostPower)?.series).toMatchObject({
        start: [BEGUN + 100, 123_000_000],
        length: 81,
        step: 5,
      });
    });

    it('energy of counters is their rise, as means of steps that fill the run', async () => {
      const queries = { power: 'sum(rate(package_joules_total{host="{{run.host}}"}[{{step}}]))' };
      const { run } = await fetched({ queries, step: '30s' }, 60, 660, { 'run.host': 'a' });
      const { value, span } = energyOf(run);
      expect(span).toBe(600);
      const rise = joules(660) - joules(60) + 20 * 600;
      // Prometheus estimates what is between the edge of a range and the first sample within.
      expect(Math.abs(value / rise - 1)).toBeLessThan(name === 'Prometheus' ? 2e-3 : 1e-12);
    });

    it('a counter that begins anew loses no more than a step around that', async () => {
      const queries = { power: 'sum(rate(package_joules_total{host="reset"}[{{step}}]))' };
      const { run } = await fetched({ queries, step: '60s' }, 300, 900);
      const { value } = energyOf(run);
      expect(value).toBeLessThanOrEqual(50 * 600 * (1 + 1e-9));
      expect(value).toBeGreaterThan(50 * 600 - 50 * 60);
    });

    it('a run at odd milliseconds is covered from its start to its end', async () => {
      const queries = { power: 'sum(rate(package_joules_total{host="a",package="1"}[{{step}}]))' };
      const { run } = await fetched({ queries, step: '30s' }, 60.123, 180.877);
      const { value, span } = energyOf(run);
      expect(span).toBeCloseTo(120.754, 2);
      expect(Math.abs(value / (20 * span) - 1)).toBeLessThan(0.01);
    });

    it('what a gauge does not cover is a gap', async () => {
      const queries = { power: 'sum(avg_over_time(host_watts{host="gap"}[{{step}}]))' };
      const { run } = await fetched({ queries, step: '10s' }, 200, 600);
      const values = run.samplesOf(hostPower)?.series.values ?? new Float64Array();
      expect(values).toHaveLength(40);
      // Nothing from 300 to 420 s, which are 12 steps.
      expect(values.findIndex((value) => Number.isNaN(value))).toBe(10);
      expect(values.filter((value) => Number.isNaN(value))).toHaveLength(12);
      expect(energyOf(run).span).toBe(280);
    });

    it.each(['{pod="{{run.pod}}"}', "{pod='{{run.pod}}'}", '{pod=~"{{run.pod}}"}', '{pod=~"{{run.pod}}|none"}'])(
      'a value with quotes, backslashes and patterns finds what has it as its label, with %s',
      async (matcher) => {
        const queries = { cpu: `sum(rate(cpu_seconds_total${matcher}[{{step}}]))` };
        const { run, skips } = await fetched({ queries, step: '30s' }, 60, 180, { 'run.pod': STRANGE });
        expect(skips).toEqual([]);
        const { value, span } = measure(run, cpuUsage) as { value: number; span: number };
        expect([span, Math.abs(value / (2.5 * 120) - 1) < 1e-9]).toEqual([120, true]);
      },
    );

    it('a value is no pattern, and cannot leave its string', async () => {
      for (const pod of ['a.b', '.*', '"} or cpu_seconds_total{pod="axb']) {
        const queries = { cpu: 'sum(rate(cpu_seconds_total{pod=~"{{run.pod}}"}[{{step}}]))' };
        const { reasons } = await fetched({ queries, step: '30s' }, 60, 180, { 'run.pod': pod });
        expect(reasons, pod).toEqual(['no_series']);
      }
    });

    it('says what is wrong with a query', async () => {
      const cases = {
        'host_watts{': 'query_refused',
        'host_watts{host=~"a("}': 'query_refused',
        'package_joules_total{host="a"}': 'ambiguous_series',
        'host_watts{host="nowhere"}': 'no_series',
        'host_watts{host="a"} / 0': 'invalid_samples',
      };
      for (const [power, reason] of Object.entries(cases)) {
        const { reasons } = await fetched({ queries: { power }, step: '30s' }, 60, 180);
        expect(reasons, power).toEqual([reason]);
      }
    });

    it('answers for more points than it takes at once, in several requests', async () => {
      const queries = { power: 'sum(host_watts{host="a"})' };
      const { run, skips } = await fetched({ queries, step: '20ms', sampling: 'instant' }, 100, 700);
      expect(skips).toEqual([]);
      expect(run.samplesOf(hostPower)?.series).toHaveLength(30_001);
      expect(Math.abs(energyOf(run).value / (joules(700) - joules(100)) - 1)).toBeLessThan(5e-3);
    });

    it('gives runs without samples their cost at /metrics', async () => {
      const port = await freePort();
      const results = {
        scenarios: [
          { name: 'windows only', start_time: BEGUN + 60, end_time: BEGUN + 660, host: 'a', pod: STRANGE },
          { name: 'elsewhere', start_time: BEGUN + 60, end_time: BEGUN + 660, host: 'b', pod: 'none' },
        ],
      };
      const wattline = await startWattline({
        files: { 'results/test_results_1.json': JSON.stringify(results) },
        config: `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  prometheus_query:
    endpoint: ${server.url}
    step: 30s
    queries:
      power: sum(rate(package_joules_total{host="{{run.host}}"}[{{step}}]))
      cpu: sum(rate(cpu_seconds_total{pod="{{run.pod}}"}[{{step}}]))
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
service:
  pipelines:
    metrics: { receivers: [file], processors: [prometheus_query, cost, co2], exporters: [prometheus] }
`,
      });
      try {
        const url = `http://127.0.0.1:${port}/metrics`;
        await wattline.waitFor(url);
        const page = async () => parseExposition(await (await fetch(url)).text());
        const scenario = 'windows only';
        await expect
          .poll(async () => seriesValue(await page(), 'cost_total_load_aware', { scenario }), { timeout: 15_000 })
          .toBeDefined();
        const samples = await page();
        const rise = joules(660) - joules(60) + 20 * 600;
        const expected = {
          cost_energy_load_aware: (rise / 3.6e6) * 0.13,
          cost_compute_load_aware: ((2.5 * 600) / 3600) * 0.5,
        };
        for (const [metric, usd] of Object.entries(expected)) {
          const value = seriesValue(samples, metric, { scenario }) as number;
          expect(Math.abs(value / usd - 1), metric).toBeLessThan(name === 'Prometheus' ? 2e-3 : 1e-9);
          expect(seriesValue(samples, metric, { scenario: 'elsewhere' })).toBeUndefined();
        }
        const skipped = { processor: 'prometheus_query', item: 'power_watts', reason: 'no_series' };
        expect(seriesValue(samples, 'wattline_skipped_total', skipped)).toBe(1);
        const succeeded = { query: 'power', outcome: 'success' };
        expect(seriesValue(samples, 'wattline_prometheus_query_requests_total', succeeded)).toBe(2);
      } finally {
        await wattline.stop();
      }
    });
  });
});
