/**
 * A steady load of everything at once for long, of which memory must not grow: results, OTLP of runs, streams of hosts whose
 * containers and processes are always new ones, scrapes, the page, and reloads.
 * Run by `npm run test:soak -- --minutes 60`; needs victoria-metrics on the PATH.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { machineLine, thisMachine } from '../bench/kit/machine.ts';
import { otlpBodies } from '../bench/kit/otlp-bodies.ts';
import { cpuSecondsOf } from '../bench/kit/process-usage.ts';
import { startServer } from '../bench/kit/server-process.ts';
import { freePort } from '../kit/free-port.ts';
import { startVictoriaMetrics } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { hosts, resultsOf, secondsARound, streamsOf } from './kit/mixed-work.ts';
import { asker } from './kit/poster.ts';
import { percentile, slopeOf } from './kit/slope.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    /** Until what is kept for a time has filled up. */
    'warm-up': { type: 'string', default: '10' },
    cli: {
      type: 'string',
      default: fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url)),
    },
    /** More arguments of Node.js, such as `--heapsnapshot-signal=SIGWINCH`. */
    node: { type: 'string', multiple: true, default: [] },
  },
});
const minutes = Number(values.minutes);
const warmUp = Number(values['warm-up']);
const PRELOADED = fileURLToPath(new URL('./kit/report-memory.cjs', import.meta.url));
const MIB = 1024 * 1024;

interface Memory {
  readonly at: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  readonly heldMs: number;
}

const server = await startVictoriaMetrics(['-retentionPeriod=100y', '-memory.allowedPercent=5']);
const [receiver, page] = [await freePort(), await freePort()];
const folder = await temporaryFolder();
/** Reloads change a price, and with it one stage. */
const configuration = (price: number) => `
extensions:
  file_storage: { directory: ${folder.path}/state }
  dashboard: { endpoint: 127.0.0.1:${page}, history: { path: ${folder.path}/history.db } }
  status: { endpoint: 127.0.0.1:${page} }
receivers: { http: { endpoint: 127.0.0.1:${receiver} } }
processors:
  memory_limiter: { limit_mib: 1024 }
  live: { storage: file_storage, max_gap: 30s, stream_expiration: 5m }
  predictor: {}
  energy: {}
  cost: { region: us-east-1, usd_per_core_hour: ${price} }
  co2: { region: us-east-1 }
  totals: { storage: file_storage, labels: [host.name, k8s.namespace.name] }
exporters:
  prometheus: { endpoint: 127.0.0.1:${page} }
  victoriametrics: { endpoint: "${server.url}", sending_queue: { storage: file_storage } }
service:
  extensions: [file_storage, dashboard, status]
  pipelines:
    metrics:
      receivers: [http]
      processors: [memory_limiter, live, predictor, energy, cost, co2, totals]
      exporters: [prometheus, victoriametrics]
`;
await folder.write({ 'wattline.yaml': configuration(0.5) });
const nodeArguments = ['--expose-gc', '--require', PRELOADED, ...values.node];
const process_ = await startServer(
  [...nodeArguments, values.cli, 'run', '--config', `${folder.path}/wattline.yaml`],
  /receiving OTLP/,
);
console.log(`${machineLine(thisMachine())}, process ${process_.pid}, ${minutes} minutes`);

const sender = asker(`http://127.0.0.1:${receiver}`, 4);
const reader = asker(`http://127.0.0.1:${page}`, 2);
const answers = new Map<string, number>();
const health: number[] = [];
const ended = Date.now() + minutes * 60_000;
const began = Math.floor(Date.now() / 1000);
const bodies = otlpBodies(20);

await Promise.all([
  every(secondsARound, async (round) => {
    for (const host of hosts) count('streams', await sender.ask('/v1/metrics', streamsOf(host, round, began)));
  }),
  every(0.25, async (round) =>
    count('results', await sender.ask('/v1/results', resultsOf(round), 'application/x-ndjson')),
  ),
  every(1, async (round) =>
    count('OTLP', await sender.ask('/v1/metrics', bodies[round % bodies.length], 'application/x-protobuf')),
  ),
  every(5, async () => count('scrape', await reader.ask('/metrics'))),
  every(10, async () => {
    for (const path of ['/', '/api/summary', '/api/streams', '/api/runs?page=2', '/status'])
      count('page', await reader.ask(path));
  }),
  every(1, async () => {
    const answer = await reader.ask('/health');
    count('health', answer);
    health.push(answer.ms);
  }),
  every(180, async (round) => {
    if (round === 0) return;
    await folder.write({
      'wattline.yaml': configuration(round % 2 ? 0.6 : 0.5),
    });
    process_.send('SIGHUP');
  }),
  every(15, async () => process_.send('SIGUSR2')),
  every(60, async (round) => {
    await sleep(1000);
    const last = measured().at(-1);
    if (last)
      console.log(`${round} min: ${mib(last.heapUsed)} MiB of heap, ${mib(last.rss)} MiB resident, ${cpuShare()}`);
  }),
]);

const all = measured();
const counted = all.filter(({ at }) => at >= began + warmUp * 60);
console.log(`answers: ${[...answers].map(([what, times]) => `${what} ${times}`).join(', ')}`);
console.log(`reloads in the log: ${process_.output().match(/reloaded|reload/gi)?.length ?? 0}`);
for (const what of ['heapUsed', 'external', 'rss'] as const) {
  const { rise, error } = slopeOf(
    counted.map(({ at }) => at / 3600),
    counted.map((one) => one[what] / MIB),
  );
  const of = (list: readonly Memory[]) =>
    percentile(
      list.map((one) => one[what]),
      0.5,
    );
  const [first, last] = [counted.slice(0, 8), counted.slice(-8)].map((list) => mib(of(list)));
  console.log(
    `${what}: ${rise.toFixed(2)} ± ${error.toFixed(2)} MiB an hour; ${first} MiB at first, ${last} MiB at last`,
  );
}
const shares = [0.5, 0.99, 1].map((share) => percentile(health, share).toFixed(1));
console.log(`/health: ${shares[0]} ms at the median, ${shares[1]} ms of 99 %, ${shares[2]} ms at most`);
console.log(
  `the event loop was held for ${Math.max(...all.map(({ heldMs }) => heldMs)).toFixed(0)} ms at most; ${cpuShare()}`,
);
sender.close();
reader.close();
await process_.stop();
await server.stop();
await folder.remove();

/** Does work again and again until the time is over; a turn that takes longer than it should delays the next one. */
async function every(seconds: number, work: (round: number) => Promise<void> | void): Promise<void> {
  const first = Date.now();
  for (let round = 0; ; round++) {
    const due = first + round * seconds * 1000;
    if (due >= ended || Date.now() >= ended) return;
    await sleep(Math.max(0, due - Date.now()));
    await work(round);
  }
}

function count(what: string, { status, text }: { status: number; text: string }): void {
  const key = `${what} ${status}`;
  if (!answers.has(key) && status !== 200) console.log(`${key}: ${text.slice(0, 200)}`);
  answers.set(key, (answers.get(key) ?? 0) + 1);
  if (status === 200 && text.includes('rejected'))
    answers.set(`${what} partly`, (answers.get(`${what} partly`) ?? 0) + 1);
}

function measured(): Memory[] {
  return [...process_.output().matchAll(/^memory (.*)$/gm)].map(([, json]) => JSON.parse(json as string) as Memory);
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

function cpuShare(): string {
  return `${((100 * cpuSecondsOf(process_.pid)) / (Date.now() / 1000 - began)).toFixed(0)} % of a core`;
}
