/**
 * How long one request holds the event loop at most, in CPU time of the main thread, by what it has much of.
 * Run by `node test/load/holds.ts`, each request twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ServerProcess, startServer } from '../bench/kit/server-process.ts';
import { freePort } from '../kit/free-port.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { asker } from './kit/poster.ts';

const { values } = parseArgs({
  options: { cli: { type: 'string', default: fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url)) } },
});
const PRELOADED = fileURLToPath(new URL('./kit/report-holds.cjs', import.meta.url));
const ROUNDS = 2;
const now = Math.floor(Date.now() / 1000);

type Shape = readonly [resources: number, metrics: number, points: number];
/** Requests near the limits of `http`, by what they have of it: each resource so many metrics, each of these so many points. */
const shapes: Readonly<Record<string, Shape>> = {
  '20,000 resources of 1 metric': [20_000, 1, 1],
  '1 resource of 99,000 metrics': [1, 99_000, 1],
  '1 metric of 250,000 points': [1, 1, 250_000],
};
const metrics = { 'no meter': 'http.requests', 'a meter': 'hw.energy' } as const;
const pipelines = { live: '[live, energy, cost, co2, totals]', 'no live': '[cost, co2]' } as const;

for (const [pipeline, processors] of Object.entries(pipelines)) {
  for (const [shape, counts] of Object.entries(shapes)) {
    for (const [kind, name] of Object.entries(metrics)) {
      const held = await holdsOf(processors, counts, name);
      console.log(`${pipeline}, ${shape}, ${kind}: ${held.join(', ')}`);
    }
  }
}

async function holdsOf(processors: string, shape: Shape, name: string): Promise<string[]> {
  const [receiver, page] = [await freePort(), await freePort()];
  const folder = await temporaryFolder();
  await folder.write({
    'wattline.yaml': `
receivers: { http: { endpoint: 127.0.0.1:${receiver}, max_request_body_size_mib: 100, sender_timeout: 0s } }
processors: { live: , energy: , cost: { region: us-east-1 }, co2: { region: us-east-1 }, totals: }
exporters: { prometheus: { endpoint: 127.0.0.1:${page} } }
service: { pipelines: { metrics: { receivers: [http], processors: ${processors}, exporters: [prometheus] } } }
`,
  });
  const args = ['--require', PRELOADED, values.cli, 'run', '--config', `${folder.path}/wattline.yaml`];
  const server = await startServer(args, /receiving OTLP/);
  const { ask, close } = asker(`http://127.0.0.1:${receiver}`, 1);
  const held: string[] = [];
  await heldBy(server);
  for (let round = 0; round < ROUNDS; round++) {
    const { status } = await ask('/v1/metrics', bodyOf(shape, name, round));
    held.push(`${await heldBy(server)} ms (${status})`);
  }
  close();
  await server.stop();
  await folder.remove();
  return held;
}

async function heldBy(server: ServerProcess): Promise<string> {
  const length = server.output().length;
  server.send('SIGUSR2');
  for (;;) {
    const told = /held for (.*) ms/.exec(server.output().slice(length))?.[1];
    if (told !== undefined) return told;
    await sleep(5);
  }
}

function bodyOf([resources, metricCount, points]: Shape, name: string, round: number): string {
  const list = <T>(length: number, of: (index: number) => T) => Array.from({ length }, (_, index) => of(index));
  const at = `${now - 60 + round * 10}000000000`;
  const point = (id: number) => ({
    timeUnixNano: at,
    startTimeUnixNano: `${now - 1000}000000000`,
    asInt: 100 + round,
    attributes: [attribute('hw.type', 'cpu'), attribute('hw.id', `s${id}`)],
  });
  const metric = (index: number) => ({
    name,
    unit: 'J',
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: list(points, (id) => point(index * points + id)) },
  });
  return JSON.stringify({
    resourceMetrics: list(resources, (index) => ({
      resource: { attributes: [attribute('host.name', `node-${index}`)] },
      scopeMetrics: [{ metrics: list(metricCount, metric) }],
    })),
  });
}

function attribute(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}
