import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpClient } from 'wattline/http';
import {
  allTaken,
  type Factor,
  figure,
  hostPower,
  RejectedError,
  Run,
  Series,
  samplesOf,
  toHrTime,
} from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { describeWithPeers, startVictoriaMetrics } from '../../../test/kit/peers.ts';
import { Client } from './client.ts';
import { Delivery } from './delivery.ts';

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const signal = new AbortController().signal;
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const cost = { name: 'cost_total_load_aware', unit: 'USD', description: 'a cost' };

/** A run with one figure, whose value is its end time, and two samples of power. */
function run(scenario: string, ended: number, labels: Record<string, string> = {}): Run {
  const attributes = { scenario, region: 'us-east-1', 'run.end_time': ended, ...labels };
  const power = samplesOf(hostPower, Series.regular(toHrTime(ended - 10), 10, Float64Array.of(1, 2)));
  return Run.of(attributes, { samples: [power], figures: [figure(cost, ended)] });
}

function deliveryTo(endpoint: string, { includeSamples = false, resourceLabels = [] as string[] } = {}) {
  const { ctx, logs, skips } = createTestContext();
  const http = new HttpClient(ctx, endpoint, undefined);
  const client = new Client({ endpoint, headers: {}, compression: 'none', http, timeout: 5000 });
  const delivery = new Delivery(ctx, client, { includeSamples, resourceLabels, extraLabels: { site: 'lab' } });
  return { delivery, logs, skipped: () => skips.map(({ item, reason }) => `${item} ${reason}`) };
}

/** What the server holds of a metric, as `scenario: timestamps`. */
async function stored(url: string, name = cost.name): Promise<Record<string, number[]>> {
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ 'match[]': name, start: '0', end: String(NOW + 10 * DAY) });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const { metric, timestamps } = JSON.parse(line);
      return [metric.scenario, timestamps];
    }),
  );
}

