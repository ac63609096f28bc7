import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { startMachine } from './machine.ts';
import { cpuInput, grpcOutput, lineInput, pageInput, remoteWriteOutput, startTelegraf } from './telegraf.ts';
import { type StartedWattline, startPipeline, usdPerCoreHour, usdPerKwh } from './wattline.ts';

const freeAddress = async () => `127.0.0.1:${await freePort()}`;

const startTaking = (endpoint: string, kept?: string) =>
  startPipeline({ receivers: { otlp: { protocols: { grpc: { endpoint } } } }, kept });

/** Makes a file that Telegraf reads again and again, until the end of the test. */
async function startFile(text: string) {
  const folder = await temporaryFolder({ shown: text });
  onTestFinished(folder.remove);
  const path = join(folder.path, 'shown');
  /** Nobody reads it by half. */
  async function show(next: string) {
    await folder.write({ new: next });
    await rename(join(folder.path, 'new'), path);
  }
  return { path, show };
}

interface Used {
  readonly joules: number;
  readonly coreSeconds: number;
}

/** A page of node_exporter; its memory has used a tenth of what its package has. */
const page = ({ joules, coreSeconds }: Used) => `
# TYPE node_rapl_package_joules_total counter
node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"} ${joules}
# TYPE node_rapl_dram_joules_total counter
node_rapl_dram_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:0"} ${joules / 10}
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} 1e+06
node_cpu_seconds_total{cpu="0",mode="user"} ${coreSeconds}
`;
const untyped = (text: string) => text.replaceAll(/^#.*\n/gm, '');

/** Resolves when so many meters are followed, which begin where they are. */
const followed = (wattline: StartedWattline, meters: number) =>
  expect.poll(() => wattline.value('wattline_live_streams')).toBe(meters);

async function expectUsed({ sum }: StartedWattline, { joules, coreSeconds }: Used, labels = {}): Promise<void> {
  await expect.poll(() => sum('energy_joules_total', labels)).toBeCloseTo(joules, 6);
  await expect.poll(() => sum('cpu_core_seconds_total', labels)).toBeCloseTo(coreSeconds, 6);
  expect(await sum('cost_energy_load_aware_usd_total', labels)).toBeCloseTo((joules / 3.6e6) * usdPerKwh, 12);
  expect(await sum('cost_compute_load_aware_usd_total', labels)).toBeCloseTo((coreSeconds / 3600) * usdPerCoreHour, 12);
}

it.each([
  ['gzip', 1, 'with types', page],
  ['none', 2, 'with types', page],
  ['gzip', 2, 'without types', (used: Used) => untyped(page(used))],
] as const)(
  'what a page says counts, sent with the compression %s, by metric version %i, %s',
  async (compression, version, _types, pageOf) => {
    const endpoint = await freeAddress();
    const wattline = await startTaking(endpoint);
    const file = await startFile(pageOf({ joules: 1000, coreSeconds: 800 }));
    await startTelegraf({ plugins: [pageInput(file.path, version), grpcOutput(endpoint, compression)] });
    await followed(wattline, 3);
    await file.show(pageOf({ joules: 1300, coreSeconds: 800.5 }));
    await expectUsed(wattline, { joules: 330, coreSeconds: 0.5 });
    await file.show(pageOf({ joules: 1400, coreSeconds: 801.5 }));
    await expectUsed(wattline, { joules: 440, coreSeconds: 1.5 });
  },
);

it("lines of InfluxDB's protocol count, whose measurement and field are together the name of a meter", async () => {
  const endpoint = await freeAddress();
  const wattline = await startTaking(endpoint);
  const lines = (joules: number) => `hw_host,hw.id=psu energy_joules=${joules}\n`;
  const file = await startFile(lines(5000));
  await startTelegraf({ plugins: [lineInput(file.path), grpcOutput(endpoint)] });
  await followed(wattline, 1);
  await file.show(lines(5250.5));
  await expectUsed(wattline, { joules: 250.5, coreSeconds: 0 });
});

it('power counts by the times of its points, which are as sent, and once where they are sent again', async () => {
  const endpoint = await freeAddress();
  const wattline = await startTaking(endpoint);
  const start = Math.floor(Date.now() / 1000) - 60;
  const watts = [100, 300, 200];
  const lines = watts.map((value, index) => `hw_host power_watts=${value} ${start + 10 * index}000000000\n`);
  const file = await startFile(lines.join(''));
  await startTelegraf({ plugins: [lineInput(file.path), grpcOutput(endpoint)] });
  // It reads the same lines again and again.
  await expect.poll(() => wattline.value('wattline_live_late_points_total')).toBeGreaterThan(watts.length);
  await expectUsed(wattline, { joules: 10 * 200 + 10 * 250, coreSeconds: 0 });
});

it('the CPU time counts that Telegraf reads itself, of each host by the name that it is given', async () => {
  const endpoint = await freeAddress();
  const wattline = await startTaking(endpoint);
  const machines = { 'node-a': await startMachine({ cpu: 800 }), 'node-b': await startMachine({ cpu: 90_000 }) };
  for (const [host, { root }] of Object.entries(machines)) {
    await startTelegraf({ host, plugins: [cpuInput, grpcOutput(endpoint)], env: { HOST_PROC: join(root, 'proc') } });
  }
  // Each has two CPUs with five modes.
  await followed(wattline, 20);
  await machines['node-a'].show({ cpu: 801.6 });
  await machines['node-b'].show({ cpu: 90_000.8 });
  await expectUsed(wattline, { joules: 0, coreSeconds: 1.6 }, { scenario: 'node-a' });
  await expectUsed(wattline, { joules: 0, coreSeconds: 0.8 }, { scenario: 'node-b' });
});

it('loses and doubles nothing where Telegraf is restarted', async () => {
  const endpoint = await freeAddress();
  const wattline = await startTaking(endpoint);
  const file = await startFile(page({ joules: 1000, coreSeconds: 800 }));
  const plugins = [pageInput(file.path), grpcOutput(endpoint)];
  const first = await startTelegraf({ plugins });
  await followed(wattline, 3);
  await file.show(page({ joules: 1100, coreSeconds: 801 }));
  await expectUsed(wattline, { joules: 110, coreSeconds: 1 });
  await first.stop();
  await file.show(page({ joules: 1300, coreSeconds: 802 }));
  await startTelegraf({ plugins });
  await expectUsed(wattline, { joules: 330, coreSeconds: 2 });
  await file.show(page({ joules: 1400, coreSeconds: 803 }));
  await expectUsed(wattline, { joules: 440, coreSeconds: 3 });
});

it('loses and doubles nothing where Wattline is restarted, to which Telegraf sends again what it could not', async () => {
  const endpoint = await freeAddress();
  const state = await temporaryFolder();
  onTestFinished(state.remove);
  const before = await startTaking(endpoint, state.path);
  const file = await startFile(page({ joules: 1000, coreSeconds: 800 }));
  const telegraf = await startTelegraf({ plugins: [pageInput(file.path), grpcOutput(endpoint)] });
  await followed(before, 3);
  await file.show(page({ joules: 1100, coreSeconds: 801 }));
  await expectUsed(before, { joules: 110, coreSeconds: 1 });
  await before.stop();
  await file.show(page({ joules: 1300, coreSeconds: 802 }));
  await expect.poll(telegraf.logs).toMatch(/connection refused/);
  const after = await startTaking(endpoint, state.path);
  await expectUsed(after, { joules: 330, coreSeconds: 2 });
  await file.show(page({ joules: 1400, coreSeconds: 803 }));
  await expectUsed(after, { joules: 440, coreSeconds: 3 });
});

it('what Telegraf sends by remote write counts, of the host that its label names', async () => {
  const endpoint = await freeAddress();
  const wattline = await startPipeline({
    receivers: { prometheusremotewrite: { endpoint, resource_labels: { host_name: 'host.name' } } },
  });
  const file = await startFile(page({ joules: 1000, coreSeconds: 800 }));
  const plugins = [pageInput(file.path, 2), remoteWriteOutput(endpoint)];
  const first = await startTelegraf({ plugins });
  await followed(wattline, 3);
  await file.show(page({ joules: 1100, coreSeconds: 801 }));
  await expectUsed(wattline, { joules: 110, coreSeconds: 1 }, { scenario: 'node-a' });
  await first.stop();
  await file.show(page({ joules: 1300, coreSeconds: 802 }));
  await startTelegraf({ plugins });
  await expectUsed(wattline, { joules: 330, coreSeconds: 2 }, { scenario: 'node-a' });
});
