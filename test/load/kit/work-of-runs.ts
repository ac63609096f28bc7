import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseExposition, seriesValue } from '../../kit/exposition.ts';
import type { Work } from './work.ts';

const RUNS_A_REQUEST = 20;
const SCENARIOS = 100;
const SAMPLES = 60;
const STEP_SECONDS = 5;
const DURATION = SAMPLES * STEP_SECONDS;
/** 2023-11-14. */
const FIRST_START = 1_700_000_000;
const METRIC = 'co2_emissions_kg';
/** For how long it is waited until the queue is empty, in milliseconds. */
const PATIENCE = 300_000;
const ACCEPTED = 1;
const REFUSED = 2;
const ARRIVED = 4;

/** Runs by HTTP through `cost` and `co2` to VictoriaMetrics, with a queue on disk. */
export function workOfRuns(victoriaMetrics: string): Work {
  /** What became of each run, by its number. */
  let fates = new Uint8Array(1 << 20);
  let sent = 0;
  const samples = Array.from({ length: SCENARIOS }, (_, scenario) => sampleText(scenario));
  return {
    name: 'runs to VictoriaMetrics',
    request: `${RUNS_A_REQUEST} runs of ${SAMPLES} samples`,
    configuration: (receiver, page, folder) => `
extensions: { file_storage: { directory: ${folder}/state } }
receivers: { http: { endpoint: 127.0.0.1:${receiver} }, file: { include: [${folder}/none/*.json] } }
processors: { memory_limiter: { limit_mib: 400 }, cost: { region: us-east-1 }, co2: { region: us-east-1 } }
exporters:
  prometheus: { endpoint: 127.0.0.1:${page} }
  victoriametrics: { endpoint: "${victoriaMetrics}", sending_queue: { queue_size: 10000, storage: file_storage } }
service:
  extensions: [file_storage]
  pipelines:
    metrics: { receivers: [http], processors: [memory_limiter, cost, co2], exporters: [victoriametrics] }
    metrics/own: { receivers: [file], exporters: [prometheus] }
`,
    async send(ask) {
      const first = sent;
      sent += RUNS_A_REQUEST;
      if (sent > fates.length) fates = grown(fates);
      let body = '';
      for (let run = first; run < sent; run++) body += runText(run, samples[run % SCENARIOS] as string);
      const answer = await ask('/v1/results', body, 'application/x-ndjson');
      fates.fill(answer.status === 200 ? ACCEPTED : REFUSED, first, first + RUNS_A_REQUEST);
      return answer;
    },
    async check(_, page) {
      await queueIsEmpty(page);
      await fetch(`${victoriaMetrics}/internal/force_flush`);
      const stored = await fetch(`${victoriaMetrics}/api/v1/export?match=${METRIC}&start=${FIRST_START}`);
      const lines = createInterface({ input: Readable.fromWeb(stored.body as never) });
      for await (const line of lines) {
        const { metric, timestamps } = JSON.parse(line) as { metric: { scenario: string }; timestamps: number[] };
        const scenario = Number(metric.scenario.slice(1));
        for (const at of timestamps) {
          const run = ((at / 1000 - DURATION - FIRST_START) / STEP_SECONDS) * SCENARIOS + scenario;
          fates[run] = (fates[run] as number) | ARRIVED;
        }
      }
      const [accepted, lost, refusedYetThere] = [0, 0, 0].map((_, what) => counts(fates)[what]);
      if (lost) throw new Error(`${lost} of ${accepted} accepted runs are not in VictoriaMetrics`);
      return `${accepted} runs were accepted, and all of them are stored; so are ${refusedYetThere} of those refused`;
    },
  };
}

function counts(fates: Uint8Array): [accepted: number, lost: number, refusedYetThere: number] {
  let [accepted, lost, refusedYetThere] = [0, 0, 0];
  for (const fate of fates) {
    if (fate & ACCEPTED) accepted++;
    if (fate === ACCEPTED) lost++;
    if (fate === (REFUSED | ARRIVED)) refusedYetThere++;
  }
  return [accepted, lost, refusedYetThere];
}

function runText(run: number, samples: string): string {
  const start = FIRST_START + Math.floor(run / SCENARIOS) * STEP_SECONDS;
  return `{"name":"s${run % SCENARIOS}","start_time":${start},"duration":${DURATION},"step_seconds":${STEP_SECONDS},${samples}}\n`;
}

function sampleText(scenario: number): string {
  const values = Array.from({ length: SAMPLES }, (_, sample) => 40 + ((sample * 7 + scenario) % 11) / 4);
  return `"power_watts":[${values}],"cpu_usage_cores":[${values.map((value) => value / 20)}]`;
}

function grown(fates: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(fates.length * 2);
  larger.set(fates);
  return larger;
}

async function queueIsEmpty(page: Parameters<Work['check']>[1]): Promise<void> {
  for (const deadline = Date.now() + PATIENCE; ; await sleep(200)) {
    const size = seriesValue(parseExposition((await page('/metrics')).text), 'otelcol_exporter_queue_size');
    if (size === 0) return;
    if (Date.now() > deadline) throw new Error(`the queue still holds ${size} runs`);
  }
}
