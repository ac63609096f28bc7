import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { FakeService, type ServiceRequest } from '../kit/fake-service.ts';
import { describeWithPeers, type Peer, startVictoriaMetrics } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { freePort, startWattline } from '../kit/wattline-process.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

const HALF_HOUR = 1_800_000;
/** The end of the half-hour before the last one. */
const END = (Math.floor(Date.now() / HALF_HOUR) - 1) * (HALF_HOUR / 1000);
/** One hour at 1 kW, and an hour of one core. */
const RUN = {
  ...{ name: 'an hour', power_watts: [1000, 1000], cpu_usage_cores: [1, 1], step_seconds: 3600 },
  ...{ start_time: END - 3600, end_time: END, duration: 3600 },
};

/** The Carbon Intensity API of Great Britain, in which every half-hour has the same forecast, or the same actual value. */
function gridOf(intensity: { readonly forecast: number; readonly actual?: number }) {
  return ({ path }: ServiceRequest) => {
    const [from = 0, to = 0] = path
      .split('/')
      .slice(-2)
      .map((time) => Date.parse(time));
    const data = [];
    for (let begin = from; begin < to; begin += HALF_HOUR) {
      const [first, last] = [begin, begin + HALF_HOUR].map((time) => new Date(time).toISOString());
      data.push({ from: first, to: last, intensity: { actual: null, ...intensity } });
    }
    return { json: { data } };
  };
}

const pricesOf = (usdPerMwh: number) =>
  `from,to,usd_per_mwh\n${new Date((END - 7200) * 1000).toISOString()},${new Date((END + 3600) * 1000).toISOString()},${usdPerMwh}\n`;

const configuration = (grid: string, server: string, port: number) => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  cost: { region: eu-west-2, price: [{ file: ./prices.csv }] }
  co2: { region: eu-west-2, provider: uk_carbon_intensity }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  victoriametrics: { endpoint: "${server}" }
  focus: { directory: ./focus }
providers:
  uk_carbon_intensity: { endpoint: "${grid}", refresh: 1s }
extensions:
  dashboard: { endpoint: 127.0.0.1:${port} }
service:
  extensions: [dashboard]
  pipelines:
    metrics: { receivers: [file], processors: [cost, co2], exporters: [prometheus, victoriametrics, focus] }
`;

/** The sum of all points that the server has of a metric, or of what each of its series comes to otherwise. */
async function storedSum({ url }: Peer, metric: string, over = 'sum_over_time'): Promise<number | undefined> {
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ query: `sum(${over}(${metric}[1d]))` });
  const { data } = (await (await fetch(`${url}/api/v1/query?${query}`)).json()) as {
    data: { result: { value: [number, string] }[] };
  };
  const value = data.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

async function focusTotals(directory: string): Promise<{ rows: number; carbon: number; cost: number }> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.csv'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const rows = texts.flatMap((text) => {
    const [head = '', ...lines] = text.trim().split('\n');
    const columns = head.split(',');
    return lines
      .map((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((field) => field.replace(/,$/, '')) ?? [])
      .map((fields) => Object.fromEntries(columns.map((name, index) => [name, fields[index]])));
  });
  const sum = (column: string) => rows.reduce((all, row) => all + Number(row[column] || 0), 0);
  return { rows: rows.length, carbon: sum('x_CarbonKg'), cost: sum('EffectiveCost') };
}

describeWithPeers('a run whose factors are revised', ['victoria-metrics'], () => {
  it.each([[[]], [['-dedup.minScrapeInterval=1ms']]])(
    'has everywhere the figures of the final data: VictoriaMetrics with %j',
    async (flags) => {
      const grid = await new FakeService(gridOf({ forecast: 266 })).start();
      const server = await startVictoriaMetrics(['-retentionPeriod=100y', '-search.latencyOffset=0s', ...flags]);
      const port = await freePort();
      const wattline = await startWattline({
        config: configuration(grid.url, server.url, port),
        files: { 'prices.csv': pricesOf(200), 'results/test_results_1.json': JSON.stringify({ scenarios: [RUN] }) },
      });
      const page = async () => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
      const isNear = (value: number | undefined, wanted: number) => Math.abs((value ?? 0) - wanted) < 1e-9;
      const reaches = (metric: string, wanted: number) =>
        vi.waitUntil(
          async () =>
            isNear(await storedSum(server, metric), wanted) && isNear(seriesValue(await page(), metric), wanted),
          { timeout: 30_000, interval: 200 },
        );
      try {
        await wattline.waitFor(`http://127.0.0.1:${port}/health`);
        await reaches('co2_emissions_kg', 0.266);
        await reaches('cost_total_load_aware', 0.7);
        grid.answer = gridOf({ forecast: 300 });
        await reaches('co2_emissions_kg', 0.3);
        await wattline.write({ 'prices.csv': pricesOf(150) });
        grid.answer = gridOf({ forecast: 300, actual: 120 });
        await reaches('co2_emissions_kg', 0.12);
        await reaches('cost_energy_load_aware', 0.15);
        await reaches('cost_total_load_aware', 0.65);
        await wattline.write({ 'prices.csv': 'from,usd_per_mwh\nyesterday,1\n' });
        await vi.waitUntil(() => wattline.logs().includes('figures stay as they are: '), { timeout: 20_000 });
        await wattline.write({ 'prices.csv': pricesOf(50) });
        await reaches('cost_total_load_aware', 0.55);
        const focus = join(wattline.directory, 'focus');
        await vi.waitUntil(async () => isNear((await focusTotals(focus)).cost, 0.55), { timeout: 20_000 });
        expect(await focusTotals(focus)).toMatchObject({ rows: 2, carbon: expect.closeTo(0.12, 9) });
        // The history is written within a second.
        const shown = async () => {
          const answer = await fetch(`http://127.0.0.1:${port}/api/runs`);
          return ((await answer.json()) as { runs: { cost_total_usd: number; co2_kg: number }[] }).runs;
        };
        await vi.waitUntil(async () => isNear((await shown())[0]?.cost_total_usd, 0.55), { timeout: 20_000 });
        expect(await shown()).toMatchObject([{ co2_kg: expect.closeTo(0.12, 9) }]);
        const restated = (quantity: string) => ({ processor: quantity === 'price' ? 'cost' : 'co2', quantity });
        expect(seriesValue(await page(), 'wattline_restatements_total', restated('price'))).toBe(2);
        expect(seriesValue(await page(), 'wattline_restatements_total', restated('intensity'))).toBe(2);
      } finally {
        expect(await wattline.stop()).toBe(0);
        await server.stop();
        await grid.stop();
      }
    },
    120_000,
  );
});

