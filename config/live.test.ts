import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, expect, it } from 'vitest';
import { parseExposition, seriesValue } from '../test/kit/exposition.ts';
import { FakeService } from '../test/kit/fake-service.ts';
import { freePort } from '../test/kit/free-port.ts';
import { runConfiguration, validateConfiguration } from '../test/kit/ready-configuration.ts';
import { temporaryFolder } from '../test/kit/temporary-folder.ts';

const FILE = 'live.yaml';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('is valid', async () => {
  expect(await validateConfiguration(FILE)).toMatchObject({ code: 0, stderr: '' });
});

it('counts what an OpenTelemetry SDK sends, and goes on after a restart', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  closing.push(folder.remove);
  const [receiver, endpoint] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const environment = {
    WATTLINE_RECEIVER: receiver,
    WATTLINE_ENDPOINT: endpoint,
    WATTLINE_REGION: 'eu-north-1',
    WATTLINE_STATE: folder.path,
  };
  const start = async () => {
    const wattline = runConfiguration(FILE, environment);
    closing.push(() => wattline.stop('SIGKILL'));
    await wattline.waitFor(`http://${endpoint}/health`);
    return wattline;
  };
  const scrape = async () => parseExposition(await (await fetch(`http://${endpoint}/metrics`)).text());
  const exporter = new OTLPMetricExporter({ url: `http://${receiver}/v1/metrics` });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const resource = resourceFromAttributes({ scenario: 'render farm', 'host.name': 'a' });
  const provider = new MeterProvider({ resource, readers: [reader] });
  closing.push(() => provider.shutdown());
  const energy = provider.getMeter('test').createCounter('hw.host.energy', { unit: 'J' });
  const cpu = provider.getMeter('test').createCounter('process.cpu.time', { unit: 's' });
  const use = async (joules: number, seconds: number) => {
    energy.add(joules, { 'hw.id': 'a' });
    cpu.add(seconds, { 'cpu.mode': 'user' });
    // The SDK takes its times in whole milliseconds; a start at the time of the point itself says nothing.
    await sleep(5);
    await provider.forceFlush();
  };

  const wattline = await start();
  await use(500, 0.5);
  await use(7200, 0.9);
  const labels = { scenario: 'render farm', region: 'eu-north-1' };
  const value = async (name: string) => seriesValue(await scrape(), name, labels);
  // CPU time counts from the start of the process, which began after Wattline; the meter of a host may be older.
  expect(await value('energy_joules_total')).toBeCloseTo(7200, 9);
  expect(await value('cpu_core_seconds_total')).toBeCloseTo(1.4, 9);
  expect(await value('cost_compute_load_aware_usd_total')).toBeCloseTo((1.4 / 3600) * 0.5, 12);
  expect(await value('co2_emissions_kg_total')).toBeCloseTo(0.002 * 0.12, 12);
  expect(await wattline.stop('SIGTERM'), wattline.stderr()).toBe(0);

  const next = await start();
  await use(3600, 0.6);
  expect(await value('energy_joules_total')).toBeCloseTo(10_800, 9);
  expect(await value('cost_compute_load_aware_usd_total')).toBeCloseTo((2 / 3600) * 0.5, 12);
  const total = (await value('cost_energy_load_aware_usd_total')) as number;
  expect(await value('cost_load_aware_usd_total')).toBeCloseTo(total + (2 / 3600) * 0.5, 12);
  expect(await next.stop('SIGTERM'), next.stderr()).toBe(0);
});

it('counts what Kepler shows, once the pipeline names the receiver', { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder({
    'scrape.yaml': 'service: { pipelines: { metrics: { receivers: [http, prometheus] } } }\n',
  });
  closing.push(folder.remove);
  let joules = 5e8;
  const kepler = new FakeService(() => ({
    status: 200,
    text: `# TYPE kepler_node_cpu_joules_total counter\nkepler_node_cpu_joules_total{zone="package"} ${joules}\n`,
  }));
  await kepler.start();
  closing.push(() => kepler.stop());
  const endpoint = `127.0.0.1:${await freePort()}`;
  const environment = {
    WATTLINE_RECEIVER: `127.0.0.1:${await freePort()}`,
    WATTLINE_ENDPOINT: endpoint,
    WATTLINE_REGION: 'eu-north-1',
    WATTLINE_STATE: join(folder.path, 'state'),
    WATTLINE_TARGET: new URL(kepler.url).host,
  };
  const wattline = runConfiguration(FILE, environment, [join(folder.path, 'scrape.yaml')]);
  closing.push(() => wattline.stop('SIGKILL'));
  await expect.poll(() => kepler.count('/metrics'), { timeout: 20_000 }).toBeGreaterThan(0);
  joules += 1800;
  const value = async (name: string) => {
    const text = await (await fetch(`http://${endpoint}/metrics`)).text();
    return seriesValue(parseExposition(text), name, {
      scenario: hostname(),
      region: 'eu-north-1',
      boundary: 'package',
    });
  };
  await expect.poll(() => value('energy_joules_total'), { timeout: 20_000 }).toBeCloseTo(1800, 9);
  expect(await value('co2_emissions_kg_total')).toBeCloseTo(0.0005 * 0.12, 12);
  expect(await value('cost_energy_load_aware_usd_total')).toBeCloseTo(0.0005 * 0.08, 12);
  expect(await wattline.stop('SIGTERM'), wattline.stderr()).toBe(0);
});
