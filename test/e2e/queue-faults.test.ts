import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { twoRuns } from '../kit/results.ts';
import { canMount, type SmallDisk, smallDisk } from '../kit/small-disk.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

let folder: TemporaryFolder;
let port: number;
let backend: Backend;
const running = new Set<RunningProcess>();
beforeEach(async () => {
  folder = await temporaryFolder();
  port = await freePort();
  backend = new Backend();
  await backend.listen();
});
afterEach(async () => {
  for (const child of running) await child.stop('SIGKILL');
  running.clear();
  backend.close();
  await folder.remove();
});

/** A server that takes OTLP in JSON and counts how often each run comes; it answers with `status`. */
class Backend {
  status = 503;
  /** A text that it answers 400 to. */
  rejects = '';
  readonly times = new Map<string, number>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const text = String(gunzipSync(Buffer.concat(chunks)));
      const status = this.rejects && text.includes(this.rejects) ? 400 : this.status;
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      if (status !== 200) return;
      const names = text.matchAll(/"key":"scenario","value":\{"stringValue":"([^"]+)"/g);
      for (const name of new Set([...names].map(([, name]) => name as string))) {
        this.times.set(name, (this.times.get(name) ?? 0) + 1);
      }
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const config = (queues: string) => `
processors: { cost: { region: us-east-1 } }
extensions:
  file_storage: { directory: ${queues} }
  status: { endpoint: 127.0.0.1:${port} }
  health_check: { endpoint: 127.0.0.1:${port} }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  otlphttp:
    endpoint: ${backend.url}
    encoding: json
    sending_queue: { storage: file_storage, queue_size: 100000 }
    retry_on_failure: { initial_interval: 50ms, max_interval: 100ms }
receivers: { http: { endpoint: 127.0.0.1:${port} } }
service:
  extensions: [file_storage, status, health_check]
  pipelines:
    metrics: { receivers: [http], processors: [cost], exporters: [prometheus, otlphttp] }
`;

async function start(queues: string): Promise<RunningProcess> {
  await folder.write({ 'wattline.yaml': config(queues) });
  const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
  running.add(child);
  await child.waitFor(`http://127.0.0.1:${port}/health`);
  return child;
}

const [template] = twoRuns.scenarios;
let made = 0;

/** Posts a new run of some size. Returns its name where it was acknowledged. */
async function post(samples = 10, name = `run ${made++}`): Promise<string | undefined> {
  const run = { ...template, name, power_watts: Array.from({ length: samples }, () => 40 + Math.random()) };
  const headers = { 'content-type': 'application/json' };
  const url = `http://127.0.0.1:${port}/v1/results`;
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(run) });
  expect([200, 503]).toContain(status);
  return status === 200 ? name : undefined;
}

async function metric(name: string, labels: Record<string, string>): Promise<number | undefined> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return seriesValue(parseExposition(page), name, labels);
}

const queueSize = () => metric('otelcol_exporter_queue_size', { exporter: 'otlphttp' });

describe.skipIf(!canMount())('a queue whose disk is full', () => {
  let disk: SmallDisk;
  beforeEach(() => {
    disk = smallDisk(512) as SmallDisk;
  });
  afterEach(async () => {
    for (const child of running) await child.stop('SIGKILL');
    disk.remove();
  });

  it('takes runs again once it has sent what it has, and sends none again after a kill', {
    timeout: 60_000,
  }, async () => {
    const wattline = await start(disk.path);
    const acknowledged: string[] = [];
    for (let round = 0; round < 2; round++) {
      backend.status = 503;
      for (let name = await post(1000); name !== undefined; name = await post(1000)) acknowledged.push(name);
      backend.status = 200;
      await expect.poll(queueSize, { timeout: 20_000 }).toBe(0);
    }
    expect(acknowledged.length).toBeGreaterThan(20);
    const last = await post(1000);
    expect(last).toBeDefined();
    await expect.poll(queueSize, { timeout: 20_000 }).toBe(0);
    const taken = [...acknowledged, last].map((name) => [name, 1]);
    expect([...backend.times].sort()).toEqual(taken.sort());
    await wattline.stop('SIGKILL');
    const next = await start(disk.path);
    expect(await queueSize()).toBe(0);
    expect(next.stderr()).not.toContain('from before');
  });
});

it('a folder of queues that is removed is made anew, and what is acknowledged then is there', async () => {
  const queues = join(folder.path, 'queues');
  const wattline = await start(queues);
  await post();
  await rm(queues, { recursive: true });
  const names: (string | undefined)[] = [];
  for (let count = 0; count < 20; count++) names.push(await post());
  expect(names.filter((name) => name !== undefined).length).toBeGreaterThan(15);
  expect(wattline.stderr()).toContain('exporter_otlphttp.queue has been removed while it was in use');
  await wattline.stop('SIGKILL');
  backend.status = 200;
  await start(queues);
  await expect.poll(queueSize, { timeout: 20_000 }).toBe(0);
  expect([...backend.times.keys()].sort()).toEqual(names.filter((name) => name !== undefined).sort());
});

