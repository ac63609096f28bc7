import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Receiver, type Run, refuseAll, toSeconds } from 'wattline/plugin';
import type { Consumer } from '../../../src/plugin/contract.ts';
import { createCertificates } from '../../../test/kit/certificates.ts';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { describeWithPeers } from '../../../test/kit/peers.ts';
import plugin from './index.ts';

const never = new AbortController().signal;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Answer = (response: ServerResponse, request: IncomingMessage) => void;
const saying = (text: string, type?: string): Answer => {
  return (response) => response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(text);
};

/** A target that answers as `answer` says, which a test may change. */
async function serve(answer: Answer, port = 0, address = '127.0.0.1') {
  const target = { answer, asked: [] as IncomingMessage[], instance: '', close: () => {} };
  const listener: RequestListener = (request, response) => {
    target.asked.push(request);
    target.answer(response, request);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  target.instance = `${address}:${(server.address() as AddressInfo).port}`;
  target.close = () => {
    server.closeAllConnections();
    server.close();
  };
  closing.push(target.close);
  return target;
}

const jobFor = (instance: string, job: object = {}) => ({
  job_name: 'a job',
  static_configs: [{ targets: [instance] }],
  ...job,
});

function create(jobs: readonly object[], options: TestContextOptions = {}) {
  const context = createTestContext({ id: 'prometheus', ...options });
  const receiver = plugin.create(context.ctx, plugin.configSchema.parse({ scrape_configs: jobs })) as Receiver;
  closing.push(() => receiver.shutdown?.(never));
  const scrapes = (outcome: string) => context.ownMetric('wattline_prometheus_scrapes_total', { outcome });
  return { ...context, receiver, scrapes, once: async () => receiver.readOnce?.(never) };
}

const slow = { scrape_interval: '1h' };
const values = (run: Run | undefined) =>
  Object.fromEntries(
    run?.scopeMetrics.flatMap(({ metrics }) =>
      metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value] as const),
    ) ?? [],
  );

