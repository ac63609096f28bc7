/**
 * Measures how many OTLP/HTTP requests of 1,000 points each a Wattline takes from two senders that keep their
 * connections, beside bare Node servers that only decode the same bodies: with protobufjs, with Wattline's
 * own decoder, and with nothing at all. Prints medians of interleaved rounds: requests a second and milliseconds of CPU a
 * request of the server process, and Wattline's share of the throughput of each bare server. Needs `npm run build`.
 *
 *   npx node test/bench/otlp-in.ts [rounds] [milliseconds a round] [part of a shape's name]
 *
 * `SERVER_FLAGS` are given to the Node of the servers, such as `--cpu-prof --cpu-prof-dir=/tmp/profiles`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Attributes, ValueType } from '@opentelemetry/api';
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type GaugeMetricData } from '@opentelemetry/sdk-metrics';
import protobuf from 'protobufjs';
import { protobufEncoding } from '../../src/otlp/index.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const SELF = fileURLToPath(import.meta.url);
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const START = 1_790_000_000;
const SENDERS = 2;
const WARM_UP = 1500;
const TICKS_PER_MS = 0.1;

const SCHEMA = fileURLToPath(new URL('../../src/otlp/metrics.proto', import.meta.url));
const requestType = protobuf.loadSync(SCHEMA).lookupType('ExportMetricsServiceRequest');
type Decode = (body: Buffer) => unknown;
/** Makes what the bare servers do with a body. */
const decoders: Readonly<Record<string, () => Decode | Promise<Decode>>> = {
  protobufjs: () => (body) => requestType.decode(body),
  'own decoder': () => {
    const { decodeRequest } = protobufEncoding();
    return (body) => decodeRequest(body);
  },
  nothing: () => () => {},
};

const [first, second, third] = process.argv.slice(2);
if (first === '--serve') serve((await decoders[second as string]?.()) as Decode, Number(third));
else await compare(Number(first ?? 7), Number(second ?? 700), third ?? '');

