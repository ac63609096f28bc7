import { afterEach, expect, it } from 'vitest';
import { parseExposition, seriesValue } from '../test/kit/exposition.ts';
import { freePort } from '../test/kit/free-port.ts';
import { runConfiguration, validateConfiguration } from '../test/kit/ready-configuration.ts';
import { temporaryFolder } from '../test/kit/temporary-folder.ts';

const FILE = 'without-meter.yaml';
/** Of a CPU of Ice Lake: watts when idle, and how many more when busy. */
const [IDLE, RISE] = [0.767, 3.758 - 0.767];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A resource of an OTLP request of what a Collector says of its machine: counters at a time in seconds since 1970. */
function resourceOf(attributes: object, at: number, counters: Readonly<Record<string, number>>) {
  const metrics = Object.entries(counters).map(([name, asDouble]) => ({
    name,
    unit: name === 'system.cpu.time' ? 's' : 'J',
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [{ timeUnixNano: `${at}000000000`, asDouble, attributes: [] }],
    },
  }));
  const named = Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return { resource: { attributes: named }, scopeMetrics: [{ metrics }] };
}

it('is valid', async () => {
  const stdout = expect.stringContaining('machines without a meter is modelled');
  expect(await validateConfiguration(FILE)).toMatchObject({ code: 0, stderr: '', stdout });
});

it('models what machines draw that send their CPU time alone, over a restart, beside one with a meter', async () => {
  const folder = await temporaryFolder();
  closing.push(folder.remove);
  const [receiver, endpoint] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const start = async () => {
    const wattline = runConfiguration(FILE, {
      WATTLINE_RECEIVER: receiver,
      WATTLINE_ENDPOINT: endpoint,
      WATTLINE_REGION: 'eu-north-1',
      WATTLINE_STATE: folder.path,
    });
    closing.push(() => wattline.stop('SIGKILL'));
    await wattline.waitFor(`http://${endpoint}/health`);
    return wattline;
  };
  const begun = Math.floor(Date.now() / 1000) - 3600;
  const vm = { 'host.name': 'vm', 'host.type': 'm6i.xlarge' };
  const metal = { 'host.name': 'metal', 'host.type': 'm6i.xlarge' };
  const unknown = { 'host.name': 'unknown', 'host.type': 'm5.large' };
  const send = async (minute: number) => {
    const at = begun + 60 * minute;
    const cpu = { 'system.cpu.time': 120 * minute };
    const resourceMetrics = [
      resourceOf(vm, at, cpu),
      resourceOf(metal, at, { ...cpu, 'hw.host.energy': 6000 * minute }),
      resourceOf(unknown, at, cpu),
    ];
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const response = await fetch(`http://${receiver}/v1/metrics`, {
      ...init,
      body: JSON.stringify({ resourceMetrics }),
    });
    expect(await response.json()).toEqual({});
  };
  const value = async (name: string, labels: Readonly<Record<string, string>>) => {
    const text = await (await fetch(`http://${endpoint}/metrics`)).text();
    return seriesValue(parseExposition(text), name, labels);
  };

  const wattline = await start();
  await send(0);
  await send(1);
  expect(await wattline.stop('SIGTERM'), wattline.stderr()).toBe(0);
  const next = await start();
  await send(2);
  const labels = { scenario: 'vm', power: 'modelled' };
  const joules = (4 * IDLE + 2 * RISE) * 120;
  expect(await value('energy_joules_total', { ...labels, boundary: 'host' })).toBeCloseTo(joules, 9);
  expect(await value('cpu_core_seconds_total', labels)).toBeCloseTo(240, 9);
  expect(await value('co2_emissions_kg_total', labels)).toBeGreaterThan(0);
  const energyCost = (await value('cost_energy_load_aware_usd_total', labels)) as number;
  const computeCost = (await value('cost_compute_load_aware_usd_total', labels)) as number;
  expect(await value('cost_load_aware_usd_total', labels)).toBeCloseTo(energyCost + computeCost, 12);
  expect(await value('energy_joules_total', { scenario: 'metal' })).toBe(12_000);
  expect(await value('energy_joules_total', { scenario: 'unknown' })).toBeUndefined();
  expect(await value('cpu_core_seconds_total', { scenario: 'unknown' })).toBe(240);
  expect(await value('wattline_skipped_total', { item: 'host', reason: 'unknown_cpu' })).toBe(1);
  expect(await next.stop('SIGTERM'), next.stderr()).toBe(0);
});