describe('a scrape', () => {
  it('gives one run for each target, that says which it was', async () => {
    const a = await serve(saying('joules 1\n'));
    const b = await serve(saying('joules 2\n'));
    const static_configs = [
      { targets: [a.instance], labels: { region: 'eu-north-1', 'host.name': 'a' } },
      { targets: [b.instance], labels: { 'service.name': 'another' } },
    ];
    const { once, runs, scrapes, ownMetric } = create([jobFor('a:1', { ...slow, static_configs })]);
    const before = Date.now() / 1000;
    await once();
    const [first, second] = [a, b].map(({ instance }) =>
      runs.find(({ resource }) => resource.attributes['service.instance.id'] === instance),
    );
    expect(first?.resource.attributes).toEqual({
      'service.name': 'a job',
      'service.instance.id': a.instance,
      'server.address': '127.0.0.1',
      'server.port': Number(a.instance.split(':')[1]),
      region: 'eu-north-1',
      'host.name': 'a',
    });
    expect(second?.resource.attributes).toMatchObject({ 'service.name': 'another', 'service.instance.id': b.instance });
    expect([values(first), values(second), runs.length]).toEqual([{ joules: 1 }, { joules: 2 }, 2]);
    const time = toSeconds(first?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.endTime ?? [0, 0]);
    expect(time).toBeGreaterThanOrEqual(before - 0.001);
    expect(time).toBeLessThanOrEqual(Date.now() / 1000);
    expect(await scrapes('success')).toBe(1);
    for (const { instance } of [a, b]) {
      expect(await ownMetric('wattline_prometheus_up', { target: instance, scrape_job: 'a job' })).toBe(1);
      expect(await ownMetric('wattline_prometheus_samples_total', { target: instance })).toBe(1);
    }
  });

  it('notes which host it came from, but for a loopback one', async () => {
    const all = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
    const address = all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
    for (const host of ['127.0.0.1', address]) {
      const target = await serve(saying('joules 1\n'), 0, host);
      const { once, runs } = create([jobFor(target.instance, slow)]);
      await once();
      expect(runs.map(({ peer }) => peer)).toEqual([host === address ? address : undefined]);
    }
  });

  it('says that a target of this machine is on it, and one that is probed on another', async () => {
    const target = await serve(saying('joules 1\n'));
    const own = create([jobFor(target.instance, slow)]);
    const probing = create([jobFor(target.instance, { ...slow, metrics_path: '/probe?target=http://pdu-7:80/' })]);
    for (const { once } of [own, probing]) await once();
    const attributesIn = ({ runs: [run] }: typeof own) => run?.attributes;
    expect(attributesIn(own)).toMatchObject({ 'host.name': hostname(), 'server.address': '127.0.0.1' });
    expect(attributesIn(probing)).toEqual({
      'service.name': 'a job',
      'service.instance.id': 'http://pdu-7:80/',
      'server.address': 'pdu-7',
    });
  });

  it('gives one run for each instance that another Prometheus has scraped', async () => {
    const page = [
      'joules{instance="10.0.0.5:9100",job="node",index="0"} 1',
      'joules{instance="localhost:9100",job="node"} 2',
      'joules 3',
    ];
    const target = await serve(saying(`${page.join('\n')}\n`));
    const { once, runs } = create([jobFor(target.instance, slow)]);
    await once();
    const server = { 'server.address': '127.0.0.1', 'host.name': hostname() };
    expect(runs.map(({ attributes }) => attributes)).toMatchObject([
      { 'service.name': 'node', 'service.instance.id': '10.0.0.5:9100', 'server.address': '10.0.0.5' },
      { 'service.name': 'node', 'service.instance.id': 'localhost:9100', ...server },
      { 'service.name': 'a job', 'service.instance.id': target.instance, ...server },
    ]);
    for (const name of ['server.port', 'host.name']) expect(runs[0]?.attributes).not.toHaveProperty([name]);
    expect(runs.map(values)).toEqual([{ joules: 1 }, { joules: 2 }, { joules: 3 }]);
    expect(runs[0]?.scopeMetrics[0]?.metrics[0]?.dataPoints[0]?.attributes).toEqual({ index: '0' });
  });

  it('asks as Prometheus does', async () => {
    const target = await serve(saying('a 1\n'));
    const headers = { Authorization: 'Bearer secret' };
    await create([jobFor(target.instance, { ...slow, metrics_path: '/federate?match[]=a', headers })]).once();
    const [{ url, headers: sent } = {} as IncomingMessage] = target.asked;
    expect(url).toBe('/federate?match[]=a');
    expect(sent).toMatchObject({
      authorization: 'Bearer secret',
      accept: expect.stringMatching(/^text\/plain;version=1\.0\.0;escaping=allow-utf-8,text\/plain;version=0\.0\.4;/),
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': '10',
    });
  });

  it('reads what is compressed, and OpenMetrics where it comes', async () => {
    const target = await serve((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('a_total 1\n')),
    );
    const { once, runs } = create([jobFor(target.instance, slow)]);
    await once();
    const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
    target.answer = saying('# TYPE a counter\na_total 2\na_created 5\n# EOF\n', type);
    await once();
    expect(runs.map(values)).toEqual([{ a_total: 1 }, { a_total: 2 }]);
  });

  it('keeps the names that are wanted', async () => {
    const target = await serve(
      saying('kepler_node_cpu_joules_total 1\nkepler_pod_cpu_joules_total 2\nup 1\nupper 1\n'),
    );
    const { once, runs } = create([
      jobFor(target.instance, { ...slow, metric_names: ['kepler_node_*_joules_total', 'u?'] }),
    ]);
    await once();
    expect(values(runs[0])).toEqual({ kepler_node_cpu_joules_total: 1, up: 1 });
  });

  it('that keeps nothing is counted, and hands nothing on', async () => {
    const target = await serve(saying('a 1\n'));
    const { once, runs, skips } = create([jobFor(target.instance, { ...slow, metric_names: ['b'] })]);
    await once();
    expect([runs, skips.map(({ item, reason }) => `${item} ${reason}`)]).toEqual([[], ['scrape nothing_kept']]);
  });

  it('counts once what it does not read', async () => {
    const target = await serve(saying('# TYPE h histogram\nh_sum 1\n# TYPE i histogram\ni_sum 1\na 1\n'));
    const { once, skips } = create([jobFor(target.instance, slow)]);
    await once();
    await once();
    expect(skips.map(({ item, reason }) => `${item} ${reason}`)).toEqual(Array(2).fill('histogram unsupported_type'));
  });
});

