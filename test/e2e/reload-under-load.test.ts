import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Exporters that write a line for each run: its scenario, and what its energy costs; `posted` has a sending queue. */
const tally = `import { appendFile } from 'node:fs/promises';
import { findFigure } from 'wattline/figures';
import { allTaken, definePlugin, z } from 'wattline/plugin';

const common = { contract: 2, kind: 'exporter', stability: 'development', configSchema: z.strictObject({ path: z.string(), note: z.string().default('') }) };
const lineOf = (run) => JSON.stringify([run.scenario, findFigure(run, 'cost_energy_load_aware')?.value]) + '\\n';
const write = (path) => async (runs) => {
  await appendFile(path, runs.map(lineOf).join(''));
  return allTaken;
};
const retry = { enabled: true, initial_interval: 100, randomization_factor: 0, multiplier: 1, max_interval: 100, max_elapsed_time: 0 };

export default [
  definePlugin({
    ...common,
    type: 'tally',
    create: (ctx, { path }) => ({ consume: write(ctx.resolvePath(path)) }),
  }),
  definePlugin({
    ...common,
    type: 'posted',
    create: (ctx, { path }) => ({
      queue: { queue_size: 1000, num_consumers: 2, maxRuns: 10, retry },
      send: write(ctx.resolvePath(path)),
    }),
  }),
];
`;

const RUNS = 10_000;
const KWH = 3_600_000;

/** Posts a run that uses so many kWh; resolves with the status. */
function post(port: number, scenario: string, kwh: number, agent: Agent | false): Promise<number> {
  const watts = (kwh * KWH) / 2;
  const body = JSON.stringify({ name: scenario, duration: 2, step_seconds: 1, power_watts: [watts, watts, watts] });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer secret' };
  return new Promise((resolve, reject) => {
    const posted = request({ host: '127.0.0.1', port, path: '/v1/results', method: 'POST', headers, agent }, (answer) =>
      answer.resume().once('end', () => resolve(answer.statusCode as number)),
    );
    posted.once('error', reject).end(body);
  });
}

/** What exporters have written, as numbers of runs with the USD of each. */
async function tallied(wattline: WattlineProcess, file: string): Promise<[run: number, usd: number][]> {
  const lines = (await readFile(`${wattline.directory}/${file}`, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).map(([scenario, usd]) => [Number(scenario.slice(4)), usd]);
}

interface Change {
  readonly usd: number;
  readonly http?: string;
  readonly posted?: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly processors?: string;
}

it('a reload loses, doubles and refuses none of 10,000 runs while the configuration changes 10 times', async () => {
  const [http, metrics, second, third] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const configure = ({ usd, http: server = '', posted = 'first', more = {}, processors = '' }: Change) => `
plugins: [./tally.ts]
receivers: { http: { endpoint: 127.0.0.1:${http}, ${server} } }
processors: { energy: , cost: { usd_per_kwh: ${usd} }, co2: { kg_per_kwh: 1 } }
exporters:
  prometheus: { endpoint: 127.0.0.1:${metrics} }
  tally: { path: tally.jsonl }
  posted: { path: posted.jsonl, note: ${posted} }
  ${Object.entries(more)
    .map(([id, settings]) => `${id}: ${settings}`)
    .join('\n  ')}
service:
  telemetry: { logs: { level: info } }
  pipelines:
    metrics:
      receivers: [http]
      processors: [energy, cost${processors}]
      exporters: [${['prometheus', 'tally', 'posted', ...Object.keys(more)].join(', ')}]
`;
  const limit = 'max_request_body_size_mib: 1';
  const auth = 'auth: { bearer_tokens: [secret] }';
  const prometheus = (port: number) => ({ 'prometheus/second': `{ endpoint: 127.0.0.1:${port} }` });
  const late = (path: string) => ({ 'tally/late': `{ path: ${path} }` });
  const changes: readonly Change[] = [
    { usd: 2 },
    { usd: 2, more: prometheus(second) },
    { usd: 2, http: limit, more: prometheus(second) },
    { usd: 3, http: limit, more: prometheus(third), posted: 'second' },
    { usd: 3, http: limit },
    { usd: 3, http: auth, more: late('late.jsonl') },
    { usd: 4, http: limit, more: late('late.jsonl'), posted: 'third' },
    { usd: 4, http: limit, more: late('later.jsonl'), processors: ', co2' },
    { usd: 4, http: `${limit}, ${auth}`, processors: ', co2' },
    { usd: 1 },
  ];
  const wattline = await startWattline({ config: configure({ usd: 1 }), files: { 'tally.ts': tally } });
  closing.push(wattline.stop);
  await wattline.waitFor(`http://127.0.0.1:${metrics}/health`);

  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  closing.push(() => agent.destroy());
  const outcomes = new Map<number | string, number>();
  let begun = 0;
  let ended = 0;
  const client = async (connection: Agent | false) => {
    while (begun < RUNS) {
      const run = begun++;
      const outcome = await post(http, `run ${run}`, run + 1, connection).catch(String);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      ended++;
    }
  };
  const connections = [...Array<Agent>(8).fill(agent), ...Array<false>(4).fill(false)];
  const clients = Promise.all(connections.map(client));
  for (const [index, change] of changes.entries()) {
    await expect.poll(() => ended, { timeout: 60_000 }).toBeGreaterThan(((index + 0.5) * RUNS) / 11);
    await wattline.reload(configure(change));
    await expect.poll(() => wattline.logs().match(/reloaded: /g)?.length, { timeout: 30_000 }).toBe(index + 1);
  }
  // All changes came while runs did.
  expect(begun).toBeLessThan(RUNS);
  await clients;
  expect([...outcomes]).toEqual([[200, RUNS]]);

  const all = Array.from({ length: RUNS }, (_, run) => run);
  for (const file of ['tally.jsonl', 'posted.jsonl']) {
    const runs = await tallied(wattline, file);
    expect(runs.map(([run]) => run).sort((a, b) => a - b)).toEqual(all);
    // Each was priced by one of the prices that were in force, and each price was.
    expect(new Set(runs.map(([run, usd]) => Math.round((usd / (run + 1)) * 1e6) / 1e6))).toEqual(new Set([1, 2, 3, 4]));
  }
  for (const file of ['late.jsonl', 'later.jsonl']) {
    const runs = (await tallied(wattline, file)).map(([run]) => run);
    expect(runs.length).toBeGreaterThan(0);
    expect(new Set(runs).size).toBe(runs.length);
  }
  const page = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  const shown = [...page.matchAll(/^energy_joules\{.*scenario="run (\d+)".*\} (\S+)/gm)];
  // What was there before the first change still is, and what is counted has been counted on.
  const joules = shown.reduce((sum, [, , value]) => sum + Number(value), 0);
  expect([shown.length, joules / KWH]).toEqual([RUNS, (RUNS * (RUNS + 1)) / 2]);
  const points = (name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(page)?.[1]);
  expect(points('wattline_reloads_total{outcome="success"}')).toBe(10);
  expect(points('otelcol_receiver_accepted_metric_points_total{receiver="http"}')).toBe(3 * RUNS);
  expect(points('otelcol_receiver_refused_metric_points_total{receiver="http"}')).toBe(0);
  expect(points('otelcol_processor_incoming_items_total{processor="cost",pipeline="metrics"}')).toBe(
    points('otelcol_processor_outgoing_items_total{processor="energy",pipeline="metrics"}'),
  );
}, 180_000);
