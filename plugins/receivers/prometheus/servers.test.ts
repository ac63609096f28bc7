import { DataPointType } from '@opentelemetry/sdk-metrics';
import { afterEach, expect, it } from 'vitest';
import { type Receiver, type Run, toSeconds } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { parseExposition } from '../../../test/kit/exposition.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { describeWithPeers, startPrometheus, startVictoriaMetrics } from '../../../test/kit/peers.ts';
import { startWattline } from '../../../test/kit/wattline-process.ts';
import plugin from './index.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Scrapes a server once. */
async function scrape(url: string) {
  const context = createTestContext({ id: 'prometheus' });
  const config = { job_name: 'server', static_configs: [{ targets: [new URL(url).host] }] };
  const receiver = plugin.create(context.ctx, plugin.configSchema.parse({ scrape_configs: [config] })) as Receiver;
  await receiver.readOnce?.(new AbortController().signal);
  return { run: context.runs[0] as Run, skips: context.skips };
}

const metricsIn = (run: Run) => run.scopeMetrics.flatMap(({ metrics }) => metrics);
const metricNamed = (run: Run, name: string) => metricsIn(run).find(({ descriptor }) => descriptor.name === name);

/** The names of the series of a page that are no part of a histogram or a summary. */
function plainNames(text: string): string[] {
  const distributions = [...text.matchAll(/^# TYPE (\S+) (?:histogram|summary)$/gm)].map(([, name]) => name as string);
  const parts = distributions.flatMap((name) => ['', '_bucket', '_sum', '_count'].map((end) => name + end));
  const names = new Set(parseExposition(text).map(({ name }) => name));
  return [...names].filter((name) => !parts.includes(name)).sort();
}

async function expectSameNames(url: string, run: Run): Promise<void> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const names = metricsIn(run).map(({ descriptor }) => descriptor.name);
  const later = plainNames(text);
  // A series may come or go between two requests, as of the first request of a kind.
  expect(names.filter((name) => !later.includes(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(20);
  expect(names.length).toBeGreaterThan(later.length * 0.9);
}

describeWithPeers('what real servers show', ['prometheus', 'victoria-metrics'], () => {
  it('is read of Prometheus', async () => {
    const { url, stop } = await startPrometheus('global: { scrape_interval: 1h }\n');
    closing.push(stop);
    const { run, skips } = await scrape(url);
    await expectSameNames(url, run);
    expect(skips.length).toBeGreaterThan(5);
    expect(new Set(skips.map(({ reason }) => reason))).toEqual(new Set(['unsupported_type']));
    const cpu = metricNamed(run, 'process_cpu_seconds_total');
    expect(cpu).toMatchObject({ dataPointType: DataPointType.SUM, isMonotonic: true });
    const { startTime, endTime } = cpu?.dataPoints[0] ?? { startTime: [0, 0], endTime: [0, 0] };
    expect(toSeconds(endTime) - toSeconds(startTime)).toBeGreaterThan(0);
    expect(toSeconds(endTime) - toSeconds(startTime)).toBeLessThan(60);
    expect(metricNamed(run, 'go_goroutines')).toMatchObject({ dataPointType: DataPointType.GAUGE });
    expect(metricNamed(run, 'prometheus_build_info')?.dataPoints[0]?.attributes.version).toMatch(/^\d+\.\d+/);
  });

  it('is read of VictoriaMetrics, which names no types', async () => {
    const { url, stop } = await startVictoriaMetrics();
    closing.push(stop);
    const { run } = await scrape(url);
    await expectSameNames(url, run);
    const { attributes = {} } = metricNamed(run, 'vm_log_messages_total')?.dataPoints[0] ?? {};
    expect(attributes).toMatchObject({ level: 'info', location: expect.stringContaining('main.go') });
  });
});

it('another Wattline is read', async () => {
  const port = await freePort();
  const run = '{"name":"a \\"run\\"","duration":3600,"step_seconds":3600,"power_watts":[1000,1000]}';
  const wattline = await startWattline({
    files: { 'test_results_1.json': `{"scenarios":[${run}]}` },
    config: `
receivers: { file: { include: [./*.json], poll_interval: 20ms } }
processors: { energy: {}, cost: { usd_per_kwh: 0.25 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
service: { pipelines: { metrics: { receivers: [file], processors: [energy, cost], exporters: [prometheus] } } }
`,
  });
  closing.push(wattline.stop);
  const url = `http://127.0.0.1:${port}`;
  await wattline.waitFor(`${url}/health`);
  const cost = async () => metricNamed((await scrape(url)).run, 'cost_energy_load_aware');
  await expect.poll(cost, { timeout: 10_000 }).toMatchObject({
    dataPointType: DataPointType.GAUGE,
    dataPoints: [{ value: 0.25, attributes: { scenario: 'a "run"' } }],
  });
});