describe('run --once', () => {
  it('fails where a target does, and hands over what the others have', async () => {
    const target = await serve(saying('a 1\n'));
    const away = `127.0.0.1:${await freePort()}`;
    const static_configs = [{ targets: [target.instance, away] }];
    const { once, runs, ownMetric } = create([jobFor('a:1', { ...slow, static_configs })]);
    await expect(once()).rejects.toThrow(`1 of 2 targets failed: no answer from http://${away}/metrics: `);
    expect(runs).toHaveLength(1);
    expect(await ownMetric('wattline_prometheus_up', { target: away })).toBe(0);
  });

  it('ends where it is given up', async () => {
    const stopped = new AbortController();
    const target = await serve(() => stopped.abort());
    const { receiver, runs, scrapes } = create([jobFor(target.instance, slow)]);
    await receiver.readOnce?.(stopped.signal);
    expect([runs, await scrapes('failed')]).toEqual([[], undefined]);
  });
});

describe('a target fails that', () => {
  const failureOf = async (answer: Answer, job: object = {}) => {
    const target = await serve(answer);
    const { once, runs, scrapes } = create([jobFor(target.instance, { ...slow, ...job })]);
    const error = (await once().catch((reason: unknown) => reason)) as Error;
    expect([runs, await scrapes('failed')]).toEqual([[], 1]);
    return error.message.replaceAll(target.instance, 'target');
  };

  it.each([
    [401, '; set `headers` with what the server asks for'],
    [403, '; set `headers` with what the server asks for'],
    [404, '; set `metrics_path`'],
    [503, ''],
  ])('answers %d', async (status, remedy) => {
    const message = await failureOf((response) => response.writeHead(status).end(`because ${'x'.repeat(9999)}`));
    expect(message).toBe(
      `1 of 1 targets failed: http://target/metrics answered ${status}: because ${'x'.repeat(292)}${remedy}`,
    );
  });

  it('has one line that is wrong', async () => {
    const message = await failureOf(saying('a 1\nb one\n'));
    expect(message).toContain('http://target/metrics cannot be read: line 2: expected a number, found `one`');
  });

  it('is not UTF-8', async () => {
    expect(await failureOf((response) => response.end(Buffer.from('a{x="\xe9"} 1\n', 'latin1')))).toContain(
      'is not UTF-8',
    );
  });

  it('is cut off', async () => {
    const half: Answer = (response) => {
      response.writeHead(200, { 'content-length': 100 }).write('a 1\n', () => response.destroy());
    };
    expect(await failureOf(half)).toContain('no answer from http://target/metrics');
  });

  it.each([
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7\r\na 1\nb 1\r\n', false],
    [
      'in chunks, the last of which came',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7\r\na 1\nb 1\r\n0\r\n\r\n',
      true,
    ],
    ['of a length', 'HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\na 1\nb 1', false],
    ['of the length that it has', 'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\na 1\nb 1', true],
    ['of any length, within a line', 'HTTP/1.0 200 OK\r\n\r\na 1\nb 1', false],
    ['of any length, after a line', 'HTTP/1.0 200 OK\r\n\r\na 1\nb 1\n', true],
  ])('is cut off, %s, and only then', async (_, answer, isWhole) => {
    const server = createNetServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const instance = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { once, runs } = create([jobFor(instance, slow)]);
    await (isWhole ? once() : expect(once()).rejects.toThrow(`http://${instance}/metrics`));
    expect(runs.map(values)).toEqual(isWhole ? [{ a: 1, b: 1 }] : []);
  });

  it.each([false, true])('is too large, compressed: %s', async (isCompressed) => {
    const large = `# ${'x'.repeat(3 * 1024 * 1024)}\na 1\n`;
    const answer: Answer = (response) =>
      isCompressed ? response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(large)) : response.end(large);
    expect(await failureOf(answer, { body_size_limit_mib: 2.5 })).toContain(
      'http://target/metrics has more than 2.5 MiB, which is `body_size_limit_mib`',
    );
  });

  it('never ends', async () => {
    const endless: Answer = (response) => {
      const write = () => response.write('# x\n'.repeat(100_000), (error) => error ?? write());
      write();
    };
    expect(await failureOf(endless, { body_size_limit_mib: 1 })).toContain('has more than 1 MiB');
  });

  it('does not answer in time', async () => {
    expect(await failureOf(() => {}, { scrape_timeout: '50ms' })).toContain(
      'no answer from http://target/metrics within 0.05 s, which is `scrape_timeout`',
    );
  });
});

