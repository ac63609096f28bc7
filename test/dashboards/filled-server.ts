import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { vi } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { startGridService } from '../kit/grid-service.ts';
import { type Peer, startPrometheus, startVictoriaMetrics } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { startWattline } from '../kit/wattline-process.ts';
import { liveHost, reportLive, sendEmissions } from './live-host.ts';
import { givenEmissions, LIVE_KG_PER_KWH, MARKET_KG_PER_KWH, runsBefore } from './runs.ts';

/** A database that a running Wattline has filled. */
export interface FilledServer {
  readonly url: string;
  /** The time, in seconds since 1970, that the runs are relative to. */
  readonly now: number;
  stop(): Promise<void>;
}

/** How figures come into the database; Wattline's own telemetry is scraped in all cases. */
export type Filling = 'scraped by VictoriaMetrics' | 'pushed to VictoriaMetrics' | 'scraped by Prometheus';

/** A Wattline at work: with its address, and the text that it answers at /metrics. */
export interface WorkingWattline {
  readonly target: string;
  readonly now: number;
  scrape(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the database and a Wattline with the runs, and waits until the last of the figures can be asked for. */
export async function startFilled(filling: Filling): Promise<FilledServer> {
  const port = await freePort();
  const target = `127.0.0.1:${port}`;
  const folder = await temporaryFolder({ 'scrape.yaml': scrapeConfig(target, filling) });
  const stops = [folder.remove];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const server = await startServer(filling, target, join(folder.path, 'scrape.yaml'));
    stops.push(server.stop);
    const pushTo = filling === 'pushed to VictoriaMetrics' ? server.url : undefined;
    const wattline = await startWorking(port, pushTo);
    stops.push(wattline.stop);
    return { url: server.url, now: wattline.now, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Starts a Wattline that has runs to read, a host that keeps reporting, a service that knows the intensity of its grid, an
 * exporter that is rejected, and one whose server is away.
 */
export async function startWorking(port: number, pushTo?: string): Promise<WorkingWattline> {
  const now = Math.floor(Date.now() / 1000);
  const rejecting = createServer((request, response) =>
    request.resume().once('end', () => response.writeHead(400).end()),
  );
  rejecting.listen(0, '127.0.0.1');
  await once(rejecting, 'listening');
  const rejectingPort = (rejecting.address() as AddressInfo).port;
  const grid = await startGridService(LIVE_KG_PER_KWH);
  const [awayPort, figuresPort] = [await freePort(), await freePort()];
  const config = pipelineConfig({ port, rejectingPort, awayPort, figuresPort, grid: grid.url, pushTo });
  const runs = runsBefore(now);
  const files = {
    'results/test_results_1.json': JSON.stringify({ scenarios: runs }),
    'known/test_results_1.json': JSON.stringify({ scenarios: knownRuns() }),
    'results/test_results_2.json': JSON.stringify({ scenarios: [{ ...runs[1], power_watts: ['?'] }] }),
  };
  const wattline = await startWattline({ config, files });
  await wattline.waitFor(`http://127.0.0.1:${port}/metrics`);
  // Receivers start last, once what is known has been learnt.
  const sending = () => sendEmissions(`127.0.0.1:${figuresPort}`, givenEmissions(now));
  await vi.waitFor(sending, { timeout: 20_000, interval: 50 });
  const host = reportLive(`127.0.0.1:${port}`);
  return {
    target: `127.0.0.1:${port}`,
    now,
    scrape: async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text(),
    async stop() {
      await host.stop();
      await wattline.stop();
      await grid.stop();
      rejecting.closeAllConnections();
      rejecting.close();
    },
  };
}

/** Twenty runs of five numbers of streams, a little apart from a line. */
function knownRuns(): object[] {
  return Array.from({ length: 20 }, (_, i) => ({
    name: `${1 + (i % 5)} streams of known run ${i}`,
    start_time: 1_705_315_800 + 60 * i,
    duration: 60,
    step_seconds: 60,
    power_watts: Array(2).fill(50 + 25 * (i % 5) + (i % 3)),
  }));
}

interface PipelineOptions {
  readonly port: number;
  readonly rejectingPort: number;
  readonly awayPort: number;
  /** Where figures are taken that somebody else has made. */
  readonly figuresPort: number;
  /** The address of the service that knows the intensity of the grid. */
  readonly grid: string;
  readonly pushTo: string | undefined;
}

function pipelineConfig(options: PipelineOptions): string {
  const { port, rejectingPort, awayPort, figuresPort, grid, pushTo } = options;
  const exporters = `[prometheus${pushTo ? ', victoriametrics' : ''}]`;
  return `
receivers:
  http: { endpoint: 127.0.0.1:${port} }
  http/figures: { endpoint: 127.0.0.1:${figuresPort} }
  file: { include: [./results/test_results_1.json], poll_interval: 50ms }
  file/rejected: { include: [./results/test_results_2.json], poll_interval: 50ms }
  file/away: { include: [./results/test_results_2.json], poll_interval: 50ms }
processors:
  predictor: { training: { min_distinct_streams: 2 } }
  # Has learnt enough to say how far it misses; nothing is left for it to predict.
  predictor/known: { training: { include: [./known/*.json] } }
  energy: { fill: mean }
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1, market: { kg_per_kwh: ${MARKET_KG_PER_KWH}, source: wind farm contract, year: 2025 } }
  sci: { embodied: { total_kg: 1000 }, functional_units: [stream_hour, pixel] }
  unit_cost:
  savings: { baseline: 2 streams @ 2500k }
  live: { by: pod, idle_watts: ${liveHost.idleWatts} }
  energy/live:
  cost/live: { usd_per_kwh: 0.25, usd_per_core_hour: 0.50 }
  co2/live: { provider: uk_carbon_intensity }
  totals: { labels: [host.name, k8s.namespace.name, k8s.pod.name] }
providers:
  uk_carbon_intensity: { endpoint: "${grid}" }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  otlphttp/rejected: { endpoint: "http://127.0.0.1:${rejectingPort}" }
  otlphttp/away: { endpoint: "http://127.0.0.1:${awayPort}", retry_on_failure: { enabled: false } }
  ${pushTo ? `victoriametrics: { endpoint: "${pushTo}" }` : 'debug:'}
service:
  pipelines:
    metrics:
      receivers: [file]
      processors: [predictor, energy, cost, co2, sci, unit_cost, savings]
      exporters: ${exporters}
    metrics/figures: { receivers: [http/figures], processors: [predictor/known], exporters: ${exporters} }
    metrics/live:
      receivers: [http]
      processors: [live, energy/live, cost/live, co2/live, totals]
      exporters: ${exporters}
    metrics/rejected: { receivers: [file/rejected], exporters: [otlphttp/rejected] }
    metrics/away: { receivers: [file/away], exporters: [otlphttp/away] }
`;
}

async function startServer(filling: Filling, target: string, scrapeFile: string): Promise<Peer> {
  if (filling === 'scraped by Prometheus') return startPrometheus(scrapeConfig(target, filling));
  return startVictoriaMetrics([
    `-promscrape.config=${scrapeFile}`,
    '-search.latencyOffset=0s',
    '-retentionPeriod=100y',
  ]);
}

/** Scraping as a deployment has it; where figures are scraped, once more from a second place, as two replicas would. */
function scrapeConfig(target: string, filling: Filling): string {
  const keep = (regex: string) =>
    `    metric_relabel_configs: [{ source_labels: [__name__], regex: "${regex}", action: keep }]\n`;
  const job = (name: string) => `  - job_name: ${name}\n    static_configs: [{ targets: ["${target}"] }]\n`;
  const jobs =
    filling === 'pushed to VictoriaMetrics'
      ? `${job('wattline')}${keep('(otelcol|wattline)_.*')}`
      : `${job('wattline')}${job('replica')}${keep('(cost|co2)_.*')}`;
  return `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${jobs}`;
}
