import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { freePort } from '../test/kit/free-port.ts';
import { postRuns, runConfiguration, validateConfiguration } from '../test/kit/ready-configuration.ts';
import { temporaryFolder } from '../test/kit/temporary-folder.ts';

const FILE = 'edge.yaml';
const RUNS = 4000;
const RUNS_A_REQUEST = 200;
const SAMPLES = 120;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const runAt = (index: number) => ({
  name: `edge run ${index}`,
  duration: 595,
  start_time: 1_705_315_800 + index * 600,
  step_seconds: 5,
  power_watts: Array.from({ length: SAMPLES }, (_, i) => 40 + (i % 7) + index / 1000),
  cpu_usage_cores: Array.from({ length: SAMPLES }, (_, i) => 1 + (i % 5) / 10),
});
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `edge run ${from + i}`);

/** The other end: it is away at first, and then gathers the names of the runs that come. */
async function startOtherEnd() {
  const arrived = new Set<string>();
  const tokens = new Set<string | undefined>();
  let isThere = false;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    tokens.add(request.headers.authorization);
    if (!isThere) return response.writeHead(503).end();
    for (const [name] of gunzipSync(body)
      .toString('latin1')
      .matchAll(/edge run \d+/g))
      arrived.add(name);
    return response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const comeBack = () => {
    isThere = true;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, arrived, tokens, comeBack };
}

it('is valid, and names every variable that is missing', async () => {
  const env = { OTLP_URL: 'https://wattline.example.com:4318', OTLP_AUTHORIZATION: 'Bearer token' };
  expect(await validateConfiguration(FILE, env)).toMatchObject({ code: 0, stderr: '' });
  const { code, stderr } = await validateConfiguration(FILE, { OTLP_URL: undefined, OTLP_AUTHORIZATION: undefined });
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/variable OTLP_URL is not set.*variable OTLP_AUTHORIZATION is not/s),
  ]);
});

it('keeps thousands of runs through an outage in the memory that it names', { timeout: 300_000 }, async () => {
  const folder = await temporaryFolder({ 'results/test_results_1.json': JSON.stringify({ scenarios: [runAt(0)] }) });
  closing.push(folder.remove);
  const otherEnd = await startOtherEnd();
  const receiver = `127.0.0.1:${await freePort()}`;
  const wattline = runConfiguration(FILE, {
    NODE_OPTIONS: '--max-old-space-size=96',
    WATTLINE_RESULTS: `${folder.path}/results/test_results_*.json`,
    WATTLINE_RECEIVER: receiver,
    WATTLINE_STATE: `${folder.path}/state`,
    OTLP_URL: otherEnd.url,
    OTLP_AUTHORIZATION: 'Bearer edge',
  });
  closing.push(() => wattline.stop('SIGKILL'));
  await expect.poll(() => wattline.stderr(), { timeout: 45_000 }).toContain(`http://${receiver}/v1/results`);
  for (let from = 1; from < RUNS; from += RUNS_A_REQUEST) {
    const runs = Array.from({ length: Math.min(RUNS_A_REQUEST, RUNS - from) }, (_, i) => runAt(from + i));
    expect(await postRuns(`http://${receiver}`, runs)).toBe(200);
  }
  expect(otherEnd.arrived.size).toBe(0);
  otherEnd.comeBack();
  await expect.poll(() => otherEnd.arrived.size, { timeout: 240_000 }).toBe(RUNS);
  expect([...otherEnd.arrived].sort()).toEqual(names(0, RUNS).sort());
  expect([...otherEnd.tokens]).toEqual(['Bearer edge']);
  expect(await wattline.stop('SIGTERM'), wattline.stderr()).toBe(0);
});