describe('scraping again and again', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Lets one interval after the other pass until something is so. */
  async function intervalsUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      vi.advanceTimersByTime(5000);
      await sleep(1);
    }
  }

  it('brings what is new, in order', async () => {
    let count = 0;
    const target = await serve((response) => response.end(`a ${++count}\n`));
    const { receiver, runs } = create([jobFor(target.instance)]);
    await receiver.start?.(never);
    await intervalsUntil(() => runs.length >= 5);
    await receiver.shutdown?.(never);
    const known = runs.length;
    expect(runs.map((run) => values(run).a)).toEqual(Array.from({ length: known }, (_, index) => index + 1));
    const asked = target.asked.length;
    vi.advanceTimersByTime(50_000);
    await sleep(20);
    expect([runs.length, target.asked.length]).toEqual([known, asked]);
  });

  it('says once that a target is away, and that it is back', async () => {
    const port = await freePort();
    const instance = `127.0.0.1:${port}`;
    const { receiver, logs, runs, scrapes, ownMetric } = create([jobFor(instance)]);
    await receiver.start?.(never);
    await intervalsUntil(async () => ((await scrapes('failed')) ?? 0) >= 3);
    expect(await ownMetric('wattline_prometheus_up', { target: instance })).toBe(0);
    const target = await serve(saying('a 1\n'), port);
    await intervalsUntil(() => runs.length >= 2);
    expect(logs).toEqual([
      expect.stringMatching(`^warn: no answer from http://${instance}/metrics: .*ECONNREFUSED`),
      `info: http://${instance}/metrics is scraped again`,
    ]);
    expect(await ownMetric('wattline_prometheus_up', { target: instance })).toBe(1);
    target.close();
    await intervalsUntil(() => logs.length === 3);
    expect(logs[2]).toContain('warn: no answer from');
  });

  it('leaves scrapes out while the pipeline is busy, and piles none up', async () => {
    let release = () => {};
    const busy = new Promise<void>((resolve) => {
      release = resolve;
    });
    let taken = 0;
    const target = await serve(saying('a 1\n'));
    const next = () => {
      taken++;
      return busy;
    };
    const { receiver, skips, runs } = create([jobFor(target.instance)], { next });
    await receiver.start?.(never);
    await intervalsUntil(() => skips.length >= 4);
    expect([taken, target.asked.length]).toEqual([1, 1]);
    expect(new Set(skips.map(({ item, reason }) => `${item} ${reason}`))).toEqual(new Set(['scrape under_way']));
    release();
    await intervalsUntil(() => runs.length >= 2);
  });
  it('goes on where what it hands over is not taken, and says which it was', async () => {
    const outcomes = ['busy', 'busy', 'never'];
    const target = await serve(saying('a 1\n'));
    const next: TestContextOptions['next'] = async (runs) => {
      const outcome = outcomes.shift();
      if (outcome === 'never') return refuseAll(runs, 'rejected', outcome);
      if (outcome !== undefined) throw new Error(outcome);
    };
    const { receiver, logs, runs, scrapes, ownMetric } = create([jobFor(target.instance)], { next });
    await receiver.start?.(never);
    await intervalsUntil(() => runs.length >= 2);
    expect([await scrapes('undelivered'), await scrapes('rejected')]).toEqual([2, 1]);
    expect(await ownMetric('wattline_prometheus_up')).toBe(1);
    const url = `http://${target.instance}/metrics`;
    expect(logs).toEqual([
      `warn: what ${url} had was not delivered: busy`,
      `warn: what ${url} had was not delivered: never`,
      `info: ${url} is scraped again`,
    ]);
  });

  it('ends what is under way when it is shut down: requests, and what was handed over', async () => {
    const asked = Promise.withResolvers<void>();
    const silent = await serve(() => asked.resolve());
    const requesting = create([jobFor(silent.instance)]);
    await requesting.receiver.start?.(never);
    await asked.promise;
    await requesting.receiver.shutdown?.(never);
    expect([requesting.runs, requesting.logs]).toEqual([[], []]);

    const target = await serve(saying('a 1\n'));
    const handed = Promise.withResolvers<void>();
    const next: Consumer['consume'] = (_, signal) => {
      handed.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const delivering = create([jobFor(target.instance)], { next });
    await delivering.receiver.start?.(never);
    await handed.promise;
    await delivering.receiver.shutdown?.(never);
    expect([delivering.runs, delivering.logs, await delivering.scrapes('undelivered')]).toEqual([[], [], undefined]);
  });
});

