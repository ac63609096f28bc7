import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectRoot } from '../../../test/kit/checkout.ts';
import { type RunningProcess, startProcess } from '../../../test/kit/child-process.ts';
import { parseExposition, type Sample, seriesValue } from '../../../test/kit/exposition.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';

const JOULES_PER_KWH = 3.6e6;
const USD_PER_KWH = 0.25;
const KG_PER_KWH = 0.5;
const USD_PER_CORE_HOUR = 0.5;

let folder: TemporaryFolder;
const closing: (() => unknown)[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await folder.remove();
});

/** An exporter whose page a test writes. */
async function startExporter() {
  const exporter = { page: '', asked: 0, address: '' };
  const server = createServer((_, response) => {
    exporter.asked++;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(exporter.page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  exporter.address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return exporter;
}

interface Running {
  readonly process: RunningProcess;
  /** The value of the only counter of that name. */
  value(name: string, labels?: Record<string, string>): Promise<number | undefined>;
  samples(): Promise<Sample[]>;
  /** Resolves when a scrape has begun and been handed on after now. */
  nextScrape(): Promise<void>;
}

async function startWattline(target: string): Promise<Running> {
  const port = await freePort();
  await folder.write({
    'wattline.yaml': `
receivers:
  prometheus:
    scrape_configs:
      - job_name: exporter
        scrape_interval: 100ms
        static_configs: [{ targets: ["${target}"], labels: { scenario: encodes, host.name: a } }]
processors:
  live:
    storage: file_storage
    other_metrics: drop
    # Hours of energy come within a tenth of a second here.
    ceiling_watts: { package: 1.0e+9, dram: 1.0e+9, package_and_dram: 1.0e+9 }
  energy: {}
  cost: { usd_per_kwh: ${USD_PER_KWH}, usd_per_core_hour: ${USD_PER_CORE_HOUR} }
  co2: { kg_per_kwh: ${KG_PER_KWH} }
  totals: { storage: file_storage }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} } }
extensions: { file_storage: { directory: ./state } }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [prometheus], processors: [live, energy, cost, co2, totals], exporters: [prometheus] }
`,
  });
  const args = [`${projectRoot}src/cli.ts`, 'run', '--config', `${folder.path}/wattline.yaml`];
  const process_ = startProcess(process.execPath, args);
  closing.push(() => process_.stop('SIGKILL'));
  await process_.waitFor(`http://127.0.0.1:${port}/health`);
  const samples = async () => parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  const value = async (name: string, labels?: Record<string, string>) => seriesValue(await samples(), name, labels);
  const scrapes = async () => (await value('wattline_prometheus_scrapes_total', { outcome: 'success' })) ?? 0;
  return {
    process: process_,
    samples,
    value,
    async nextScrape() {
      const known = await scrapes();
      // The first may have begun before now.
      await expect.poll(scrapes, { timeout: 10_000, interval: 10 }).toBeGreaterThanOrEqual(known + 2);
    },
  };
}

/** Shows one page after the other, each until it has been counted. */
async function show(exporter: { page: string }, wattline: Running, pages: readonly string[]): Promise<void> {
  for (const page of pages) {
    exporter.page = page;
    await wattline.nextScrape();
  }
}

/** Kepler's page; package and core are shown for the same joules. */
const kepler = (
  joules: number,
  processStart = 1_766_000_000,
) => `# HELP kepler_build_info A metric with a constant '1' value labeled with version information
# TYPE kepler_build_info gauge
kepler_build_info{arch="amd64",branch="main",goversion="go1.24.0",revision="",version="v0.11.0"} 1
# HELP kepler_node_cpu_joules_total Energy consumption of cpu at node level in joules
# TYPE kepler_node_cpu_joules_total counter
kepler_node_cpu_joules_total{node_name="node-1",path="/sys/class/powercap/intel-rapl:0",zone="package"} ${joules}
kepler_node_cpu_joules_total{node_name="node-1",path="/sys/class/powercap/intel-rapl:0:0",zone="core"} ${joules * 0.75}
# HELP kepler_node_cpu_watts Power consumption of cpu at node level in watts
# TYPE kepler_node_cpu_watts gauge
kepler_node_cpu_watts{node_name="node-1",path="/sys/class/powercap/intel-rapl:0",zone="package"} 37.5
# HELP kepler_process_cpu_joules_total Energy consumption of cpu at process level in joules
# TYPE kepler_process_cpu_joules_total counter
kepler_process_cpu_joules_total{comm="ffmpeg",container_id="",exe="/usr/bin/ffmpeg",node_name="node-1",pid="41",state="running",type="regular",vm_id="",zone="package"} ${joules / 2}
# HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
# TYPE process_start_time_seconds gauge
process_start_time_seconds ${processStart}
`;

/** node_exporter's page: two packages, one of which is shown again by memory-mapped registers, and CPU time. */
const nodeExporter = (
  joules: number,
  cpuSeconds: number,
  processStart = 1_766_000_000,
) => `# HELP node_cpu_seconds_total Seconds the CPUs spent in each mode.
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} 8.5e+06
node_cpu_seconds_total{cpu="0",mode="iowait"} 120.5
node_cpu_seconds_total{cpu="0",mode="system"} ${cpuSeconds * 0.25}
node_cpu_seconds_total{cpu="0",mode="user"} ${cpuSeconds * 0.75}
# HELP node_rapl_package_joules_total Current RAPL package value in joules
# TYPE node_rapl_package_joules_total counter
node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"} ${joules * 0.5}
node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl-mmio:0"} ${joules * 0.5}
node_rapl_package_joules_total{index="1",path="/sys/class/powercap/intel-rapl:1"} ${joules * 0.25}
# HELP node_rapl_dram_joules_total Current RAPL dram value in joules
# TYPE node_rapl_dram_joules_total counter
node_rapl_dram_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0:1"} ${joules * 0.25}
# HELP node_scrape_collector_duration_seconds node_exporter: Duration of a collector scrape.
# TYPE node_scrape_collector_duration_seconds gauge
node_scrape_collector_duration_seconds{collector="rapl"} 0.0003
# TYPE process_start_time_seconds gauge
process_start_time_seconds ${processStart}
`;

/** Scaphandre's page, in microjoules; its host is the sum of its sockets and their memory. */
const scaphandre = (
  joules: number,
) => `# HELP scaph_host_energy_microjoules Energy measurement for the whole host, as extracted from the sensor, in microjoules.
# TYPE scaph_host_energy_microjoules counter
scaph_host_energy_microjoules ${joules * 1e6}
# HELP scaph_host_power_microwatts Power measurement on the whole host, in microwatts
# TYPE scaph_host_power_microwatts gauge
scaph_host_power_microwatts 21000000
# HELP scaph_socket_energy_microjoules Socket related energy measurement in microjoules.
# TYPE scaph_socket_energy_microjoules counter
scaph_socket_energy_microjoules{socket_id="0"} ${joules * 0.9e6}
# HELP scaph_process_power_consumption_microwatts Power consumption due to the process, measured on at the topology level, in microwatts
# TYPE scaph_process_power_consumption_microwatts gauge
scaph_process_power_consumption_microwatts{pid="41",exe="ffmpeg",cmdline="ffmpeg-i\\"a b\\".mp4"} 1500000
`;

/** The page of cAdvisor in a kubelet: two containers, and again what holds them, with the times at which it measured. */
const cadvisor = (
  cpuSeconds: number,
  at: number,
) => `# HELP container_cpu_usage_seconds_total Cumulative cpu time consumed in seconds.
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{container="",cpu="total",id="/",image="",name="",namespace="",pod=""} ${cpuSeconds * 9} ${at}
container_cpu_usage_seconds_total{container="",cpu="total",id="/kubepods/pod1",image="",name="",namespace="media",pod="encoder-1"} ${cpuSeconds} ${at}
container_cpu_usage_seconds_total{container="encoder",cpu="total",id="/kubepods/pod1/a",image="encoder:1",name="a",namespace="media",pod="encoder-1"} ${cpuSeconds * 0.75} ${at}
container_cpu_usage_seconds_total{container="packager",cpu="total",id="/kubepods/pod1/b",image="packager:1",name="b",namespace="media",pod="encoder-1"} ${cpuSeconds * 0.25} ${at - 250}
# HELP container_last_seen Last time a container was seen by the exporter
# TYPE container_last_seen gauge
container_last_seen{container="encoder",id="/kubepods/pod1/a",image="encoder:1",name="a",namespace="media",pod="encoder-1"} 1.7e+09 ${at}
`;

async function expectEnergy(wattline: Running, joules: Record<string, number>): Promise<void> {
  const samples = await wattline.samples();
  const energies = samples.filter(({ name }) => name === 'energy_joules_total');
  expect(Object.keys(joules).sort()).toEqual(energies.map(({ labels }) => labels.boundary).sort());
  for (const [boundary, expected] of Object.entries(joules)) {
    const [usd, kg] = ['cost_energy_load_aware_usd_total', 'co2_emissions_kg_total'].map((name) =>
      seriesValue(samples, name, { boundary, scenario: 'encodes' }),
    );
    const energy = seriesValue(samples, 'energy_joules_total', { boundary, scenario: 'encodes' });
    expect((energy as number) / expected).toBeCloseTo(1, 9);
    expect((usd as number) / ((expected / JOULES_PER_KWH) * USD_PER_KWH)).toBeCloseTo(1, 9);
    expect((kg as number) / ((expected / JOULES_PER_KWH) * KG_PER_KWH)).toBeCloseTo(1, 9);
  }
}

describe('joules on the page of', { timeout: 60_000 }, () => {
  it('Kepler become energy, cost and emissions, over a reset and a kill of Wattline', async () => {
    const exporter = await startExporter();
    exporter.page = kepler(1e9);
    const first = await startWattline(exporter.address);
    await show(
      exporter,
      first,
      [1e9, 1e9 + 1000, 1e9 + 3.6e6, 1e9 + 7.2e6].map((joules) => kepler(joules)),
    );
    await expectEnergy(first, { package: 7.2e6 });
    // A new machine under the old name has counted 5000 J.
    await show(exporter, first, [kepler(5000, Date.now() / 1000), kepler(3_605_000)]);
    await expectEnergy(first, { package: 7.2e6 + 3_605_000 });
    await first.process.stop('SIGKILL');
    exporter.page = kepler(7_205_000);
    const second = await startWattline(exporter.address);
    await second.nextScrape();
    await show(exporter, second, [kepler(7_205_000), kepler(7_206_000)]);
    await expectEnergy(second, { package: 7.2e6 + 7_206_000 });
  });

  it('node_exporter count once, with CPU time, and not again where it restarts', async () => {
    const exporter = await startExporter();
    exporter.page = nodeExporter(2000, 7e6);
    const wattline = await startWattline(exporter.address);
    await show(exporter, wattline, [nodeExporter(2000, 7e6), nodeExporter(3.602e6, 7e6 + 0.5)]);
    const restartedAt = Date.now() / 1000;
    await show(exporter, wattline, [nodeExporter(7.202e6, 7e6 + 1, restartedAt)]);
    await expectEnergy(wattline, { package: 0.75 * 7.2e6, dram: 0.25 * 7.2e6 });
    expect(await wattline.value('cpu_core_seconds_total')).toBeCloseTo(1, 6);
    expect(await wattline.value('cost_compute_load_aware_usd_total')).toBeCloseTo(USD_PER_CORE_HOUR / 3600, 9);
  });

  it('Scaphandre count for the host, in microjoules', async () => {
    const exporter = await startExporter();
    exporter.page = scaphandre(100);
    const wattline = await startWattline(exporter.address);
    await show(exporter, wattline, [scaphandre(100), scaphandre(200), scaphandre(3.6e6 + 100)]);
    await expectEnergy(wattline, { 'package+dram': 3.6e6 });
  });
});

describe('CPU time on the page of', { timeout: 60_000 }, () => {
  it('cAdvisor counts for containers alone, and once where a page comes again', async () => {
    const exporter = await startExporter();
    const begun = Date.now() - 60_000;
    exporter.page = cadvisor(1000, begun);
    const wattline = await startWattline(exporter.address);
    const pages = [cadvisor(1000, begun), cadvisor(2000, begun + 10_000), cadvisor(8200, begun + 20_000)];
    await show(exporter, wattline, pages);
    await wattline.nextScrape();
    expect(await wattline.value('cpu_core_seconds_total')).toBeCloseTo(7200, 3);
    expect(await wattline.value('cost_compute_load_aware_usd_total')).toBeCloseTo(2 * USD_PER_CORE_HOUR, 6);
  });
});
