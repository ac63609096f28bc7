/**
 * Runs a second that Wattline takes by HTTP and hands to VictoriaMetrics, with the sending queue in memory and on disk.
 * Run by `node test/bench/stored-queue.ts [runs] [repetitions]`; needs victoria-metrics on the PATH.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../kit/child-process.ts';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { startVictoriaMetrics } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const RUNS = Number(process.argv[2] ?? 20_000);
const REPETITIONS = Number(process.argv[3] ?? 5);
const RUNS_A_POST = 1000;
const SENDERS = 4;
const SAMPLES = 60;

interface Measured {
  /** Runs a second until the last one was acknowledged, and until the last one had arrived. */
  readonly acknowledged: number;
  readonly arrived: number;
}

const config = (port: number, url: string, storage: string) => `
receivers: { http: { endpoint: 127.0.0.1:${port} }, file: { include: [./none/*.json] } }
processors: { cost: { region: us-east-1 }, co2: { region: us-east-1 } }
extensions: { file_storage: { directory: ./queues } }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  victoriametrics: { endpoint: "${url}", sending_queue: { queue_size: ${RUNS}${storage} } }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [http], processors: [cost, co2], exporters: [victoriametrics] }
    metrics/own: { receivers: [file], exporters: [prometheus] }
`;

function body(from: number): string {
  const samples = (seed: number) => Array.from({ length: SAMPLES }, (_, index) => 40 + ((index * 7 + seed) % 11) / 3);
  const lines = Array.from({ length: RUNS_A_POST }, (_, index) => {
    const name = `run ${from + index}`;
    const power_watts = samples(from + index);
    return JSON.stringify({
      name,
      step_seconds: 5,
      start_time: 1.7e9,
      duration: 300,
      power_watts,
      cpu_usage_cores: power_watts,
    });
  });
  return lines.join('\n');
}

async function measure(storage: string): Promise<Measured> {
  const server = await startVictoriaMetrics(['-retentionPeriod=100y']);
  const port = await freePort();
  const folder = await temporaryFolder({ 'wattline.yaml': config(port, server.url, storage) });
  const wattline = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
  try {
    await wattline.waitFor(`http://127.0.0.1:${port}/health`);
    const bodies = Array.from({ length: RUNS / RUNS_A_POST }, (_, index) => body(index * RUNS_A_POST));
    const headers = { 'content-type': 'application/x-ndjson' };
    const send = async () => {
      for (let next = bodies.pop(); next !== undefined; next = bodies.pop()) {
        const answer = await fetch(`http://127.0.0.1:${port}/v1/results`, { method: 'POST', headers, body: next });
        if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
        await answer.arrayBuffer();
      }
    };
    const began = performance.now();
    await Promise.all(Array.from({ length: SENDERS }, send));
    const acknowledged = performance.now() - began;
    while ((await queueSize(port)) !== 0) await sleep(10);
    const arrived = performance.now() - began;
    return { acknowledged: (RUNS / acknowledged) * 1000, arrived: (RUNS / arrived) * 1000 };
  } finally {
    await wattline.stop('SIGTERM');
    await server.stop();
    await folder.remove();
  }
}

async function queueSize(port: number): Promise<number | undefined> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return seriesValue(parseExposition(page), 'otelcol_exporter_queue_size');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] as number);
}

const results: Record<'memory' | 'disk', Measured[]> = { memory: [], disk: [] };
for (let repetition = 0; repetition < REPETITIONS; repetition++) {
  results.memory.push(await measure(''));
  results.disk.push(await measure(', storage: file_storage'));
}
for (const what of ['acknowledged', 'arrived'] as const) {
  const [memory, disk] = [results.memory, results.disk].map((all) => median(all.map((one) => one[what])));
  const ratio = ((disk as number) / (memory as number)).toFixed(2);
  console.log(`runs/s until ${what}: memory ${memory}, disk ${disk}, ratio ${ratio}`);
}
