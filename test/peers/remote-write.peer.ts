import { expect, it, onTestFinished } from 'vitest';
import { parseExposition } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { startVictoriaMetrics } from '../kit/peers.ts';
import { first, second } from '../kit/remote-write.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { startWattline, type WattlineProcess } from '../kit/wattline-process.ts';
import { dcgmPage, keplerPage } from './exporter-pages.ts';
import { type PageServer, servePage } from './page-server.ts';
import { startPrometheusOf } from './prometheus.ts';
import { counting } from './wattline.ts';

/** What a node has used: joules by Kepler's zones, and millijoules of its card. */
interface Node {
  readonly kepler: PageServer;
  readonly dcgm: PageServer;
  use(joules: { readonly package: number; readonly dram: number; readonly card: number }): void;
  /** All that it has used since it was first shown, in joules. */
  used(): number;
}

async function startNode(): Promise<Node> {
  const now = { package: 1e6, dram: 5000, card: 9e6 };
  let used = 0;
  const kepler = () => keplerPage({ 'package-0-die-0': now.package, dram: now.dram });
  const dcgm = () => dcgmPage([{ millijoules: now.card * 1000, lines: [{ pod: 'a' }, { pod: 'b' }] }]);
  return {
    kepler: await servePage(kepler),
    dcgm: await servePage(dcgm),
    use(more) {
      for (const name of ['package', 'dram', 'card'] as const) now[name] += more[name];
      used += more.package + more.dram + more.card;
    },
    used: () => used,
  };
}

/** The configuration of a Prometheus that scrapes a node, and writes what it scrapes to Wattline by several shards. */
function scraping({ kepler, dcgm }: Node, address: string, message: string): string {
  const job = (name: string, target: string, port: number) => ({
    job_name: name,
    scrape_interval: '500ms',
    static_configs: [{ targets: [target], labels: { instance: `node-a:${port}` } }],
  });
  const remote = {
    url: `http://${address}/api/v1/write`,
    ...(message === second && { protobuf_message: message }),
    queue_config: {
      min_shards: 4,
      max_shards: 4,
      max_samples_per_send: 7,
      batch_send_deadline: '100ms',
      max_backoff: '200ms',
    },
    metadata_config: { send_interval: '1s' },
  };
  return JSON.stringify({
    global: { external_labels: { cluster: 'lab', prometheus_replica: 'a' } },
    scrape_configs: [job('kepler', kepler.address, 9102), job('dcgm', dcgm.address, 9400)],
    remote_write: [remote],
  });
}

/** Wattline that takes remote write, counts, keeps its state, and can be started again. */
async function startCounting(exporters: Readonly<Record<string, object>> = {}) {
  const state = await temporaryFolder();
  const [address, page] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const storage = { storage: 'file_storage' };
  const processors = { ...counting(storage), totals: storage };
  const config = JSON.stringify({
    receivers: { prometheusremotewrite: { endpoint: address } },
    processors,
    exporters: { prometheus: { endpoint: page, send_timestamps: true }, ...exporters },
    extensions: { file_storage: { directory: state.path } },
    service: {
      extensions: ['file_storage'],
      pipelines: {
        metrics: {
          receivers: ['prometheusremotewrite'],
          processors: Object.keys(processors),
          exporters: ['prometheus', ...Object.keys(exporters)],
        },
      },
    },
  });
  let wattline: WattlineProcess | undefined;
  const stop = async () => {
    await wattline?.stop();
    wattline = undefined;
  };
  const start = async () => {
    wattline = await startWattline({ config });
    await wattline.waitFor(`http://${page}/health`);
  };
  onTestFinished(async () => {
    await stop();
    await state.remove();
  });
  await start();
  const samples = async () => parseExposition(await (await fetch(`http://${page}/metrics`)).text());
  const sum = async (name: string) =>
    (await samples()).filter((one) => one.name === name).reduce((total, { value }) => total + value, 0);
  return { address, start, stop, samples, sum, logs: () => wattline?.logs() ?? '' };
}

/** Two zones and what a process has used of them and of CPU time, and the card; with fewer its counter might begin later. */
const STREAMS = 6;

