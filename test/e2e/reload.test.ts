import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { startWattline, type WattlineOptions, type WattlineProcess } from '../kit/wattline-process.ts';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A process that is ready, and removed after the test. */
async function start(options: WattlineOptions, port: number): Promise<WattlineProcess> {
  const wattline = await startWattline(options);
  closing.push(wattline.stop);
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  return wattline;
}

interface Settings {
  readonly usd?: number;
  readonly http?: string;
  readonly metrics?: string;
}

/** A configuration of `http`, `energy`, `cost` and `prometheus` on one port, `prometheus` on its own where it says so. */
function configure(
  port: number,
  { usd = 1, http = '', metrics = `endpoint: 127.0.0.1:${port}` }: Settings = {},
): string {
  return `
receivers: { http: { endpoint: 127.0.0.1:${port}, ${http} } }
processors: { energy: , cost: { usd_per_kwh: ${usd} } }
exporters: { prometheus: { ${metrics} } }
service: { pipelines: { metrics: { receivers: [http], processors: [energy, cost], exporters: [prometheus] } } }
`;
}

/** A run of 1 kWh. */
const runOf = (name: string) =>
  JSON.stringify({
    name,
    duration: 2,
    step_seconds: 1,
    power_watts: [1.8e6, 1.8e6, 1.8e6],
    cpu_usage_cores: [0, 0, 0],
  });

