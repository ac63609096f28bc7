import { expect, it, onTestFinished } from 'vitest';
import { startPrometheus } from '../kit/peers.ts';
import { startMachine } from './machine.ts';
import { startNodeExporter } from './node-exporter.ts';
import { startPipeline } from './wattline.ts';

const every = '500ms';

/** Starts Wattline, which scrapes a path. */
function startScraping(address: string, path: string) {
  const target = { targets: [address], labels: { 'host.name': 'node-a', scenario: 'node-a' } };
  // What node_exporter itself uses is of the machine that the test runs on.
  const metric_names = ['node_*'];
  const job = { job_name: 'node', scrape_interval: every, metrics_path: path, metric_names, static_configs: [target] };
  return startPipeline({ receivers: { prometheus: { scrape_configs: [job] } } });
}

it('what a Prometheus has scraped and federates comes to the same as what is scraped directly', async () => {
  const machine = await startMachine({ cpu: 800, joules: { 'package-0': 1000, dram: 300 } });
  const exporter = await startNodeExporter(machine);
  const scrape = { job_name: 'node', scrape_interval: every, static_configs: [{ targets: [exporter] }] };
  const prometheus = await startPrometheus(JSON.stringify({ scrape_configs: [scrape] }));
  onTestFinished(prometheus.stop);
  const direct = await startScraping(exporter, '/metrics');
  const federated = await startScraping(
    new URL(prometheus.url).host,
    `/federate?${new URLSearchParams({ 'match[]': '{__name__=~"node_.+"}' })}`,
  );
  for (const { value } of [direct, federated])
    await expect.poll(() => value('wattline_live_streams')).toBeGreaterThan(0);
  await machine.show({ cpu: 801.6, joules: { 'package-0': 1300, dram: 350 } });
  for (const { sum } of [direct, federated]) {
    await expect.poll(() => sum('energy_joules_total')).toBeCloseTo(350, 6);
    await expect.poll(() => sum('cpu_core_seconds_total')).toBeCloseTo(1.6, 6);
  }
  await machine.show({ cpu: 803.2, joules: { 'package-0': 1400, dram: 350 } });
  for (const { sum } of [direct, federated]) {
    await expect.poll(() => sum('energy_joules_total')).toBeCloseTo(450, 6);
    await expect.poll(() => sum('cpu_core_seconds_total')).toBeCloseTo(3.2, 6);
  }
  for (const name of ['cost_energy_load_aware_usd_total', 'cost_compute_load_aware_usd_total']) {
    expect((await federated.sum(name)) / (await direct.sum(name))).toBeCloseTo(1, 9);
  }
});