/** A server before another, which changes what it likes about its answers. */
async function proxy(target: string, change: (path: string, body: string) => { status?: number; body: string }) {
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    const body = Buffer.concat(await request.toArray());
    const { 'content-type': type = 'text/plain' } = request.headers;
    const init = request.method === 'POST' ? { method: 'POST', body, headers: { 'content-type': type } } : {};
    const answer = await fetch(target + path, init);
    const changed = change(path, await answer.text());
    response.writeHead(changed.status ?? answer.status);
    response.end(answer.status === 204 && !changed.status ? undefined : changed.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function start(flags: string[] = [], port?: number): Promise<string> {
  const server = await startVictoriaMetrics(flags, port);
  closing.push(() => server.stop());
  return server.url;
}

function withoutFlags(path: string, body: string) {
  return { body: path === '/metrics' ? body.replaceAll(/^flag\{.*\n/gm, '') : body };
}

/** Why each of the runs of one request is refused; undefined where it is not. */
async function refusals(delivery: Delivery, runs: readonly Run[]): Promise<(string | undefined)[]> {
  const { refused, deferred } = await delivery.send(runs, signal);
  expect(deferred).toEqual([]);
  return runs.map((one) => refused.find(({ run }) => run === one)?.message);
}

/** The sum of what the server holds of the figure, over all series. */
async function storedSum(url: string): Promise<number> {
  await fetch(`${url}/internal/force_flush`);
  const query = new URLSearchParams({ 'match[]': cost.name, start: '0', end: String(NOW + 10 * DAY) });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.flatMap((line) => JSON.parse(line).values as number[]).reduce((sum, value) => sum + value, 0);
}

/** A run whose figure has been valued again so many times. */
function restated(usd: number, times: number): Run {
  const attributes = { ...run('a', NOW - 60).attributes, ...(times > 0 && { 'run.restated': times }) };
  return Run.of(attributes, { figures: [figure(cost, usd)] });
}

describeWithPeers('delivery to VictoriaMetrics', ['victoria-metrics'], () => {
  it('stores what revised figures differ by, in the same request or later, however often it is sent', async () => {
    const url = await start();
    const { delivery } = deliveryTo(url);
    expect(await delivery.send([restated(5, 0), restated(3, 1)], signal)).toEqual(allTaken);
    expect(await storedSum(url)).toBe(3);
    for (const usd of [7, 7, 4]) {
      expect(await delivery.send([restated(usd, 2), run('b', NOW - 30).bare()], signal)).toEqual(allTaken);
      expect(await storedSum(url)).toBe(usd);
    }
    await Promise.all([1, 2, 3].map((times) => delivery.send([restated(times, 3)], signal)));
    expect(await storedSum(url)).toBe(3);
  });

  it('stores a run that comes again after it was revised as what it differs by, whatever its factor is of', async () => {
    const url = await start();
    const { delivery } = deliveryTo(url);
    const record = { id: 'price/cost/prices.csv', quantity: 'price', unit: 'USD/kWh', source: 'prices.csv' } as const;
    const priced = (usd: number, times: number) => {
      const factor: Factor = { ...record, value: usd, state: 'static', readAt: NOW, mayChange: true };
      return Run.of(restated(usd, times).attributes, { figures: [figure(cost, usd, {}, factor)] });
    };
    await delivery.send([priced(5, 0)], signal);
    await delivery.send([priced(3, 1)], signal);
    // Its sender has got no answer, or has sent it on from another Wattline.
    const again = priced(3, 0);
    await delivery.send([again], signal);
    expect(await storedSum(url)).toBe(3);
    const { resource } = again;
    const sentOn = Run.of(resource.attributes, { metrics: again.scopeMetrics });
    await delivery.send([sentOn], signal);
    expect(await storedSum(url)).toBe(3);
  });

  it('stores the samples of a run that is valued again once', async () => {
    const url = await start();
    const { delivery } = deliveryTo(url, { includeSamples: true });
    const samples = [samplesOf(hostPower, Series.regular(toHrTime(NOW - 70), 10, Float64Array.of(1, 2)))];
    const sampled = (usd: number, times: number) =>
      Run.of(restated(usd, times).attributes, { samples, figures: [figure(cost, usd)] });
    for (const times of [0, 1, 2]) await delivery.send([sampled(5 - times, times)], signal);
    expect(await storedSum(url)).toBe(3);
    const times = [NOW - 70, NOW - 60].map((time) => time * 1000);
    expect(await stored(url, 'hw_host_power_watts')).toEqual({ a: times });
  });

  it('refuses revised figures where it cannot read what is stored, and nothing else', async () => {
    const url = await start();
    const hidden = await proxy(url, (path, body) => (path.includes('/export') ? { status: 404, body: '' } : { body }));
    const { delivery, skipped } = deliveryTo(hidden);
    await delivery.send([restated(5, 0)], signal);
    const [first, second] = await refusals(delivery, [restated(3, 1), run('b', NOW - 30)]);
    expect(first).toMatch(/its figures were revised, and the server does not let the former ones be read/);
    expect(second).toBeUndefined();
    expect(skipped()).toEqual(['run not_corrected']);
    expect(Object.keys(await stored(url)).sort()).toEqual(['a', 'b']);
    expect(await storedSum(url)).toBe(5 + NOW - 30);
  });

  it('stores figures and samples at their own times, and a sign of life', async () => {
    const url = await start(['-retentionPeriod=100y']);
    const { delivery, skipped } = deliveryTo(url, { includeSamples: true });
    expect(await refusals(delivery, [run('a', NOW - 400 * DAY), run('b', 10)])).toEqual([undefined, undefined]);
    expect(await stored(url)).toEqual({ a: [(NOW - 400 * DAY) * 1000], b: [10_000] });
    const power = await stored(url, 'hw_host_power_watts');
    expect(power).toEqual({ a: [(NOW - 400 * DAY - 10) * 1000, (NOW - 400 * DAY) * 1000], b: [0, 10_000] });
    expect(Object.values(await stored(url, 'cost_exporter_alive{site="lab"}'))).toHaveLength(1);
    expect(skipped()).toEqual([]);
  });

  it('refuses what is too old or in the future, run by run, and stores the others once', async () => {
    const url = await start();
    const { delivery, skipped } = deliveryTo(url);
    const runs = [run('old', NOW - 40 * DAY), run('new', NOW - DAY), run('future', NOW + 3 * DAY), run('b', NOW)];
    const [old, fresh, future, other] = await refusals(delivery, runs);
    const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
    expect(old).toContain(`old, ended ${iso(NOW - 40 * DAY)}, is not stored by ${url}: it has a sample of`);
    expect(old).toContain(
      '(-retentionPeriod=1); start VictoriaMetrics with a longer one, such as -retentionPeriod=100y',
    );
    expect(future).toContain('check the clock of the machine that measured');
    expect([fresh, other]).toEqual([undefined, undefined]);
    expect(await stored(url)).toEqual({ new: [(NOW - DAY) * 1000], b: [NOW * 1000] });
    expect(skipped()).toEqual(['run too_old', 'run in_the_future']);
  });

  it('stores figures of the first days of 1970 at their own times', async () => {
    const url = await start(['-retentionPeriod=100y']);
    const { delivery } = deliveryTo(url);
    const ends = { a: 0, b: 0.001, c: 1, d: 2_147_483.647, e: 2_147_483.648, f: 2_147_484 };
    await delivery.send(
      Object.entries(ends).map(([name, end]) => run(name, end)),
      signal,
    );
    expect(await stored(url)).toEqual({
      a: [0],
      b: [1],
      c: [1000],
      d: [2 ** 31 - 1],
      e: [2 ** 31],
      f: [2_147_484_000],
    });
  });

  it('refuses a run whose samples begin too early', async () => {
    const url = await start(['-retentionPeriod=2d']);
    const { delivery } = deliveryTo(url, { includeSamples: true });
    const early = Run.of(
      { scenario: 'early', 'run.end_time': NOW },
      { samples: [samplesOf(hostPower, Series.regular(toHrTime(NOW - 3 * DAY), DAY, Float64Array.of(1, 2, 3, 4)))] },
    );
    expect(await refusals(delivery, [early])).toEqual([expect.stringContaining('early, ended')]);
    expect(await stored(url, 'hw_host_power_watts')).toEqual({});
  });

  it('refuses labels that would be cut', async () => {
    const url = await start(['-maxLabelsPerTimeseries=5', '-maxLabelValueLen=25']);
    const { delivery } = deliveryTo(url, { resourceLabels: ['more', 'most'] });
    const runs = [
      run('five', NOW, { more: 'x' }),
      run('six', NOW, { more: 'x', most: 'x' }),
      run('a name of 26 bytes, i.e. x', NOW),
    ];
    const [five, six, long] = await refusals(delivery, runs);
    expect(five).toBeUndefined();
    expect(six).toContain('has 6 labels, its name counted, and the server keeps 5');
    expect(long).toContain('"a name of 26 bytes, i.e. x…" has 26 bytes where the server keeps 25');
    expect(await stored(url)).toEqual({ five: [NOW * 1000] });
  });

  it('may be retried when the server comes back', async () => {
    const port = await freePort();
    const { delivery } = deliveryTo(`http://127.0.0.1:${port}`);
    const late = run('late', NOW);
    const error = await delivery.send([late], signal).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(RejectedError);
    const url = await start([], port);
    expect(await delivery.send([late], signal)).toEqual(allTaken);
    expect(await stored(url)).toEqual({ late: [NOW * 1000] });
  });

  describe('that does not show its flags', () => {
    it('finds dropped runs by reading back what is uncertain', async () => {
      const url = await start();
      const { delivery, skipped } = deliveryTo(await proxy(url, withoutFlags));
      const runs = [run('old', NOW - 40 * DAY), run('stored', NOW - 10 * DAY), run('future', NOW + 3 * DAY)];
      const [old, kept, future] = await refusals(delivery, runs);
      expect(old).toMatch(
        /old, ended .* the server took it and dropped it \(rows ignored meanwhile: .*small_timestamp: 1/,
      );
      expect(future).toMatch(/future, ended .*big_timestamp: 1/);
      expect(kept).toBeUndefined();
      expect(await stored(url)).toEqual({ stored: [(NOW - 10 * DAY) * 1000] });
      expect(skipped()).toEqual(['run dropped', 'run dropped']);
    });

    it('distinguishes the points of one series', async () => {
      const url = await start();
      const { delivery } = deliveryTo(await proxy(url, withoutFlags));
      const runs = [run('same', NOW - 40 * DAY), run('same', NOW - 10 * DAY)];
      expect(await refusals(delivery, runs)).toEqual([expect.stringContaining('small_timestamp: 1'), undefined]);
    });

    it('does not blame a run for what another client has lost', async () => {
      const url = await start();
      const endpoint = await proxy(url, withoutFlags);
      const { delivery } = deliveryTo(endpoint);
      await delivery.send([run('first', NOW)], signal);
      await fetch(`${url}/api/v1/import/prometheus`, { method: 'POST', body: `other 1 ${(NOW - 40 * DAY) * 1000}` });
      await delivery.send([run('second', NOW - 10 * DAY, { bitrate: 'say "\\"\n' })], signal);
      expect(await stored(url)).toEqual({ first: [NOW * 1000], second: [(NOW - 10 * DAY) * 1000] });
    });

    it('and cannot be read refuses whatever may have been dropped', async () => {
      const url = await start();
      const { delivery } = deliveryTo(
        await proxy(url, (path, body) =>
          path === '/api/v1/export' ? { status: 403, body: '' } : withoutFlags(path, body),
        ),
      );
      const messages = await refusals(delivery, [run('old', NOW - 40 * DAY)]);
      expect(messages).toEqual([expect.stringContaining('does not let them be read back to tell which')]);
    });

    it('nor what it drops is reported once, and is no error', async () => {
      const url = await start(['-retentionPeriod=100y']);
      const { delivery, logs } = deliveryTo(
        await proxy(url, (path, body) => (path === '/metrics' ? { status: 404, body: '' } : { body })),
      );
      await delivery.send([run('a', NOW - 400 * DAY)], signal);
      await delivery.send([run('b', NOW)], signal);
      expect(logs).toEqual([
        expect.stringMatching(/\/metrics answered 404; samples that it drops in silence go unnoticed/),
      ]);
      expect(Object.keys(await stored(url)).sort()).toEqual(['a', 'b']);
    });
  });

  it('finds runs that exceed a limit of series', async () => {
    const url = await start(['-storage.maxHourlySeries=5', '-retentionPeriod=100y']);
    const { delivery } = deliveryTo(url);
    const runs = Array.from({ length: 8 }, (_, index) => run(`run ${index}`, NOW - index));
    const messages = await refusals(delivery, runs);
    const held = Object.keys(await stored(url));
    expect(held.length).toBeGreaterThan(0);
    expect(held.length).toBeLessThan(8);
    expect(runs.flatMap((_, index) => (messages[index] ? [] : [`run ${index}`]))).toEqual(held.sort());
    expect(messages.find((message) => message)).toContain('hourly_series_limit_rows_dropped');
  });
});

describe('delivery to a server that refuses', () => {
  it('rejects after 400, since it does not say which of the runs it does not take', async () => {
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      response.writeHead(request.url === '/metrics' ? 404 : body.includes('bad') ? 400 : 204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const { delivery } = deliveryTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const [good, bad] = [run('good', NOW), run('bad', NOW)];
    await expect(delivery.send([good, bad], signal)).rejects.toBeInstanceOf(RejectedError);
    expect(await delivery.send([good], signal)).toEqual(allTaken);
    const error = await delivery.send([bad], signal).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RejectedError);
    expect((error as Error).message).toContain('answered 400');
  });
});

it('asks a server that shows what it keeps once, however many requests there are', async () => {
  const counts: Record<string, number> = {};
  const page = 'flag{name="retentionPeriod", value="100y"} 1\nvm_rows_ignored_total{reason="big_timestamp"} 0\n';
  const server = createServer(async (request, response) => {
    await request.toArray();
    counts[request.url ?? ''] = (counts[request.url ?? ''] ?? 0) + 1;
    if (request.url === '/metrics') response.end(page);
    else response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { delivery } = deliveryTo(url, { includeSamples: true });
  const requests = Array.from({ length: 20 }, (_, i) => Array.from({ length: 500 }, (_, j) => run(`${i} ${j}`, NOW)));
  await Promise.all(requests.slice(0, 10).map((runs) => delivery.send(runs, signal)));
  for (const runs of requests.slice(10)) await delivery.send(runs, signal);
  expect(counts).toEqual({ '/metrics': 1, '/api/v1/import/prometheus': 20, '/api/v1/import': 20 });
});