describe('the configuration', () => {
  const problemsOf = (...jobs: object[]) =>
    plugin.configSchema
      .safeParse({ scrape_configs: jobs })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('has the defaults of Prometheus, and a scrape every five seconds', () => {
    const { scrape_configs } = plugin.configSchema.parse({
      scrape_configs: [{ job_name: 'a', static_configs: [{ targets: ['[::1]:9100'] }] }],
    });
    expect(scrape_configs[0]).toMatchObject({
      scrape_interval: 5000,
      scrape_timeout: 5000,
      metrics_path: '/metrics',
      scheme: 'http',
      metric_names: ['*'],
      static_configs: [{ targets: [{ instance: '[::1]:9100', host: '::1', port: 9100 }], labels: {} }],
    });
    const minute = plugin.configSchema.parse({
      scrape_configs: [jobFor('a:1', { scrape_interval: '1m' })],
    });
    expect(minute.scrape_configs[0]?.scrape_timeout).toBe(10_000);
  });

  it.each([
    ['http://a:1', 'static_configs.0.targets.0: expected host:port'],
    ['a', 'expected host:port'],
    ['a:0', 'expected host:port'],
    ['a:70000', 'expected host:port'],
    ['a:1/metrics', 'expected host:port'],
    ['u@a:1', 'expected host:port'],
  ])('does not take the target %s', (target, message) => {
    expect(problemsOf(jobFor(target))?.join()).toContain(message);
  });

  it.each([
    [{ scrape_timeout: '6s' }, 'scrape_configs.0.scrape_timeout: expected at most `scrape_interval`'],
    [{ scrape_interval: '1ms' }, 'scrape_interval: expected a duration from 10ms to 24h'],
    [{ metric_names: ['a.+'] }, 'metric_names.0: expected the name of a metric'],
    [{ metrics_path: 'metrics' }, 'metrics_path'],
    [{ sample_limit: 5 }, 'Unrecognized key'],
    [{ static_configs: [{ targets: ['a:1', 'a:1'] }] }, 'static_configs: expected each target once'],
  ])('does not take %j', (job, message) => {
    expect(problemsOf(jobFor('a:1', job))?.join()).toContain(message);
  });

  it('does not take a job twice, nor TLS without https, nor a header that HTTP does not have', () => {
    expect(problemsOf(jobFor('a:1'), jobFor('b:1'))).toEqual(['scrape_configs: expected each `job_name` once']);
    expect(() => create([jobFor('a:1', { tls: { insecure_skip_verify: true } })])).toThrow(
      '`tls` needs a URL that begins with https:',
    );
    expect(() => create([jobFor('a:1', { headers: { 'a b': 'c' } })])).toThrow('`a b` cannot be the name of a header');
  });
});

describeWithPeers('over TLS', ['openssl'], () => {
  it('checks the target, and shows what it asks for', async () => {
    const certificates = await createCertificates();
    closing.push(certificates.remove);
    const { ca, otherCa, server, client } = certificates;
    const [cert, key, authority] = [server.cert, server.key, ca].map((path) => readFileSync(path));
    const options = { cert, key, ca: authority, requestCert: true, rejectUnauthorized: true };
    const target = createTlsServer(options, (_, response) => response.end('a 1\n'));
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    closing.push(() => {
      target.closeAllConnections();
      target.close();
    });
    const instance = `127.0.0.1:${(target.address() as AddressInfo).port}`;
    const scrape = (tls: object) => create([jobFor(instance, { ...slow, scheme: 'https', tls })]);
    const shown = { cert_file: client.cert, key_file: client.key };
    const trusting = scrape({ ca_file: ca, ...shown });
    await trusting.once();
    expect(trusting.runs.map(values)).toEqual([{ a: 1 }]);
    await expect(scrape({ ca_file: otherCa, ...shown }).once()).rejects.toThrow(/certificate/);
    await expect(scrape({ ca_file: ca }).once()).rejects.toThrow(`no answer from https://${instance}/metrics`);
  });
});
