/**
 * /metrics of the exporter alone, in one process with servers written by hand: one that has its text ready, and one that
 * keeps the labels as text and writes the numbers; and with the SDK's serializer, in whose place the exporter writes
 * figures.
 *
 *   node test/bench/exposition.ts [rounds] [runs]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, get, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { emptyResource } from '@opentelemetry/resources';
import type { GaugeMetricData } from '@opentelemetry/sdk-metrics';
import { Loader } from '../../src/loader.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { type DirectExporter, figure, Run } from '../../src/plugin/index.ts';
import { createTestContext } from '../kit/context.ts';
import { interleave } from './kit/interleave.ts';
import { machineLine, thisMachine } from './kit/machine.ts';
import { type Row, spreadIn } from './kit/row.ts';
import { spreadOf, spreadOfRounds } from './kit/spread.ts';
import { formatTable } from './kit/table.ts';

const FIGURES = ['cost_total', 'cost_energy', 'cost_compute', 'co2_emissions_kg', 'cost_per_stream'].map((name) => ({
  ...{ name, unit: '1', description: 'A figure of a run' },
}));
/** How often each server is scraped in a round; the round counts with the median. */
const SCRAPES = 5;
const never = new AbortController().signal;

const [first = '9', second = '10000'] = process.argv.slice(2);
if (first === 'serve') await serve(Number(second));
else await compare(Number(first), Number(second));

/** Where the servers of the other process are. */
interface Urls {
  readonly exporter: string;
  readonly ready: string;
  readonly labels: string;
  readonly sdk: string;
}

/** What a scrape took in milliseconds; the CPU time is that of the servers' process. */
interface Taken {
  readonly wall: number;
  readonly cpu: number;
}

async function compare(rounds: number, runs: number): Promise<void> {
  const servers = fork(fileURLToPath(import.meta.url), ['serve', String(runs)]);
  const ask = async <T>(question: string): Promise<T> => {
    servers.send(question);
    const [answer] = await once(servers, 'message');
    return answer as T;
  };
  const urls = await ask<Urls>('where');
  const arrivals: number[] = [];
  const change = async () => void arrivals.push(await ask<number>('change'));
  const candidates = [
    () => scrape(urls.exporter, ask),
    () => scrape(urls.ready, ask),
    () => scrape(urls.exporter, ask, {}, change),
    () => scrape(urls.labels, ask),
    () => scrape(urls.sdk, ask),
    () => scrape(urls.exporter, ask, { 'accept-encoding': 'gzip' }),
  ];
  for (const warmUp of candidates) await warmUp();
  const measured = await interleave(rounds, candidates);
  servers.kill();
  const [unchanged = [], ready = [], changed = [], labels = [], sdk = [], compressed = []] = measured;
  const rows = [
    ...rowsOf('unchanged', unchanged, 'ready buffer', ready, 1.2),
    ...rowsOf('unchanged, gzip', compressed, 'ready buffer', ready),
    ...rowsOf('every series changed', changed, 'labels kept', labels, 1.2),
    ...rowsOf('every series changed', changed, 'SDK serializer', sdk),
    { id: 'arrival', measure: 'a point arrives, CPU time', goal: '≤ 1.5', value: spreadIn('µs', arrivals), most: 1.5 },
  ];
  console.log(
    `${machineLine(thisMachine())}; medians of ${rounds} interleaved rounds, ${runs * FIGURES.length} series\n`,
  );
  console.log(formatTable(rows, new Map()));
}

function rowsOf(measure: string, ours: Taken[], base: string, theirs: Taken[], most?: number): Row[] {
  return (['wall', 'cpu'] as const).map((time) => {
    const [own, other] = [ours.map((taken) => taken[time]), theirs.map((taken) => taken[time])];
    return {
      id: `${measure}/${base}/${time}`,
      measure: `${measure}, ${time}`,
      goal: most === undefined ? `beside ${base}` : `≤ ${most} × ${base}`,
      value: { ...spreadOfRounds(own, other, (a, b) => a / b), unit: '×' },
      ...(most !== undefined && { most }),
      parts: { exporter: spreadIn('ms', own), [base]: spreadIn('ms', other) },
    };
  });
}