async function compare(rounds: number, duration: number, wanted: string): Promise<void> {
  const folder = await temporaryFolder();
  const servers = new Map<string, Server>();
  for (const decoder of Object.keys(decoders)) {
    servers.set(decoder, await start((port) => [SELF, '--serve', decoder, String(port)]));
  }
  servers.set(
    'wattline',
    await start(async (port) => {
      await folder.write({ 'wattline.yaml': configuration(port) });
      return [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')];
    }),
  );
  console.log(
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model} × ${cpus().length}, Node ${process.version}`,
  );
  console.log(`medians of ${rounds} interleaved rounds of ${duration} ms\n`);
  for (const [shape, body] of Object.entries(shapes())) {
    if (!shape.includes(wanted)) continue;
    const measured = new Map([...servers.keys()].map((name) => [name, [] as Measured[]]));
    for (const server of servers.values()) await load(server, body, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const [name, server] of servers) measured.get(name)?.push(await load(server, body, duration));
    }
    print(`${shape} (${(body.length / 1024).toFixed(0)} KiB)`, measured);
  }
  for (const { child } of servers.values()) child.kill('SIGINT');
  await folder.remove();
}

function print(shape: string, measured: ReadonlyMap<string, readonly Measured[]>): void {
  const ours = measured.get('wattline') as readonly Measured[];
  console.log(shape);
  for (const [name, rounds] of measured) {
    const rate = median(rounds.map((round) => round.rate));
    const cpu = median(rounds.map((round) => round.cpu));
    const shares = rounds.map((round, index) => (ours[index] as Measured).rate / round.rate);
    const cpuShares = rounds.map((round, index) => round.cpu / (ours[index] as Measured).cpu);
    const ratios = `${(100 * median(shares)).toFixed(0)} % of its throughput, ${(100 * median(cpuShares)).toFixed(0)} % by CPU`;
    console.log(
      `  ${name.padEnd(12)} ${rate.toFixed(0).padStart(6)} requests/s ${cpu.toFixed(3).padStart(7)} ms CPU` +
        (name === 'wattline' ? '' : `   wattline: ${ratios}`),
    );
  }
  console.log();
}

/** Three requests of 1,000 points as they are typical, by what they are. */
function shapes(): Record<string, Buffer> {
  const gauge = (name: string, unit: string, dataPoints: GaugeMetricData['dataPoints']): GaugeMetricData => ({
    descriptor: { name, unit, description: '', valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints,
  });
  const samples = (count: number, base: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...{ startTime: [START, 0] as [number, number], endTime: [START + index, 250_000_000] as [number, number] },
      ...{ attributes: {}, value: base + Math.round(1000 * Math.sin(index)) / 1000 },
    }));
  const signals = (count: number) => [
    gauge('hw.host.power', 'W', samples(count, 60)),
    gauge('container.cpu.usage', '{cpu}', samples(count, 3)),
  ];
  const run = (index: number): Attributes => ({
    ...{ scenario: `${(index % 12) + 1} streams @ 2500k`, region: 'us-east-1', bitrate: '2500k', encoder: 'libx264' },
    ...{ 'service.instance.id': `worker-${index}`, 'run.start_time': START },
  });
  const others = Array.from({ length: 10 }, (_, metric) =>
    gauge(
      `queue.${metric}.length`,
      '{item}',
      samples(100, 5).map((point, index) => ({
        ...{ ...point, endTime: [START, 0] as [number, number] },
        attributes: {
          queue: `queue-${index}`,
          state: index % 2 ? 'idle' : 'used',
          'server.address': 'node-7',
          shard: index,
        },
      })),
    ),
  );
  const encode = (attributes: Attributes, metrics: GaugeMetricData[]) => {
    const scopeMetrics = [{ scope: { name: 'bench' }, metrics }];
    return ProtobufMetricsSerializer.serializeRequest({ resource: resourceFromAttributes(attributes), scopeMetrics });
  };
  return {
    'one run, 2 signals × 500 points': Buffer.from(encode(run(0), signals(500)) as Uint8Array),
    // Requests one after the other are one request with all of their resources.
    '100 runs, 2 signals × 5 points': Buffer.concat(
      Array.from({ length: 100 }, (_, index) => encode(run(index), signals(5)) as Uint8Array),
    ),
    '10 other metrics × 100 points with 4 attributes': Buffer.from(encode(run(0), others) as Uint8Array),
  };
}

function configuration(port: number): string {
  return `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
exporters: { debug: { summary: true } }
service: { telemetry: { logs: { level: warn } }, pipelines: { metrics: { receivers: [http], exporters: [debug] } } }
`;
}

interface Server {
  readonly child: ChildProcess;
  readonly port: number;
}

async function start(args: (port: number) => string[] | Promise<string[]>): Promise<Server> {
  const port = await freePort();
  const flags = process.env.SERVER_FLAGS?.split(' ') ?? [];
  const child = spawn(process.execPath, [...flags, ...(await args(port))], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return { child, port };
    if (child.exitCode !== null) throw new Error('a server has ended before it was open');
    await sleep(50);
  }
}

function serve(decode: Decode, port: number): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      decode(Buffer.concat(chunks));
      response.writeHead(200, { 'content-type': 'application/x-protobuf', 'content-length': 0 }).end();
    });
  });
  server.listen(port, '127.0.0.1');
  process.once('SIGINT', () => process.exit());
}

interface Measured {
  /** Requests answered in a second. */
  readonly rate: number;
  /** Milliseconds of CPU time that the server took for one. */
  readonly cpu: number;
}

async function load({ child, port }: Server, body: Buffer, duration: number): Promise<Measured> {
  const [cpuBefore, began] = [cpuOf(child), performance.now()];
  const counts = await Promise.all(Array.from({ length: SENDERS }, () => send(port, body, began + duration)));
  const elapsed = performance.now() - began;
  const answered = counts.reduce((sum, count) => sum + count);
  return { rate: answered / (elapsed / 1000), cpu: (cpuOf(child) - cpuBefore) / answered };
}

/** Sends the body over one connection again and again until the time has come; resolves with how often. */
function send(port: number, body: Buffer, until: number): Promise<number> {
  const head = `POST /v1/metrics HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n`;
  const request = Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]);
  return new Promise((resolve, reject) => {
    let count = 0;
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request)).on('error', reject);
    socket.setNoDelay().setEncoding('latin1');
    socket.on('data', (text: string) => {
      answer += text;
      if (!answer.endsWith('\r\n\r\n')) return;
      if (!answer.startsWith('HTTP/1.1 200 ')) reject(new Error(answer));
      answer = '';
      count++;
      if (performance.now() < until) socket.write(request);
      else socket.end(() => resolve(count));
    });
  });
}

/** Milliseconds of CPU time that a process has used so far. */
function cpuOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_MS;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
