import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { parseExposition } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';
import { startPipeline } from './wattline.ts';

const unusedModes = ['idle', 'iowait'];

/** Starts node_exporter until the end of the test. */
async function startNodeExporter() {
  const address = `127.0.0.1:${await freePort()}`;
  const flags = [`--web.listen-address=${address}`, '--collector.disable-defaults', '--collector.cpu'];
  const exporter = startProcess(programOf(peers.nodeExporter), flags);
  onTestFinished(async () => void (await exporter.stop('SIGTERM')));
  const url = `http://${address}/metrics`;
  await exporter.waitFor(url);
  /** How long its machine's CPUs have been busy, by its own page, with the time that others have stolen and without. */
  const busy = async () => {
    const cpu = parseExposition(await (await fetch(url)).text()).filter(
      ({ name }) => name === 'node_cpu_seconds_total',
    );
    const without = (modes: readonly string[]) =>
      cpu.filter(({ labels: { mode = '' } }) => !modes.includes(mode)).reduce((sum, { value }) => sum + value, 0);
    return { least: without([...unusedModes, 'steal']), most: without(unusedModes) };
  };
  return { address, busy };
}

it('the CPU time on the page of node_exporter counts', async () => {
  const exporter = await startNodeExporter();
  const before = await exporter.busy();
  const target = { targets: [exporter.address], labels: { 'host.name': 'node-a', scenario: 'node-a' } };
  const job = { job_name: 'node', scrape_interval: '500ms', static_configs: [target] };
  const wattline = await startPipeline({ receivers: { prometheus: { scrape_configs: [job] } } });
  const counted = () => wattline.value('cpu_core_seconds_total', { scenario: 'node-a' });
  await expect.poll(counted).toBeGreaterThan(0);
  const from = await exporter.busy();
  await expect.poll(async () => (await exporter.busy()).least).toBeGreaterThan(from.least);
  const to = await exporter.busy();
  await expect.poll(counted).toBeGreaterThan(to.least - from.least);
  expect(await counted()).toBeLessThanOrEqual((await exporter.busy()).most - before.most + 1e-6);
  expect(await wattline.value('cost_compute_load_aware_usd_total', { scenario: 'node-a' })).toBeGreaterThan(0);
});
