import { parseExposition } from '../../kit/exposition.ts';
import { freePort } from '../../kit/free-port.ts';
import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { findCollector } from '../kit/collector.ts';
import { hostBodies, METERS_A_HOST, usedBy } from '../kit/host-bodies.ts';
import { interleave } from '../kit/interleave.ts';
import { cpuSecondsOf, knowsUsage, peakMibOf } from '../kit/process-usage.ts';
import { Client } from '../kit/requests.ts';
import { type Bench, type Row, spreadIn } from '../kit/row.ts';
import { type ServerProcess, startProgram, startServer } from '../kit/server-process.ts';

const HOSTS = 1000;
const SENDERS = 2;
/** Scrapes before those that are measured, and these. */
const WARM_UP = 4;
const SCRAPES = 16;
const LEAST_POINTS = 600_000;
const MOST_MIB = 200;
/** The most that sums may differ by from the truth, relative. */
const PRECISION = 1e-9;

interface Load {
  readonly hosts: number;
  readonly warmUp: number;
  readonly scrapes: number;
}

/** What a process came to that took scrapes. */
interface Taken {
  readonly pointsACpuSecond: number;
  readonly peakMib: number;
}

/** Many hosts that send again and again, through `live … totals`, beside a Collector that only counts their points. */
export const live: Bench = {
  name: 'live',
  async run({ rounds, wattline, smoke, log }) {
    if (!knowsUsage) {
      log('live streams are left out, since this system does not tell what a process uses');
      return [];
    }
    const load = smoke ? { hosts: 30, warmUp: 1, scrapes: 20 } : { hosts: HOSTS, warmUp: WARM_UP, scrapes: SCRAPES };
    const measure = `live streams in, ${load.hosts.toLocaleString('en')} hosts × ${METERS_A_HOST} meters a scrape`;
    log(measure);
    const program = await findCollector();
    if (!program) log('no Collector is on the PATH');
    const [stored = [], inMemory = [], beside = []] = await interleave(rounds, [
      () => timeWattline(wattline, load, true),
      () => timeWattline(wattline, load, false),
      ...(program ? [() => timeCollector(program, load)] : []),
    ]);
    const rowsOf = (id: string, what: string, taken: readonly Taken[]): [speed: Row, memory: Row] => {
      const points = (of: readonly Taken[]) => of.map(({ pointsACpuSecond }) => pointsACpuSecond);
      const peaks = (of: readonly Taken[]) => of.map(({ peakMib }) => peakMib);
      return [
        {
          id,
          measure: `${measure}, ${what}`,
          value: spreadIn('points/CPU s', points(taken)),
          ...(beside.length && { parts: { Collector: spreadIn('points/CPU s', points(beside)) } }),
        },
        {
          id: `${id}/memory`,
          measure: `peak memory of the same`,
          value: spreadIn('MiB', peaks(taken)),
          ...(beside.length && { parts: { Collector: spreadIn('MiB', peaks(beside)) } }),
        },
      ];
    };
    const [speed, memory] = rowsOf('live', 'state in files', stored);
    return [
      { ...speed, goal: `≥ ${LEAST_POINTS.toLocaleString('en')} points/CPU s`, least: LEAST_POINTS },
      { ...memory, goal: `≤ ${MOST_MIB} MiB`, most: MOST_MIB },
      ...rowsOf('live/in-memory', 'state in memory', inMemory),
    ];
  },
};

