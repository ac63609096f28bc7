import { expect, it } from 'vitest';
import { parseExposition } from '../kit/exposition.ts';
import { startMachine } from './machine.ts';
import { startNodeExporter } from './node-exporter.ts';
import { startPipeline } from './wattline.ts';

const unusedModes = ['idle', 'iowait'];

/** How long a machine's CPUs have been busy, by the page of its node_exporter, with the time that others have stolen and without. */
async function busy(address: string) {
  const page = parseExposition(await (await fetch(`http://${address}/metrics`)).text());
  const cpu = page.filter(({ name }) => name === 'node_cpu_seconds_total');
  const without = (modes: readonly string[]) =>
    cpu.filter(({ labels: { mode = '' } }) => !modes.includes(mode)).reduce((sum, { value }) => sum + value, 0);
  return { least: without([...unusedModes, 'steal']), most: without(unusedModes) };
}

/** Starts Wattline, which scrapes node_exporter. */
function startScraping(address: string) {
  const target = { targets: [address], labels: { 'host.name': 'node-a', scenario: 'node-a' } };
  const job = { job_name: 'node', scrape_interval: '500ms', static_configs: [target] };
  return startPipeline({ receivers: { prometheus: { scrape_configs: [job] } } });
}

it('the CPU time on the page of node_exporter counts', async () => {
  const address = await startNodeExporter();
  const before = await busy(address);
  const wattline = await startScraping(address);
  const counted = () => wattline.value('cpu_core_seconds_total', { scenario: 'node-a' });
  await expect.poll(counted).toBeGreaterThan(0);
  const from = await busy(address);
  await expect.poll(async () => (await busy(address)).least).toBeGreaterThan(from.least);
  const to = await busy(address);
  await expect.poll(counted).toBeGreaterThan(to.least - from.least);
  expect(await counted()).toBeLessThanOrEqual((await busy(address)).most - before.most + 1e-6);
  expect(await wattline.value('cost_compute_load_aware_usd_total', { scenario: 'node-a' })).toBeGreaterThan(0);
});

it('the energy of a machine whose packages have dies counts, and that of its memory', async () => {
  const machine = await startMachine({ joules: { 'package-0-die-0': 1000, 'package-0-die-1': 2000, dram: 300 } });
  const wattline = await startScraping(await startNodeExporter(machine));
  await expect.poll(() => wattline.value('wattline_live_streams')).toBeGreaterThan(0);
  await machine.show({ joules: { 'package-0-die-0': 1300, 'package-0-die-1': 2200, dram: 350 } });
  await expect.poll(() => wattline.sum('energy_joules_total')).toBeCloseTo(550, 6);
});
