import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { parseExposition, type Sample, seriesValue } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers, startVictoriaMetrics } from '../kit/peers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const START = 1_766_947_958;
const KG_PER_KWH = 0.5;
const USD_PER_CORE_HOUR = 0.5;
const JOULES_PER_KWH = 3.6e6;

let folder: TemporaryFolder;
const running = new Set<RunningProcess>();
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const child of running) await child.stop('SIGKILL');
  running.clear();
  await folder.remove();
});

/** Takes OTLP and serves the counters, all on one port. */
const config = (port: number, exporter = '') => `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
processors:
  live: { storage: file_storage }
  energy: {}
  cost: { usd_per_kwh: 0.25, usd_per_core_hour: ${USD_PER_CORE_HOUR} }
  co2: { kg_per_kwh: ${KG_PER_KWH} }
  totals: { storage: file_storage }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  ${exporter}
extensions:
  file_storage: { directory: ./state }
service:
  extensions: [file_storage]
  pipelines:
    metrics:
      receivers: [http]
      processors: [live, energy, cost, co2, totals]
      exporters: [prometheus${exporter && `, ${exporter.split(':')[0]}`}]
`;

async function start(text: string, port: number, file = 'wattline.yaml'): Promise<RunningProcess> {
  await folder.write({ [file]: text });
  const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, file)]);
  running.add(child);
  await child.waitFor(`http://127.0.0.1:${port}/health`);
  return child;
}

async function stop(child: RunningProcess, signal: NodeJS.Signals): Promise<void> {
  await child.stop(signal);
  running.delete(child);
}

interface Host {
  readonly name: string;
  readonly metric: string;
  readonly unit: string;
  /** At so many seconds from the start. */
  readonly value: (second: number) => number;
  readonly cpuSeconds: (second: number) => number;
}

const attribute = (key: string, text: string) => ({ key, value: { stringValue: text } });
const isCounter = (unit: string) => unit === 'J' || unit === 's';

/** A resource of an OTLP request with the points of a host. */
function resourceOf(host: Host, seconds: readonly number[]) {
  const point = (second: number, value: number) => ({
    timeUnixNano: `${START + second}000000000`,
    startTimeUnixNano: `${START - 60}000000000`,
    asDouble: value,
  });
  const metric = (name: string, unit: string, value: (second: number) => number) => {
    const dataPoints = seconds.map((second) => point(second, value(second)));
    const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints };
    return { name, unit, ...(isCounter(unit) ? { sum } : { gauge: { dataPoints } }) };
  };
  const metrics = [metric(host.metric, host.unit, host.value), metric('container.cpu.time', 's', host.cpuSeconds)];
  const attributes = [attribute('scenario', 'encoder'), attribute('host.name', host.name)];
  return { resource: { attributes }, scopeMetrics: [{ scope: {}, metrics }] };
}