async function post(port: number, name: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/v1/results`, { method: 'POST', body: runOf(name) })).status;
}

/** The value of a series at `/metrics`, by its beginning. */
async function metric(port: number, series: string): Promise<number | undefined> {
  const page = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = page.split('\n').find((text) => text.startsWith(series));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

const cost = (port: number, run: string) => metric(port, `cost_energy_load_aware{scenario="${run}"`);
const logged = (wattline: WattlineProcess, text: string | RegExp) =>
  expect.poll(wattline.logs, { timeout: 15_000 }).toMatch(text);

/** Posts on a connection that stays open, and waits for the answer. */
async function postOn(socket: Socket, name: string): Promise<string> {
  const body = runOf(name);
  socket.write(`POST /v1/results HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return String(answer).split('\r\n', 1)[0] as string;
}

async function openConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe('SIGHUP', () => {
  it('takes up what has changed, and keeps everything else with what it knows', async () => {
    const port = await freePort();
    const wattline = await start({ config: configure(port) }, port);
    expect(await post(port, 'before')).toBe(200);
    await wattline.reload(configure(port, { usd: 2 }));
    await logged(wattline, 'reloaded: restarted processor cost; 3 components kept');
    expect(await post(port, 'after')).toBe(200);
    expect([await cost(port, 'before'), await cost(port, 'after')]).toEqual([1, 2]);
    expect(await metric(port, 'otelcol_receiver_accepted_metric_points_total{receiver="http"')).toBe(12);
    await wattline.reload(configure(port, { usd: 2 }));
    await logged(wattline, 'reloaded: nothing has changed; 4 components kept');
    expect(await metric(port, 'wattline_reloads_total{outcome="success"')).toBe(2);
  });

  it('closes no connection, whether its receiver changes or not', async () => {
    const port = await freePort();
    const wattline = await start({ config: configure(port) }, port);
    const socket = await openConnection(port);
    expect(await postOn(socket, 'a')).toBe('HTTP/1.1 200 OK');
    await wattline.reload(configure(port, { usd: 2 }));
    await logged(wattline, 'restarted processor cost;');
    expect(await postOn(socket, 'b')).toBe('HTTP/1.1 200 OK');
    await wattline.reload(configure(port, { usd: 2, http: 'max_request_body_size_mib: 0.0001' }));
    await logged(wattline, 'restarted receiver http;');
    expect(await postOn(socket, 'c')).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('lets a request finish that has begun to arrive at a receiver that changes', async () => {
    const port = await freePort();
    const wattline = await start({ config: configure(port) }, port);
    const begun = request({ host: '127.0.0.1', port, path: '/v1/results', method: 'POST' });
    const answer = once(begun, 'response');
    const body = runOf('slow');
    begun.write(body.slice(0, 20));
    // Once another request is answered, this one has been begun.
    await post(port, 'other');
    await wattline.reload(configure(port, { http: 'max_request_body_size_mib: 1' }));
    await logged(wattline, 'restarted receiver http;');
    begun.end(body.slice(20));
    const [{ statusCode }] = (await answer) as [IncomingMessage];
    expect([statusCode, await cost(port, 'slow')]).toEqual([200, 1]);
  });

  it('refuses a configuration with problems, names them all, and runs on', async () => {
    const port = await freePort();
    const wattline = await start({ config: configure(port) }, port);
    await post(port, 'before');
    await wattline.reload(configure(port, { usd: -1, http: 'max_request_body_size_mb: 1' }));
    await logged(wattline, 'the new configuration is refused, and the one before runs on: 2 problems');
    expect(wattline.logs()).toContain('receivers.http.max_request_body_size_mb: unknown key');
    expect(wattline.logs()).toContain('processors.cost.usd_per_kwh');
    expect(await post(port, 'after')).toBe(200);
    expect([await cost(port, 'before'), await cost(port, 'after')]).toEqual([1, 1]);
    expect(await metric(port, 'wattline_reloads_total{outcome="refused"')).toBe(1);
    await wattline.reload(configure(port, { usd: 3 }));
    await logged(wattline, 'restarted processor cost;');
    expect(await wattline.stop()).toBe(0);
  });

  it('goes back where a stage cannot start, and loses no value', async () => {
    const [port, metrics] = await Promise.all([freePort(), freePort()]);
    const other = createTcpServer().listen(0, '127.0.0.1');
    closing.push(() => other.close());
    await once(other, 'listening');
    const { port: taken } = other.address() as AddressInfo;
    const own = { metrics: `endpoint: 127.0.0.1:${metrics}` };
    const wattline = await start({ config: configure(port, own) }, metrics);
    await post(port, 'before');
    await wattline.reload(configure(port, { usd: 2, metrics: `endpoint: 127.0.0.1:${taken}` }));
    await logged(wattline, `exporter prometheus cannot start: 127.0.0.1:${taken} is in use by another program`);
    await expect.poll(() => metric(metrics, 'wattline_reloads_total{outcome="failed"')).toBe(1);
    await post(port, 'after');
    expect([await cost(metrics, 'before'), await cost(metrics, 'after')]).toEqual([1, 1]);
  });

  it('keeps what waits in a queue on disk, and sends it where the new configuration says', async () => {
    const port = await freePort();
    const bodies: string[] = [];
    const server = createServer(async (asked, response) => {
      for await (const chunk of asked) bodies.push(String(chunk));
      response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    const push = (url: string) => `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
processors: { energy: , cost: { usd_per_kwh: 1 } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port} }, victoriametrics: { endpoint: ${url}, sending_queue: { storage: file_storage } } }
extensions: { file_storage: { directory: ./queue } }
service:
  extensions: [file_storage]
  pipelines: { metrics: { receivers: [http], processors: [energy, cost], exporters: [prometheus, victoriametrics] } }
`;
    const wattline = await start({ config: push('http://127.0.0.1:1') }, port);
    expect(await post(port, 'stored')).toBe(200);
    await logged(wattline, 'could not send, will try again');
    expect(bodies.join('')).not.toContain('stored');
    await wattline.reload(push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    await logged(wattline, 'reloaded: restarted exporter victoriametrics; 5 components kept');
    await expect.poll(() => bodies.join('')).toContain('scenario="stored"');
    expect(await cost(port, 'stored')).toBe(1);
  });

  it('that comes while everything starts waits for that', async () => {
    const port = await freePort();
    const slow = `import { definePlugin, z } from 'wattline/plugin';
export default definePlugin({
  contract: 2, kind: 'extension', type: 'slow', stability: 'development', configSchema: z.strictObject({}),
  create: ({ logger }) => ({
    start: () => new Promise((resolve) => {
      logger.info('begins');
      const waiting = setInterval(() => {}, 1000);
      process.once('SIGHUP', () => setTimeout(() => resolve(clearInterval(waiting)), 50));
    }),
  }),
});
`;
    const config = configure(port).replace('service: {', 'service: { extensions: [slow],');
    const wattline = await startWattline({
      config: `plugins: [./slow.js]\nextensions: { slow: }${config}`,
      files: { 'slow.js': slow, 'package.json': '{"type":"module"}' },
    });
    closing.push(wattline.stop);
    await logged(wattline, 'begins');
    await wattline.reload(
      `plugins: [./slow.js]\nextensions: { slow: }${config.replace('usd_per_kwh: 1', 'usd_per_kwh: 2')}`,
    );
    await logged(wattline, 'reloaded: restarted processor cost; 4 components kept');
  });
});

describe('--watch-config', () => {
  it('takes up a file that is written anew or put in place, and those that it names', async () => {
    const port = await freePort();
    const config = configure(port).replace('usd_per_kwh: 1', 'usd_per_kwh: "${file:price.txt}"');
    const wattline = await start({ config, files: { 'price.txt': '1\n' }, args: ['--watch-config'] }, port);
    await wattline.write({ 'price.txt': '2\n' });
    await logged(wattline, 'restarted processor cost;');
    await post(port, 'a');
    expect(await cost(port, 'a')).toBe(2);
    await wattline.write({ 'other.yaml': config.replace('receivers:', 'receivrs:') });
    await rename(`${wattline.directory}/other.yaml`, `${wattline.directory}/wattline.yaml`);
    await logged(wattline, 'receivrs: unknown key; did you mean `receivers`?');
    await wattline.write({ 'wattline.yaml': configure(port, { usd: 3 }) });
    await expect.poll(() => wattline.logs().match(/restarted processor cost;/g), { timeout: 15_000 }).toHaveLength(2);
    await post(port, 'b');
    expect([await cost(port, 'a'), await cost(port, 'b')]).toEqual([2, 3]);
  });
});