/** The medians of a few scrapes. */
async function scrape(
  url: string,
  ask: (question: string) => Promise<number>,
  headers = {},
  before?: () => Promise<void>,
): Promise<Taken> {
  const agent = new Agent({ keepAlive: true });
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let i = 0; i < SCRAPES; i++) {
    await before?.();
    const cpuBefore = await ask('cpu');
    const began = performance.now();
    await new Promise<void>((resolve, reject) => {
      get(url, { agent, headers }, (answer) => answer.once('end', resolve).resume()).once('error', reject);
    });
    wall.push(performance.now() - began);
    cpu.push((await ask('cpu')) - cpuBefore);
  }
  agent.destroy();
  return { wall: spreadOf(wall).median, cpu: spreadOf(cpu).median };
}

/** Serves all four, and answers questions; to `change`, which gives all series new values, with the CPU time of a point. */
async function serve(runs: number): Promise<void> {
  const plugin = (await new Loader().find('exporter', 'prometheus')) as AnyPlugin;
  const { ctx, logs } = createTestContext();
  const exporter = plugin.create(ctx, plugin.configSchema.parse({ endpoint: '127.0.0.1:0' })) as DirectExporter;
  await exporter.start?.(never);
  let edition = 0;
  const runsAnew = () => {
    edition++;
    return Array.from({ length: runs }, (_, index) => runAt(index, edition));
  };
  const before = runsAnew();
  await exporter.consume(before, never);
  const byHand = writtenByHand(before);
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);
  const metrics = FIGURES.map((_, place) => ({
    ...metricOf(before[0] as Run, place),
    dataPoints: before.flatMap((run) => metricOf(run, place).dataPoints as never[]),
  }));
  const scopeMetrics = [{ scope: { name: 'bench' }, metrics }];
  const ready = Buffer.from(byHand.render());
  const urls: Urls = {
    exporter: `${/http:\/\/[^/]+/.exec(logs.join())?.[0]}/metrics`,
    ready: await listen((_, response) => response.end(ready)),
    labels: await listen((_, response) => {
      byHand.change();
      response.end(byHand.render());
    }),
    sdk: await listen((_, response) => {
      response.end(serializer.serialize({ resource: emptyResource(), scopeMetrics }));
    }),
  };
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const answers: Record<string, () => unknown> = {
    where: () => urls,
    cpu,
    change() {
      const arriving = runsAnew();
      const cpuBefore = cpu();
      exporter.consume(arriving, never);
      return ((cpu() - cpuBefore) * 1000) / runs / FIGURES.length;
    },
  };
  process.on('message', (question: string) => process.send?.(answers[question]?.()));
}

/** What one would write for just these figures: `change` makes new numbers, `render` the text. */
function writtenByHand(runs: readonly Run[]): { change(): void; render(): string } {
  const points = FIGURES.flatMap((_, place) => runs.map((run) => metricOf(run, place).dataPoints[0]));
  const values = Float64Array.from(points, (point) => point?.value as number);
  const heads = points.map((point, index) => {
    const labels = Object.entries(point?.attributes ?? {}).map(([name, value]) => `${name}="${value}"`);
    return [FIGURES[Math.floor(index / runs.length)]?.name, '{', labels.join(), '} '].join('');
  });
  return {
    change() {
      for (const index of values.keys()) values[index] = Math.random();
    },
    render() {
      let text = '';
      for (const [place, { name, description }] of FIGURES.entries()) {
        text += `# HELP ${name} ${description}\n# UNIT ${name} 1\n# TYPE ${name} gauge\n`;
        const end = (place + 1) * runs.length;
        for (let index = end - runs.length; index < end; index++) text += `${heads[index]}${values[index]}\n`;
      }
      return text;
    },
  };
}

function metricOf(run: Run, place: number) {
  return run.scopeMetrics[0]?.metrics[place] as GaugeMetricData;
}

function runAt(index: number, edition: number): Run {
  const attributes = {
    ...{ scenario: `${(index % 12) + 1} streams @ 2500k, run ${index}`, region: 'us-east-1', bitrate: '2500k' },
    ...{ encoder: 'libx264', 'run.start_time': 1.79e9 + index, 'run.end_time': 1.79e9 + index + 60 + edition },
  };
  return Run.of(attributes, { figures: FIGURES.map((definition) => figure(definition, Math.random())) });
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