async function post(port: number, hosts: readonly Host[], seconds: readonly number[]): Promise<number> {
  const body = JSON.stringify({ resourceMetrics: hosts.map((host) => resourceOf(host, seconds)) });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}/v1/metrics`, { method: 'POST', headers, body });
  expect(await response.json()).toEqual(response.ok ? {} : expect.anything());
  return response.status;
}

async function scrape(port: number): Promise<Sample[]> {
  return parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
}

/** A host whose power rises by 0.05 W a second from 100 W, and which uses one and a half cores. */
const rising: Host = {
  name: 'a',
  metric: 'hw.host.power',
  unit: 'W',
  value: (second) => 100 + second / 20,
  cpuSeconds: (second) => 1.5 * second,
};
const risingJoules = (seconds: number) => 100 * seconds + seconds ** 2 / 40;
/** One that counts its energy, of a power that swings around 200 W within ten minutes; and half a core. */
const swing = (second: number) => (2 * Math.PI * second) / 600;
const swinging: Host = {
  name: 'b',
  metric: 'hw.host.energy',
  unit: 'J',
  value: (second) => 5e8 + 200 * second + ((50 * 600) / (2 * Math.PI)) * (1 - Math.cos(swing(second))),
  cpuSeconds: (second) => 0.5 * second,
};
const swingingJoules = (seconds: number) => swinging.value(seconds) - swinging.value(0);

function expectCounters(samples: readonly Sample[], joules: number, coreSeconds: number): void {
  const kwh = joules / JOULES_PER_KWH;
  const computeUsd = (coreSeconds / 3600) * USD_PER_CORE_HOUR;
  const expected = {
    energy_joules_total: joules,
    cpu_core_seconds_total: coreSeconds,
    cost_energy_load_aware_usd_total: kwh * 0.25,
    cost_compute_load_aware_usd_total: computeUsd,
    cost_load_aware_usd_total: kwh * 0.25 + computeUsd,
    co2_emissions_kg_total: kwh * KG_PER_KWH,
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = seriesValue(samples, name, { scenario: 'encoder' }) ?? Number.NaN;
    expect(Math.abs(found / value - 1), name).toBeLessThan(1e-9);
  }
}

it('an hour of a stream, second by second, comes to the closed form', { timeout: 180_000 }, async () => {
  const port = await freePort();
  const wattline = await start(config(port), port);
  for (let second = 0; second <= 3600; second++) expect(await post(port, [rising, swinging], [second])).toBe(200);
  expectCounters(await scrape(port), risingJoules(3600) + swingingJoules(3600), 2 * 3600);
  expect((await scrape(port)).filter(({ name }) => /skipped/.test(name) && name.includes('live'))).toEqual([]);
  await stop(wattline, 'SIGTERM');
});

it('counters never decrease and miss nothing over 20 restarts, most of them by kill -9', {
  timeout: 240_000,
}, async () => {
  const RESTARTS = 20;
  const port = await freePort();
  let wattline = await start(config(port), port);
  let sent = 0;
  let isDone = false;
  const sending = (async () => {
    for (let second = 0; !isDone; second += 2) {
      // Overlaps what was sent before, as where an answer was lost.
      const seconds = [Math.max(0, second - 1), second, second + 1];
      while ((await post(port, [rising, swinging], seconds).catch(() => 0)) !== 200) await sleep(5);
      sent = second + 1;
    }
  })();
  const highest = new Map<string, number>();
  const watch = async () => {
    const samples = await scrape(port).catch(() => []);
    for (const { name, labels, value } of samples) {
      if (!name.endsWith('_total') || labels.scenario === undefined) continue;
      expect(value, name).toBeGreaterThanOrEqual(highest.get(name) ?? 0);
      highest.set(name, value);
    }
  };
  for (let restart = 0; restart < RESTARTS; restart++) {
    const before = sent;
    await expect.poll(() => sent, { timeout: 20_000, interval: 1 }).toBeGreaterThan(before + Math.random() * 10);
    await watch();
    await sleep(Math.random() * 20);
    await stop(wattline, restart % 5 === 4 ? 'SIGTERM' : 'SIGKILL');
    wattline = await start(config(port), port);
    await watch();
  }
  isDone = true;
  await sending;
  await watch();
  expect(highest.size).toBe(6);
  expectCounters(await scrape(port), risingJoules(sent) + swingingJoules(sent), 2 * sent);
  await stop(wattline, 'SIGTERM');
});

it('go to another Wattline by OTLP as they are', async () => {
  const [port, next] = [await freePort(), await freePort()];
  const behind = `
receivers: { http: { endpoint: 127.0.0.1:${next} } }
exporters: { prometheus: { endpoint: 127.0.0.1:${next} } }
service: { pipelines: { metrics: { receivers: [http], exporters: [prometheus] } } }
`;
  await start(behind, next, 'behind.yaml');
  await start(config(port, `otlphttp: { endpoint: "http://127.0.0.1:${next}" }`), port);
  for (const second of [0, 1, 2, 3]) expect(await post(port, [rising], [second])).toBe(200);
  const own = (samples: readonly Sample[]) => samples.filter(({ labels }) => labels.scenario !== undefined);
  const before = own(await scrape(port));
  expect(before).toHaveLength(6);
  expect(own(await scrape(next))).toEqual(before);
});

describeWithPeers('VictoriaMetrics', ['victoria-metrics'], () => {
  it('knows by how much they have increased', { timeout: 60_000 }, async () => {
    const server = await startVictoriaMetrics(['-retentionPeriod=100y']);
    try {
      const port = await freePort();
      await start(config(port, `victoriametrics: { endpoint: "${server.url}" }`), port);
      for (let second = 0; second <= 60; second++) expect(await post(port, [rising, swinging], [second])).toBe(200);
      await fetch(`${server.url}/internal/force_flush`);
      const ask = async (query: string) => {
        const parameters = new URLSearchParams({ query, time: String(START + 61), nocache: '1' });
        const answer = await (await fetch(`${server.url}/api/v1/query?${parameters}`)).json();
        return Number((answer as { data: { result: { value: [number, string] }[] } }).data.result[0]?.value[1]);
      };
      const whole = risingJoules(60) + swingingJoules(60);
      expect((await ask(`increase_pure(energy_joules_total{boundary="host"}[2m])`)) / whole).toBeCloseTo(1, 9);
      expect(await ask(`resets(energy_joules_total[2m])`)).toBe(0);
      expect(await ask(`count_over_time(energy_joules_total[2m])`)).toBeGreaterThanOrEqual(60);
    } finally {
      await server.stop();
    }
  });
});
