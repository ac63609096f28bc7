import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type PrintedPoint, pointsIn, startCollector } from './collector.ts';
import { startPipeline, startReadyConfiguration, usdPerCoreHour, valuing } from './wattline.ts';

/** A Collector that measures its machine, whose name it is told, and prints what it sends. */
const hostMetrics = (name: string, address: string, scrapers: object = { cpu: {} }, more: object = {}) =>
  stringify({
    receivers: { host_metrics: { collection_interval: '500ms', initial_delay: '0s', scrapers } },
    processors: {
      resource: {
        attributes: Object.entries({ 'host.name': name, ...more }).map(([key, value]) => {
          return { key, value, action: 'upsert' };
        }),
      },
    },
    exporters: { otlp_http: { endpoint: `http://${address}` }, debug: { verbosity: 'detailed' } },
    service: {
      pipelines: {
        metrics: { receivers: ['host_metrics'], processors: ['resource'], exporters: ['otlp_http', 'debug'] },
      },
    },
  });

const isBusy = ({ attributes: { state = '' } }: PrintedPoint) => !['idle', 'wait', 'steal'].includes(state);
const isSteal = ({ attributes: { state } }: PrintedPoint) => state === 'steal';

/** By how much CPU time rose between the first and the last point that a Collector printed. */
function risen(logs: string, isCounted: (point: PrintedPoint) => boolean): number {
  const points = pointsIn(logs).filter((point) => point.metric === 'system.cpu.time' && isCounted(point));
  const first = points[0]?.nanoseconds;
  const last = points.at(-1)?.nanoseconds;
  const sumAt = (time: bigint | undefined) =>
    points.filter(({ nanoseconds }) => nanoseconds === time).reduce((sum, { value }) => sum + value, 0);
  return sumAt(last) - sumAt(first);
}

it('two Collectors that measure one host each are two hosts, and each sum is what it sent', async () => {
  const names = ['node-a', 'node-b'];
  const wattline = await startPipeline();
  const collectors = [];
  for (const name of names) collectors.push(await startCollector(hostMetrics(name, wattline.address)));
  for (const scenario of names) {
    await expect.poll(() => wattline.value('cpu_core_seconds_total', { scenario })).toBeGreaterThan(0);
    expect(await wattline.value('cost_compute_load_aware_usd_total', { scenario })).toBeGreaterThan(0);
  }
  for (const collector of collectors) await collector.stop();
  for (const [index, scenario] of names.entries()) {
    const logs = collectors[index]?.logs() ?? '';
    const seconds = await wattline.value('cpu_core_seconds_total', { scenario });
    // Time that the hypervisor gave to others is none that this host used.
    const least = risen(logs, isBusy);
    expect(least).toBeGreaterThan(0);
    expect(seconds).toBeGreaterThanOrEqual(least * (1 - 1e-9));
    expect(seconds).toBeLessThanOrEqual((least + risen(logs, isSteal)) * (1 + 1e-9));
    const usd = await wattline.value('cost_compute_load_aware_usd_total', { scenario });
    expect(usd / ((seconds / 3600) * usdPerCoreHour)).toBeCloseTo(1, 9);
  }
});

it('a host of which a Collector sends the CPU time alone has energy, cost and emissions by its type', async () => {
  const wattline = await startReadyConfiguration('without-meter.yaml');
  const collector = await startCollector(
    hostMetrics('vm', wattline.address, { cpu: {} }, { 'host.type': 'm6i.32xlarge' }),
  );
  const labels = { scenario: 'vm', power: 'modelled' };
  await expect.poll(() => wattline.value('energy_joules_total', labels)).toBeGreaterThan(0);
  await collector.stop();
  const times = pointsIn(collector.logs()).map(({ nanoseconds }) => nanoseconds);
  const seconds = Number((times.at(-1) as bigint) - (times[0] as bigint)) / 1e9;
  const cpus = pointsIn(collector.logs()).find(({ metric }) => metric === 'system.cpu.logical.count')?.value as number;
  const used = await wattline.value('cpu_core_seconds_total', labels);
  const joules = await wattline.value('energy_joules_total', labels);
  // Of Ice Lake, with as many CPUs as the Collector says, whatever the type.
  const ratio = joules / (0.767 * cpus * seconds + (3.758 - 0.767) * used);
  expect(ratio).toBeLessThanOrEqual(1 + 1e-6);
  // On a busy machine the ticks of the kernel may come to more CPU time than there was, of which no power is modelled.
  expect(ratio).toBeGreaterThan(0.9);
  for (const name of ['cost_energy_load_aware_usd_total', 'cost_load_aware_usd_total', 'co2_emissions_kg_total'])
    expect(await wattline.value(name, labels)).toBeGreaterThan(0);
});

it('a pipeline that counts no streams tells the Collector so, and takes its other metrics', async () => {
  const wattline = await startPipeline({ processors: valuing });
  const collector = await startCollector(hostMetrics('node-a', wattline.address, { cpu: {}, memory: {} }));
  await expect.poll(collector.logs).toMatch(/Partial success/i);
  expect(collector.logs()).toMatch(/`system\.cpu\.time`.* is a stream, since .*`run\.start_time`.*`live`.*`totals`/);
  const skipped = () => wattline.value('wattline_skipped_total', { reason: 'stream' });
  const before = await skipped();
  expect(before).toBeGreaterThan(0);
  await expect.poll(skipped).toBeGreaterThan(before);
  const samples = await wattline.samples();
  expect(
    samples.filter(({ name }) => /^(?:cost_(?!exporter_alive)|cpu_core_seconds|energy_joules)/.test(name)),
  ).toEqual([]);
  expect(samples.filter(({ name }) => name.startsWith('system_memory_usage')).length).toBeGreaterThan(1);
});