/** Runs and streams, each kept over a restart. */
const stored = (grid: string, server: string, port: number) => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
  http: { endpoint: 127.0.0.1:${port} }
processors:
  live: { storage: file_storage }
  co2: { region: eu-west-2, provider: uk_carbon_intensity, restatement: { storage: file_storage } }
  co2/live: { region: eu-west-2, provider: uk_carbon_intensity, restatement: { storage: file_storage } }
  totals: { storage: file_storage }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  victoriametrics: { endpoint: "${server}" }
providers:
  uk_carbon_intensity: { endpoint: "${grid}", refresh: 1s }
extensions:
  file_storage: { directory: ./state }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [file], processors: [co2], exporters: [victoriametrics] }
    metrics/live: { receivers: [http], processors: [live, co2/live, totals], exporters: [victoriametrics, prometheus] }
`;

/** An OTLP request with a point a minute of a host at 1 kW, over that many seconds up to `END`. */
function hostAtOneKilowatt(seconds: number) {
  const dataPoints = Array.from({ length: seconds / 60 + 1 }, (_, index) => {
    return { timeUnixNano: `${END - seconds + 60 * index}000000000`, asDouble: 1000 };
  });
  const attributes = [{ key: 'host.name', value: { stringValue: 'a' } }];
  const metrics = [{ name: 'hw.host.power', unit: 'W', gauge: { dataPoints } }];
  return { resourceMetrics: [{ resource: { attributes }, scopeMetrics: [{ scope: {}, metrics }] }] };
}

describeWithPeers('runs and streams whose hours are revised over a restart', ['victoria-metrics'], () => {
  it('have the totals of the final data, lower or higher', async () => {
    const grid = await new FakeService(gridOf({ forecast: 266 })).start();
    const server = await startVictoriaMetrics(['-retentionPeriod=100y', '-search.latencyOffset=0s']);
    const folder = await temporaryFolder({ 'results/test_results_1.json': JSON.stringify({ scenarios: [RUN] }) });
    const start = async () => {
      const port = await freePort();
      await folder.write({ 'wattline.yaml': stored(grid.url, server.url, port) });
      const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
      const url = `http://127.0.0.1:${port}`;
      await child.waitFor(`${url}/health`);
      const page = async () => parseExposition(await (await fetch(`${url}/metrics`)).text());
      return { child, url, page };
    };
    const isNear = (value: number | undefined, wanted: number) => Math.abs((value ?? 0) - wanted) < 1e-9;
    const reaches = (read: () => Promise<number | undefined>, wanted: number) =>
      vi.waitUntil(async () => isNear(await read(), wanted), { timeout: 30_000, interval: 200 });
    const ofRuns = () => storedSum(server, 'co2_emissions_kg');
    const ofStreams = () => storedSum(server, 'co2_emissions_kg_total', 'last_over_time');
    let wattline = await start();
    try {
      const body = JSON.stringify(hostAtOneKilowatt(600));
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${wattline.url}/v1/metrics`, { method: 'POST', body, headers })).status).toBe(200);
      await reaches(ofRuns, 0.266);
      await reaches(ofStreams, 0.266 / 6);
      await wattline.child.stop('SIGTERM');
      grid.answer = gridOf({ forecast: 300 });
      wattline = await start();
      await reaches(ofRuns, 0.3);
      await reaches(ofStreams, 0.3 / 6);
      await wattline.child.stop('SIGTERM');
      grid.answer = gridOf({ forecast: 300, actual: 120 });
      wattline = await start();
      await reaches(ofRuns, 0.12);
      const owed = { counter: 'co2_emissions_kg_total' };
      await reaches(async () => seriesValue(await wattline.page(), 'wattline_processor_owed', owed), 0.18 / 6);
      await reaches(ofStreams, 0.3 / 6);
      await reaches(() => storedSum(server, 'co2_emissions_kg_owed', 'last_over_time'), 0.18 / 6);
    } finally {
      await wattline.child.stop('SIGTERM');
      await server.stop();
      await grid.stop();
      await folder.remove();
    }
  }, 180_000);
});