async function timeWattline(wattline: readonly string[], load: Load, isStored: boolean): Promise<Taken> {
  const [port, page] = [await freePort(), await freePort()];
  const storage = isStored ? 'storage: file_storage' : '';
  const configuration = (folder: string) => `
extensions: { ${isStored ? `file_storage: { directory: ${folder}/state }` : ''} }
receivers: { http: { endpoint: 127.0.0.1:${port} } }
processors:
  live: { max_streams: 100000, ${storage} }
  energy: {}
  cost: { region: us-east-1 }
  co2: { region: us-east-1 }
  totals: { ${storage} }
exporters: { prometheus: { endpoint: 127.0.0.1:${page} } }
service:
  extensions: [${isStored ? 'file_storage' : ''}]
  pipelines:
    metrics: { receivers: [http], processors: [live, energy, cost, co2, totals], exporters: [prometheus] }
`;
  const start = (config: string) => startServer([...wattline, 'run', '--config', config], /receiving OTLP/);
  return withServer(configuration, start, async (server) => {
    const taken = await time(server, port, load);
    await checkSums(page, load);
    return taken;
  });
}

async function timeCollector(program: string, load: Load): Promise<Taken> {
  const port = await freePort();
  const configuration = () => `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters: { debug: }
service:
  telemetry: { metrics: { level: none } }
  pipelines: { metrics: { receivers: [otlp], exporters: [debug] } }
`;
  const start = (config: string) => startProgram(program, ['--config', config], /Everything is ready/);
  return withServer(configuration, start, (server) => time(server, port, load));
}

/** Does work while a server runs whose configuration may name a folder of its own. */
async function withServer<T>(
  configuration: (folder: string) => string,
  start: (config: string) => Promise<ServerProcess>,
  work: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const folder = await temporaryFolder();
  try {
    await folder.write({ 'config.yaml': configuration(folder.path) });
    const server = await start(`${folder.path}/config.yaml`);
    try {
      return await work(server);
    } finally {
      await server.stop();
    }
  } finally {
    await folder.remove();
  }
}

async function time({ pid }: ServerProcess, port: number, { hosts, warmUp, scrapes }: Load): Promise<Taken> {
  const clients = Array.from({ length: SENDERS }, () => new Client(`http://127.0.0.1:${port}`));
  const began = Math.floor(Date.now() / 1000) - 86_400;
  let before = 0;
  for (let scrape = 0; scrape < warmUp + scrapes; scrape++) {
    const bodies = hostBodies(hosts, scrape, began);
    if (scrape === warmUp) before = cpuSecondsOf(pid);
    await Promise.all(clients.map((client) => sendAll(client, bodies)));
  }
  for (const client of clients) client.close();
  const points = hosts * METERS_A_HOST * scrapes;
  return { pointsACpuSecond: points / (cpuSecondsOf(pid) - before), peakMib: peakMibOf(pid) };
}

/** Sends what is left of a list that several clients share. */
async function sendAll(client: Client, bodies: Buffer[]): Promise<void> {
  for (let body = bodies.shift(); body; body = bodies.shift()) {
    const { body: answer } = await client.send('/v1/metrics', { body, contentType: 'application/x-protobuf' });
    // A partial success says what was refused.
    const text = Buffer.concat(answer);
    if (text.length > 0 && !text.equals(NOTHING_REFUSED)) throw new Error(`not all points were taken: ${text}`);
  }
}

/** How the Collector says that it took everything: a partial success of no field. */
const NOTHING_REFUSED = Buffer.from([0x0a, 0]);

/** Throws unless the counters at /metrics are what the hosts have used. */
async function checkSums(port: number, { hosts, warmUp, scrapes }: Load): Promise<void> {
  const client = new Client(`http://127.0.0.1:${port}`);
  const { body } = await client.send('/metrics');
  client.close();
  const samples = parseExposition(Buffer.concat(body).toString());
  const truth = usedBy(hosts, warmUp + scrapes);
  const expected = { energy_joules_total: truth.joules, cpu_core_seconds_total: truth.coreSeconds };
  for (const [wanted, value] of Object.entries(expected)) {
    const sum = samples.reduce((all, sample) => all + (sample.name === wanted ? sample.value : 0), 0);
    if (!(Math.abs(sum / value - 1) <= PRECISION)) throw new Error(`${wanted} is ${sum}, and should be ${value}`);
  }
}
