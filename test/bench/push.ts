/**
 * Pushing to a real VictoriaMetrics beside the fastest client that does the same by hand: as whole processes from the
 * results file on, and the exporter with its queue alone. That all points are stored is checked.
 *
 *   npm run build && node test/bench/push.ts [rounds] [runs] [process|exporter]
 */
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { Loader } from '../../src/loader.ts';
import { SendingQueue } from '../../src/pipeline/sending-queue.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import {
  allTaken,
  type Outcome,
  type Processor,
  type QueuedExporter,
  type Receiver,
  type Run,
} from '../../src/plugin/index.ts';
import type { Kind } from '../../src/plugin/kind.ts';
import { projectRoot } from '../kit/checkout.ts';
import { createTestContext } from '../kit/context.ts';
import { type Peer, startVictoriaMetrics } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { resultsFile } from './kit/inputs.ts';
import { interleave } from './kit/interleave.ts';
import { machineLine, thisMachine } from './kit/machine.ts';
import { count, type Row, spreadIn } from './kit/row.ts';
import { spreadOfRounds } from './kit/spread.ts';
import { formatTable } from './kit/table.ts';
import { timeNode } from './kit/timed-process.ts';

const SAMPLES = 60;
const SERVER = ['-retentionPeriod=100y', '-search.maxUniqueTimeseries=2000000', '-loggerLevel=ERROR'];
const BARE_CLIENT = `${projectRoot}test/bench/push-client.cjs`;
/** How long the server may take until queries see everything, in milliseconds. */
const VISIBLE_AFTER = 10_000;
const CLI = `${projectRoot}dist/src/cli.js`;
const never = new AbortController().signal;

/** The client that does it by hand. */
interface BareClient {
  readRuns(file: string): readonly unknown[];
  push(runs: readonly unknown[], url: string, samples: boolean): Promise<void>;
}

