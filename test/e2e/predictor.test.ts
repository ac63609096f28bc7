import { afterEach, expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Settings {
  /** More settings of the predictor. */
  readonly predictor?: string;
  readonly extensions?: string;
}

function configure(port: number, { predictor = '', extensions = '' }: Settings = {}): string {
  return `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
processors: { predictor: { ${predictor} }, energy: , cost: { region: us-east-1 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
extensions: { ${extensions} }
service:
  extensions: [ ${extensions.split(':')[0]} ]
  pipelines: { metrics: { receivers: [http], processors: [predictor, energy, cost], exporters: [prometheus] } }
`;
}

async function start(config: string, port: number): Promise<WattlineProcess> {
  const wattline = await startWattline({ config });
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  return wattline;
}

async function post(port: number, scenarios: readonly object[]): Promise<void> {
  const body = JSON.stringify({ scenarios });
  const { status } = await fetch(`http://127.0.0.1:${port}/v1/results`, { method: 'POST', body });
  expect(status).toBe(200);
}

const measured = [1, 2, 3, 4].map((streams) => ({
  name: `${streams} streams`,
  start_time: 1766947958 + 100 * streams,
  duration: 60,
  step_seconds: 30,
  power_watts: [25 + 25 * streams, 25 + 25 * streams, 25 + 25 * streams],
  cpu_usage_cores: [2 * streams, 2 * streams, 2 * streams],
}));
const bare = { name: 'bare, 3 streams', start_time: 1766950000, duration: 60 };

/** The figures of the run without power by their names. */
async function figuresOfBare(port: number): Promise<Record<string, number>> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = page.split('\n').filter((line) => line.includes('scenario="bare, 3 streams"'));
  expect(lines.every((line) => line.includes('power="predicted"'))).toBe(true);
  return Object.fromEntries(lines.map((line) => [line.split('{')[0], Number(line.split(' ').at(-1))]));
}

const figuresOf3Streams = {
  energy_joules: expect.closeTo(6000, 6),
  cost_energy_load_aware: expect.closeTo((6000 / 3.6e6) * 0.13, 9),
  cost_total_load_aware: expect.any(Number),
};

it('predicts after a restart by what it has learnt before', async () => {
  const folder = await temporaryFolder();
  closing.push(folder.remove);
  const port = await freePort();
  const extensions = `file_storage: { directory: '${folder.path}' }`;
  const config = configure(port, { predictor: 'storage: file_storage', extensions });
  const before = await start(config, port);
  await post(port, measured);
  expect(await before.stop()).toBe(0);
  const after = await start(config, port);
  closing.push(after.stop);
  await post(port, [bare]);
  expect(await figuresOfBare(port)).toMatchObject(figuresOf3Streams);
});

it('predicts after a reload with other settings by what it has learnt before', async () => {
  const port = await freePort();
  const wattline = await start(configure(port), port);
  closing.push(wattline.stop);
  await post(port, measured);
  await wattline.reload(configure(port, { predictor: 'interval_level: 0.6' }));
  await expect.poll(wattline.logs, { timeout: 15_000 }).toMatch(/reloaded/);
  await post(port, [bare]);
  expect(await figuresOfBare(port)).toMatchObject(figuresOf3Streams);
});

it('predicts nothing after a restart without a storage', async () => {
  const port = await freePort();
  const before = await start(configure(port), port);
  await post(port, measured);
  expect(await before.stop()).toBe(0);
  const after = await start(configure(port), port);
  closing.push(after.stop);
  await post(port, [bare]);
  expect(await figuresOfBare(port)).toEqual({});
});