it.each([
  ['2', first, []],
  ['3', first, []],
  ['3', second, ['--enable-feature=metadata-wal-records']],
] as const)(
  'Prometheus %s by %s: joules are what the pages rose by, and a restart of either side loses and doubles nothing',
  async (version, message, flags) => {
    const node = await startNode();
    const wattline = await startCounting();
    const prometheus = await startPrometheusOf(version, scraping(node, wattline.address, message), flags);
    const counted = () => expect.poll(() => wattline.sum('energy_joules_total')).toBeCloseTo(node.used(), 3);
    await expect.poll(() => wattline.sum('wattline_live_streams')).toBeGreaterThanOrEqual(STREAMS);
    node.use({ package: 300, dram: 50, card: 120 });
    await counted();
    const energies = (await wattline.samples()).filter(({ name }) => name === 'energy_joules_total');
    expect(new Set(energies.map(({ labels }) => labels.scenario))).toEqual(new Set(['node-a']));

    await wattline.stop();
    node.use({ package: 200, dram: 30, card: 80 });
    await Promise.all([node.kepler.scraped(), node.dcgm.scraped()]);
    node.use({ package: 100, dram: 20, card: 40 });
    await wattline.start();
    await counted();

    await prometheus.stop();
    node.use({ package: 150, dram: 25, card: 60 });
    await prometheus.start();
    await counted();
    node.use({ package: 10, dram: 5, card: 4 });
    await counted();
    expect(wattline.logs()).not.toMatch(/refused|rejected|Error/);
  },
);

it('what Wattline writes to Prometheus by 2.0 and to VictoriaMetrics by 1.0 has the same values and times, and the sums of its own page', async () => {
  const flags = ['--web.enable-remote-write-receiver'];
  const receiving = await startPrometheusOf('3', '{}', flags);
  const victoria = await startVictoriaMetrics();
  onTestFinished(victoria.stop);
  const node = await startNode();
  const wattline = await startCounting({
    'prometheusremotewrite/2': { endpoint: `${receiving.url}/api/v1/write`, protobuf_message: second },
    'prometheusremotewrite/1': { endpoint: `${victoria.url}/api/v1/write` },
  });
  await startPrometheusOf('3', scraping(node, wattline.address, second));
  await expect.poll(() => wattline.sum('wattline_live_streams')).toBeGreaterThanOrEqual(STREAMS);
  for (let step = 0; step < 4; step++) {
    node.use({ package: 30, dram: 5, card: 12 });
    await expect.poll(() => wattline.sum('energy_joules_total')).toBeCloseTo(node.used(), 3);
  }
  const storedBy = async (url: string) => {
    const query = new URLSearchParams({ query: 'energy_joules_total[10m]' });
    const { data } = (await (await fetch(`${url}/api/v1/query?${query}`)).json()) as QueryAnswer;
    return Object.fromEntries(
      data.result.map(({ metric, values }) => [
        JSON.stringify(Object.entries(metric).sort()),
        values.map(([time, value]) => [time, Number(value)]),
      ]),
    );
  };
  const lastOf = (stored: Awaited<ReturnType<typeof storedBy>>) =>
    Object.values(stored).reduce((total, values) => total + (values.at(-1)?.[1] ?? 0), 0);
  for (const { url } of [receiving, victoria]) {
    await expect.poll(async () => lastOf(await storedBy(url))).toBeCloseTo(node.used(), 3);
  }
  const [byPrometheus, byVictoria] = [await storedBy(receiving.url), await storedBy(victoria.url)];
  expect(Object.keys(byPrometheus).length).toBeGreaterThanOrEqual(2);
  for (const [series, values] of Object.entries(byPrometheus)) {
    // The other one may have got a request more meanwhile.
    expect(byVictoria[series]?.slice(0, values.length)).toEqual(values);
    expect(values.map(([time]) => time)).toEqual(values.map(([time]) => time).toSorted((a = 0, b = 0) => a - b));
  }
  expect(wattline.logs()).not.toMatch(/refused|rejected|will try again/);
});

interface QueryAnswer {
  readonly data: {
    readonly result: readonly { metric: Record<string, string>; values: [time: number, value: string][] }[];
  };
}
