import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { parseExposition } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';
import { startPipeline } from './wattline.ts';

const unusedModes = ['idle', 'iowait'];

/** Starts node_exporter with a collector until the end of the test. */
async function startNodeExporter(...flags: readonly string[]) {
  const address = `127.0.0.1:${await freePort()}`;
  const always = [`--web.listen-address=${address}`, '--collector.disable-defaults'];
  const exporter = startProcess(programOf(peers.nodeExporter), [...always, ...flags]);
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

/** Starts Wattline, which scrapes node_exporter. */
function startScraping(address: string) {
  const target = { targets: [address], labels: { 'host.name': 'node-a', scenario: 'node-a' } };
  const job = { job_name: 'node', scrape_interval: '500ms', static_configs: [target] };
  return startPipeline({ receivers: { prometheus: { scrape_configs: [job] } } });
}

it('the CPU time on the page of node_exporter counts', async () => {
  const exporter = await startNodeExporter('--collector.cpu');
  const before = await exporter.busy();
  const wattline = await startScraping(exporter.address);
  const counted = () => wattline.value('cpu_core_seconds_total', { scenario: 'node-a' });
  await expect.poll(counted).toBeGreaterThan(0);
  const from = await exporter.busy();
  await expect.poll(async () => (await exporter.busy()).least).toBeGreaterThan(from.least);
  const to = await exporter.busy();
  await expect.poll(counted).toBeGreaterThan(to.least - from.least);
  expect(await counted()).toBeLessThanOrEqual((await exporter.busy()).most - before.most + 1e-6);
  expect(await wattline.value('cost_compute_load_aware_usd_total', { scenario: 'node-a' })).toBeGreaterThan(0);
});

it('the energy of a machine whose packages have dies counts, and that of its memory', async () => {
  const zone = (index: string, name: string) => ({
    [`class/powercap/intel-rapl:${index}/name`]: `${name}\n`,
    [`class/powercap/intel-rapl:${index}/max_energy_range_uj`]: '262143328850\n',
  });
  const used = (...microjoules: readonly number[]) =>
    Object.fromEntries(
      ['0', '1', '0:0'].map((index, i) => [`class/powercap/intel-rapl:${index}/energy_uj`, `${microjoules[i]}\n`]),
    );
  const sysfs = await temporaryFolder({
    ...zone('0', 'package-0-die-0'),
    ...zone('1', 'package-0-die-1'),
    ...zone('0:0', 'dram'),
    ...used(1e9, 2e9, 3e8),
  });
  onTestFinished(sysfs.remove);
  const exporter = await startNodeExporter('--collector.rapl', `--path.sysfs=${sysfs.path}`);
  const wattline = await startScraping(exporter.address);
  await expect.poll(() => wattline.value('wattline_live_streams')).toBeGreaterThan(0);
  await sysfs.write(used(1e9 + 300e6, 2e9 + 200e6, 3e8 + 50e6));
  await expect.poll(() => wattline.sum('energy_joules_total')).toBeCloseTo(550, 6);
});
