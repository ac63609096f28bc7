import { expect, it, onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { programOf } from './cache.ts';
import { type Machine, startMachine } from './machine.ts';
import { peers } from './peers.ts';
import { type StartedWattline, startPipeline, usdPerKwh } from './wattline.ts';

/** Shows a program, in a namespace of its own, a machine of files in place of the kernel's, on which it is the only process. */
const onMachine = `
mkdir proc/$$ && mount --bind /proc/$$ proc/$$ && mount --rbind proc /proc && mount --bind sys /sys && exec "$@"`;

/** Starts Scaphandre on a machine until the end of the test. */
async function startScaphandre({ root }: Machine, port?: number) {
  const on = port ?? (await freePort());
  const command = [programOf(peers.scaphandre), 'prometheus', '--address', '127.0.0.1', '--port', String(on)];
  const namespace = ['--map-root-user', '--mount', 'sh', '-c', onMachine, 'sh'];
  const scaphandre = startProcess('unshare', [...namespace, ...command], { cwd: root });
  const stop = async () => void (await scaphandre.stop('SIGTERM'));
  onTestFinished(stop);
  await scaphandre.waitFor(`http://127.0.0.1:${on}/`);
  return { port: on, stop };
}

/** Starts Wattline, which scrapes it: values are read anew where the page before was asked for more than two seconds ago. */
function startScraping(port: number, kept?: string): Promise<StartedWattline> {
  const target = { targets: [`127.0.0.1:${port}`], labels: { 'host.name': 'node-a' } };
  const job = { job_name: 'scaphandre', scrape_interval: '2500ms', static_configs: [target] };
  return startPipeline({ receivers: { prometheus: { scrape_configs: [job] } }, kept });
}

const followed = (wattline: StartedWattline) =>
  expect.poll(() => wattline.value('wattline_live_streams')).toBeGreaterThan(0);

async function expectJoules({ sum }: StartedWattline, joules: number): Promise<void> {
  await expect.poll(() => sum('energy_joules_total')).toBeCloseTo(joules, 6);
  expect(await sum('cost_energy_load_aware_usd_total')).toBeCloseTo((joules / 3.6e6) * usdPerKwh, 12);
}

it('the energy of sockets and their memory counts once, while registers overflow', async () => {
  const joules = (...[first = 0, second = 0, core = 0, memory = 0, other = 0]: readonly number[]) => ({
    joules: { 'package-0': first, core, dram: memory, 'package-1': second, 'dram of package-1': other },
  });
  const machine = await startMachine(joules(262_000, 2000, 900, 100, 50));
  const { port } = await startScaphandre(machine);
  const wattline = await startScraping(port);
  await followed(wattline);
  await machine.show(joules(262_100, 2200, 960, 110, 55));
  await expectJoules(wattline, 315);
  await machine.show(joules(262_400, 2300, 1060, 120, 60));
  await expectJoules(wattline, 730);
});

it('the platform of a machine that measures it counts, which holds what cards draw', async () => {
  const machine = await startMachine({ joules: { 'package-0': 1000, dram: 100, psys: 5000 } });
  const { port } = await startScaphandre(machine);
  const wattline = await startScraping(port);
  await followed(wattline);
  await machine.show({ joules: { 'package-0': 1100, dram: 110, psys: 5400 } });
  await expectJoules(wattline, 400);
  expect(await wattline.sum('energy_joules_total', { boundary: 'psys' })).toBeCloseTo(400, 6);
});

it('loses and doubles nothing where Scaphandre is restarted', async () => {
  const machine = await startMachine({ joules: { 'package-0': 1000, dram: 100 } });
  const { port, stop } = await startScaphandre(machine);
  const wattline = await startScraping(port);
  await followed(wattline);
  await machine.show({ joules: { 'package-0': 1100, dram: 110 } });
  await expectJoules(wattline, 110);
  await stop();
  await machine.show({ joules: { 'package-0': 1300, dram: 120 } });
  await startScaphandre(machine, port);
  await expectJoules(wattline, 320);
  await machine.show({ joules: { 'package-0': 1400, dram: 130 } });
  await expectJoules(wattline, 430);
});

it('loses and doubles nothing where Wattline is restarted', async () => {
  const state = await temporaryFolder();
  onTestFinished(state.remove);
  const machine = await startMachine({ joules: { 'package-0': 1000, dram: 100 } });
  const { port } = await startScaphandre(machine);
  const before = await startScraping(port, state.path);
  await followed(before);
  await machine.show({ joules: { 'package-0': 1100, dram: 110 } });
  await expectJoules(before, 110);
  await before.stop();
  await machine.show({ joules: { 'package-0': 1300, dram: 120 } });
  const after = await startScraping(port, state.path);
  await expectJoules(after, 320);
  await machine.show({ joules: { 'package-0': 1400, dram: 130 } });
  await expectJoules(after, 430);
});