describe('a server that refuses everything for a while, which somebody can mend', () => {
  it.each([401, 403, 404, 405, 413, 500])(
    'with %d loses no acknowledged run, and is told loudly until then',
    async (code) => {
      backend.status = code;
      const wattline = await start(join(folder.path, 'queues'));
      const names = await Promise.all(Array.from({ length: 50 }, () => post()));
      const blocked = () => metric('wattline_exporter_blocked', { exporter: 'otlphttp' });
      await expect.poll(blocked).toBe(1);
      const status = await (await fetch(`http://127.0.0.1:${port}/status`)).json();
      const stages = (status as { pipelines: { stages: Stage[] }[] }).pipelines.flatMap((pipeline) => pipeline.stages);
      expect(stages.filter((stage) => stage.blocked).map(({ id }) => id)).toEqual(['otlphttp']);
      expect(stages.find(({ id }) => id === 'otlphttp')?.blocked?.message).toContain(`answered ${code}`);
      expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toMatchObject({
        status: 'Server available',
        blocked: 'exporter otlphttp',
      });
      expect(wattline.stderr()).toContain('nothing can be sent until somebody mends this');
      expect(await queueSize()).toBe(50);
      backend.status = 200;
      await expect.poll(queueSize, { timeout: 20_000 }).toBe(0);
      expect([...backend.times.keys()].sort()).toEqual(names.sort());
      expect(await blocked()).toBe(0);
      expect(wattline.stderr()).toContain('can send again');
    },
  );
});

it('what a server rejects after it was acknowledged is sent again by `wattline resend`, while Wattline runs', async () => {
  backend.status = 200;
  backend.rejects = '"run-of-old-region"';
  const wattline = await start(join(folder.path, 'queues'));
  const names = await Promise.all([post(), post(10, 'run-of-old-region'), post()]);
  await expect.poll(queueSize).toBe(0);
  expect(backend.times.size).toBe(2);
  expect(wattline.stderr()).toMatch(/put aside in \S+exporter_otlphttp.rejected for `wattline resend`/);
  const resend = () => runWattline(['resend', '--config', join(folder.path, 'wattline.yaml')]);
  const first = await resend();
  expect([first.code, first.stdout]).toEqual([1, expect.stringContaining('otlphttp: sent 0 runs again from')]);
  expect(first.stderr).toMatch(/1 run left\n {2}otlphttp: \S+\.otlp: .* answered 400.*\[NOT_DELIVERED\]/);
  backend.rejects = '';
  const second = await resend();
  expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('otlphttp: sent 1 run again from')]);
  expect([...backend.times].sort()).toEqual(names.map((name) => [name, 1]).sort());
  expect((await resend()).stdout).toContain('otlphttp: sent 0 runs again from');
  const other = await runWattline([
    'resend',
    '--config',
    join(folder.path, 'wattline.yaml'),
    '--exporter',
    'prometheus',
  ]);
  expect(other.stderr).toContain('exporter prometheus with `sending_queue.storage` is in this configuration');
});

it('what a sender gives up is answered 503 before, and arrives without all that was refused, when the backend has come back', {
  timeout: 60_000,
}, async () => {
  const inMemory = config('unused')
    .replace('storage: file_storage, ', '')
    .replace(
      `receivers: { http: { endpoint: 127.0.0.1:${port} } }`,
      `receivers: { http: { endpoint: 127.0.0.1:${port}, sender_timeout: 1s } }`,
    );
  await folder.write({ 'wattline.yaml': inMemory });
  const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
  running.add(child);
  await child.waitFor(`http://127.0.0.1:${port}/health`);
  const names = Array.from({ length: 20 }, (_, index) => `batch ${index}`);
  let refusals = 0;
  const sendAll = names.map(async (name) => {
    while ((await post(10, name)) === undefined) refusals++;
  });
  await expect.poll(() => refusals, { timeout: 20_000 }).toBeGreaterThan(40);
  backend.status = 200;
  await Promise.all(sendAll);
  expect([...backend.times.keys()].sort()).toEqual(names.toSorted());
  // What is in a request at the moment when its sender is answered may arrive a second time; what waits does not.
  const arrived = [...backend.times.values()].reduce((sum, times) => sum + times, 0);
  expect(arrived).toBeLessThanOrEqual(2 * names.length);
});

interface Stage {
  readonly id: string;
  readonly blocked?: { readonly message: string };
}