/** What a push took in milliseconds; the CPU time is that of the client alone. */
interface Taken {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Input {
  readonly path: string;
  readonly runs: number;
  readonly samples: boolean;
}

const [rounds = '5', runs = '10000', only = ''] = process.argv.slice(2);
const { path, release } = await resultsFile(Number(runs), SAMPLES);
const rows: Row[] = [];
for (const samples of [false, true]) {
  const input = { path, runs: Number(runs), samples };
  if (only !== 'exporter') rows.push(...(await wholeProcess(input, Number(rounds))));
  if (only !== 'process') rows.push(await exporterAlone(input, Number(rounds)));
}
await release();
console.log(
  `${machineLine(thisMachine())}; medians of ${rounds} interleaved rounds\n\n${formatTable(rows, new Map())}`,
);

/** Each process pushes to a new server, where every series is new, and then once more. */
async function wholeProcess(input: Input, rounds: number): Promise<Row[]> {
  const measure = async (argsFor: (url: string, folder: string) => string[]): Promise<Taken[]> => {
    const server = await startVictoriaMetrics(SERVER);
    const folder = await temporaryFolder({ 'wattline.yaml': configuration(input, server.url) });
    try {
      const taken: Taken[] = [];
      for (const times of [1, 2]) {
        const { wallMs, userMs, systemMs } = await timeNode(argsFor(server.url, folder.path));
        taken.push({ wallMs, cpuMs: userMs + systemMs });
        await requireStored(server, input, times);
      }
      return taken;
    } finally {
      await server.stop();
      await folder.remove();
    }
  };
  const [ours = [], theirs = []] = await interleave(rounds, [
    () => measure((_, folder) => [CLI, 'run', '--once', '--config', `${folder}/wattline.yaml`]),
    () => measure((url) => [BARE_CLIENT, input.path, url, ...(input.samples ? ['samples'] : [])]),
  ]);
  return ['new series', 'known series'].map((title, pass) => ({
    ...rowOf(input, title, pass, ours, theirs),
    goal: '≤ 1.5 × a bare client',
    most: 1.5,
  }));
}

/** What the real processors made of the file is there already, and every series is known. */
async function exporterAlone(input: Input, rounds: number): Promise<Row> {
  const bare: BareClient = createRequire(import.meta.url)(BARE_CLIENT);
  const runs = await processed(input.path);
  const byHand = bare.readRuns(input.path);
  const server = await startVictoriaMetrics(SERVER);
  const { stage: exporter, logs } = await stageOf<QueuedExporter>('exporter', 'victoriametrics', {
    endpoint: server.url,
    include_samples: input.samples,
    sending_queue: { queue_size: input.runs },
  });
  const { logger } = createTestContext().ctx;
  const queue = new SendingQueue(exporter, { logger, maxElapsedTime: 0 });
  const byExporter = async () => void (await queue.consume(runs));
  const byClient = () => bare.push(byHand, server.url, input.samples);
  try {
    await queue.start(never);
    const [ours = [], theirs = []] = await interleave(
      rounds + 2,
      [byExporter, byClient].map((work) => async () => [await timed(work)]),
    );
    await requireStored(server, input, 2 * (rounds + 2));
    return rowOf(input, 'exporter alone, known series', 0, ours.slice(2), theirs.slice(2));
  } catch (error) {
    throw new Error(logs.join('\n'), { cause: error });
  } finally {
    await queue.shutdown(never);
    await server.stop();
  }
}

async function timed(work: () => Promise<void>): Promise<Taken> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  await work();
  const wallMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** The runs of a results file as they come out of the last processor. */
async function processed(path: string): Promise<Run[]> {
  const all: Run[] = [];
  let next = async (runs: readonly Run[]): Promise<Outcome> => {
    all.push(...runs);
    return allTaken;
  };
  for (const type of ['co2', 'cost', 'predictor']) {
    const config = type === 'predictor' ? {} : { region: 'us-east-1' };
    const { stage } = await stageOf<Processor>('processor', type, config, next);
    await stage.start?.(never);
    next = (runs) => stage.consume(runs, never);
  }
  const { stage } = await stageOf<Receiver>('receiver', 'file', { include: [path] }, next);
  await stage.readOnce?.(never);
  return all;
}

async function stageOf<S>(kind: Kind, type: string, config: object, next?: (runs: readonly Run[]) => Promise<Outcome>) {
  const plugin = (await new Loader().find(kind, type)) as AnyPlugin;
  const { ctx, logs } = createTestContext(next && { next });
  return { stage: plugin.create(ctx, plugin.configSchema.parse(config)) as S, logs };
}

function configuration({ path, samples }: Input, url: string): string {
  return `
receivers: { file: { include: ["${path}"] } }
processors: { predictor: , cost: { region: us-east-1 }, co2: { region: us-east-1 } }
exporters: { victoriametrics: { endpoint: "${url}", include_samples: ${samples} } }
service:
  pipelines:
    metrics: { receivers: [file], processors: [predictor, cost, co2], exporters: [victoriametrics] }
`;
}

/** Throws where the server does not soon hold every point of every run so many times. */
async function requireStored({ url }: Peer, { runs, samples }: Input, times: number): Promise<void> {
  const wanted = `${runs * (samples ? 4 + 2 * SAMPLES : 4) * times} points of ${runs * (samples ? 6 : 4)} series`;
  const deadline = Date.now() + VISIBLE_AFTER;
  const points = 'count_over_time({__name__!="cost_exporter_alive"}[50y])';
  for (;;) {
    await fetch(`${url}/internal/force_flush`);
    const stored = `${await query(url, `sum(${points})`)} points of ${await query(url, `count(${points})`)} series`;
    if (stored === wanted) return;
    if (Date.now() > deadline) throw new Error(`stored are ${stored} in place of ${wanted}`);
    await sleep(200);
  }
}

async function query(url: string, expression: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression, nocache: '1' })}`);
  if (!response.ok) throw new Error(`${expression}: ${await response.text()}`);
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

function rowOf(input: Input, title: string, pass: number, ours: Taken[][], theirs: Taken[][]): Row {
  const of = (all: Taken[][], what: keyof Taken) => all.map((taken) => taken[pass]?.[what] as number);
  const [wall, wallByHand] = [of(ours, 'wallMs'), of(theirs, 'wallMs')];
  return {
    id: `push/${input.runs}${input.samples ? '/samples' : ''}/${title}`,
    measure: `push of ${titleOf(input)}, ${title}`,
    value: { ...spreadOfRounds(wall, wallByHand, (a, b) => a / b), unit: '×' },
    parts: {
      Wattline: spreadIn('ms', wall),
      'bare client': spreadIn('ms', wallByHand),
      'CPU of Wattline': spreadIn('ms', of(ours, 'cpuMs')),
      'CPU of the client': spreadIn('ms', of(theirs, 'cpuMs')),
    },
  };
}

function titleOf({ runs, samples }: Input): string {
  return `${count(runs)}, figures${samples ? ` and ${SAMPLES} samples of 2 signals` : ''}`;
}
