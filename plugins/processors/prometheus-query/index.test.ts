import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { measure } from 'wattline/figures';
import {
  cpuUsage,
  hostPower,
  messageOf,
  type Processor,
  RejectedError,
  Run,
  type Samples,
  Series,
  samplesOf,
  toSeconds,
} from 'wattline/plugin';
import { createTestContext, deepFreeze } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const START = 1_766_948_030;
const signal = new AbortController().signal;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Form = Readonly<Record<string, string>>;
type Answer = (form: Form, response: ServerResponse) => void;

/** A server with the API; it notes what it is asked. */
async function serve(answer: Answer): Promise<{ url: string; asked: Form[] }> {
  const asked: Form[] = [];
  const listener: RequestListener = async (request: IncomingMessage, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const form = Object.fromEntries(new URLSearchParams(body));
    asked.push({ ...form, url: `${request.method} ${request.url}`, ...pick(request.headers.authorization) });
    answer(form, response);
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const pick = (authorization: string | undefined) => (authorization === undefined ? {} : { authorization });

/** The times that a form asks for. */
function timesOf({ start, end, step }: Form): number[] {
  const count = Math.round((Number(end) - Number(start)) / Number(step)) + 1;
  return Array.from({ length: count }, (_, index) => Number(start) + index * Number(step));
}

const matrix = (...series: { metric?: object; values: (readonly [number, string])[] }[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'matrix', result: series.map(({ metric = {}, values }) => ({ metric, values })) },
  });

/** Answers each query with one series, of values by time or index. */
const giving =
  (value: (time: number, index: number) => string | undefined): Answer =>
  (form, response) =>
    response.end(
      matrix({
        values: timesOf(form).flatMap((time, index) => {
          const text = value(time, index);
          return text === undefined ? [] : [[time, text] as const];
        }),
      }),
    );

const window = { 'run.start_time': START, 'run.end_time': START + 60 };
/** A run of 60 s that throws where it is edited. */
function runOf(attributes: object = {}, ...samples: readonly Samples[]): Run {
  return deepFreeze(Run.of({ scenario: 'a run', ...window, ...attributes }, { samples }));
}

const series = (...values: number[]) => Series.regular([START, 0], 60 / (values.length - 1), Float64Array.from(values));

function create(url: string, config: object = {}) {
  const context = createTestContext({ id: 'prometheus_query' });
  const parsed = plugin.configSchema.parse({
    endpoint: url,
    queries: { power: 'power{a="{{scenario}}"}' },
    step: '10s',
    ...config,
  });
  const processor = plugin.create(context.ctx, parsed) as Processor;
  const pass = async (run: Run) => {
    const { deferred, cause } = await processor.consume([run], signal);
    if (deferred.length) throw cause;
    return context.runs.at(-1) as Run;
  };
  return { ...context, processor, pass };
}

const reasons = ({ skips }: ReturnType<typeof create>) => skips.map(({ item, reason }) => `${item} ${reason}`);

describe('the configuration', () => {
  const valid = { endpoint: 'http://127.0.0.1:9090', queries: { power: 'a' } };

  it('has defaults for all but the server and the queries', () => {
    expect(plugin.configSchema.parse(valid)).toMatchObject({
      step: 60_000,
      sampling: 'interval',
      overwrite: 'never',
      query_delay: 30_000,
      timeout: 30_000,
    });
  });

  it.each([
    [{ queries: {} }, 'expected `power`, `cpu` or both'],
    [{ queries: { power: 'a{b={{c}}}' } }, 'outside of a string'],
    [{ endpoint: 'http://me:secret@127.0.0.1' }, 'put credentials into `headers`'],
    [{ step: '0s' }, 'from 1ms to 24h'],
    [{ timeout: '0s' }, 'from 1ms to 1h'],
    [{ query_delay: '2h' }, 'of at most 1h'],
    [{ sampling: 'counter' }, 'instant'],
  ])('with %j is refused', (change, said) => {
    expect(plugin.configSchema.safeParse({ ...valid, ...change }).error?.message).toContain(said);
  });

  it('with a header that HTTP does not allow is refused before anything starts', () => {
    expect(() => create('http://127.0.0.1:1', { headers: { 'a b': 'c' } })).toThrow(/a b/);
  });
});

describe('a run with a time', () => {
  it('is asked for by what it is, and gets means of steps with what they rest on', async () => {
    const server = await serve(giving((_, index) => String(100 + index)));
    const queries = { power: 'power{a="{{scenario}}",r="{{region}}"}[{{step}}]' };
    const stage = create(server.url, { queries, headers: { authorization: 'Bearer x' }, timeout: '7s' });
    const run = await stage.pass(runOf({ scenario: 'say "4"', 'cloud.region': 'eu-west-1' }));
    const query = 'power{a="say \\x224\\x22",r="eu-west-1"}[10000ms]';
    expect(server.asked).toEqual([
      {
        ...{ url: 'POST /api/v1/query_range', authorization: 'Bearer x', query },
        ...{ start: String(START + 10), end: String(START + 60), step: '10', timeout: '7000ms' },
        ...{ nocache: '1', deny_partial_response: '1', partial_response: 'false' },
      },
    ]);
    expect(measure(run, hostPower)).toMatchObject({
      ...{ value: (100 + 101 + 102 + 103 + 104 + 105) * 10, span: 60, sampling: 'interval' },
      series: { start: [START, 0], step: 10 },
    });
    expect(run.resource.attributes).toMatchObject({ scenario: 'say "4"', 'query.power_watts': query });
    expect(stage.skips).toEqual([]);
  });

  it('gets instants from its start to its end where that is what a query gives', async () => {
    const server = await serve(giving((time) => String(time - START)));
    const run = await create(server.url, { sampling: 'instant' }).pass(runOf());
    expect(measure(run, hostPower)).toMatchObject({ value: 1800, span: 60, sampling: 'instant' });
  });

  it('has gaps where points are missing or no number, and nothing at its ends', async () => {
    const given = ['NaN', '10', undefined, 'NaN', '20', undefined];
    const server = await serve(giving((_, index) => given[index]));
    const run = await create(server.url).pass(runOf());
    const series = run.samplesOf(hostPower)?.series as Series;
    expect([...series.values]).toEqual([10, Number.NaN, Number.NaN, 20]);
    expect(toSeconds(series.start)).toBe(START + 10);
    expect(measure(run, hostPower)).toMatchObject({ value: 300, span: 20 });
  });

  it('of more points than a server answers at once is put together from several requests', async () => {
    const server = await serve((form, response) => {
      if (timesOf(form).length > 11_000) response.writeHead(400).end('exceeded maximum resolution of 11,000 points');
      else giving(() => '2')(form, response);
    });
    const stage = create(server.url, { step: '1s' });
    const run = await stage.pass(runOf({ 'run.end_time': START + 25_000 }));
    expect(server.asked).toHaveLength(3);
    expect(measure(run, hostPower)).toMatchObject({ value: 50_000, span: 25_000 });
    expect(await stage.ownMetric('wattline_prometheus_query_requests_total', { outcome: 'success' })).toBe(3);
  });
});

describe('samples that a run has', () => {
  const power = samplesOf(hostPower, series(50, 50, 50));

  it('are left alone, and nothing is asked for', async () => {
    const server = await serve(giving(() => '1'));
    const run = runOf({}, power);
    expect(await create(server.url).pass(run)).toBe(run);
    expect(server.asked).toEqual([]);
  });

  it('are replaced where that is wanted and the database has any, a mark of prediction with them', async () => {
    const server = await serve(giving(() => '1'));
    const run = runOf({ power: 'predicted', encoder: 'x' }, power);
    const replaced = await create(server.url, { overwrite: 'always' }).pass(run);
    expect(measure(replaced, hostPower)).toMatchObject({ value: 60 });
    expect(replaced.resource.attributes).not.toHaveProperty('power');
    expect(replaced.resource.attributes.encoder).toBe('x');
    const empty = await serve((_, response) => response.end(matrix()));
    expect(await create(empty.url, { overwrite: 'always' }).pass(run)).toBe(run);
  });

  it('are replaced with the mark of predicted CPU use where that is fetched, and the other mark stays', async () => {
    const server = await serve(giving(() => '1'));
    const cores = samplesOf(cpuUsage, series(2, 2, 2));
    const run = runOf({ power: 'predicted', cpu: 'predicted' }, power, cores);
    const queries = { cpu: 'cores{a="{{scenario}}"}' };
    const replaced = await create(server.url, { queries, overwrite: 'always' }).pass(run);
    expect([replaced.power, replaced.cpu]).toEqual(['predicted', undefined]);
  });

  it.each(['never', 'always'])('of another signal are read as before, overwrite %s', async (overwrite) => {
    const server = await serve(giving((_, index) => String(index)));
    const queries = { cpu: 'cpu' };
    const run = await create(server.url, { queries, overwrite }).pass(runOf({}, power));
    expect(measure(run, hostPower)).toMatchObject({ value: 3000, sampling: 'instant' });
    expect(measure(run, cpuUsage)).toMatchObject({ value: 150, span: 60 });
  });

  it('that are means stay so beside fetched instants', async () => {
    const server = await serve(giving(() => '1'));
    const stage = create(server.url, { queries: { cpu: 'cpu' }, sampling: 'instant' });
    const run = await stage.pass(runOf({ 'run.sampling': 'interval' }, power));
    expect(measure(run, hostPower)).toMatchObject({ sampling: 'interval' });
    expect(measure(run, cpuUsage)).toMatchObject({ sampling: 'instant', value: 60 });
  });

  it('may be added later: CPU use alone does not say how they are read', async () => {
    const server = await serve(giving(() => '2'));
    const run = await create(server.url, { queries: { cpu: 'cpu' } }).pass(runOf());
    expect(measure(run, cpuUsage)).toMatchObject({ value: 120, span: 60 });
    const predicted = Series.irregular([START, 0], Float64Array.of(0, 60), Float64Array.of(50, 50));
    const later = Run.of(run.resource.attributes, { samples: [samplesOf(hostPower, predicted)] });
    expect(measure(later, hostPower)).toMatchObject({ value: 3000 });
  });
});

describe('a run goes on without what cannot be had, and that is counted', () => {
  const after = async (answer: Answer, config: object = {}, attributes: object = {}) => {
    const server = await serve(answer);
    const stage = create(server.url, config);
    const run = runOf(attributes);
    expect(await stage.pass(run)).toBe(run);
    return { stage, asked: server.asked.length, reasons: reasons(stage), message: stage.skips[0]?.message };
  };
  const one = giving(() => '1');

  it.each([400, 413, 414, 422])('where the server refuses the query with %d', async (status) => {
    const { reasons, message, stage } = await after((_, response) => response.writeHead(status).end('parse error'));
    expect(reasons).toEqual(['power_watts query_refused']);
    expect(message).toMatch(
      /^no power_watts is fetched for a run: .* answered \d+: parse error; the query was power\{/,
    );
    expect(await stage.ownMetric('wattline_prometheus_query_requests_total', { outcome: 'refused' })).toBe(1);
  });

  it('where there is no series, or more than one', async () => {
    expect(await after((_, response) => response.end(matrix()))).toMatchObject({ reasons: ['power_watts no_series'] });
    const { reasons, message } = await after((form, response) => {
      const values = timesOf(form).map((time) => [time, '1'] as const);
      response.end(matrix({ metric: { a: '1' }, values }, { metric: { a: '2' }, values }));
    });
    expect(reasons).toEqual(['power_watts ambiguous_series']);
    expect(message).toContain('returned 2 series; make them one, such as with sum(…)');
  });

  it('where another series is returned for a later part of it', async () => {
    const changing: Answer = (form, response) => {
      const values = timesOf(form).map((time) => [time, '1'] as const);
      response.end(matrix({ metric: { a: form.start }, values } as never));
    };
    const times = { 'run.end_time': START + 12_000 };
    const { reasons, asked } = await after(changing, { step: '1s' }, times);
    expect([reasons, asked]).toEqual([['power_watts ambiguous_series'], 2]);
  });

  it.each([
    ['NaN', 'no_samples'],
    ['-1', 'invalid_samples'],
    ['+Inf', 'invalid_samples'],
  ])('where it is %s', async (value, reason) => {
    expect((await after(giving(() => value))).reasons).toEqual([`power_watts ${reason}`]);
  });

  it.each([
    [{ 'run.start_time': undefined }, 'no_window'],
    [{ scenario: '' }, 'missing_attribute'],
    [{ 'run.start_time': 0 }, 'too_many_points'],
  ])('without asking where it says %j', async (attributes, reason) => {
    const { reasons, asked } = await after(one, { step: '1s' }, attributes);
    expect([reasons, asked]).toEqual([[`power_watts ${reason}`], 0]);
  });

  it('without asking where it has not ended', async () => {
    const attributes = { 'run.end_time': Date.now() / 1000 + 3600 };
    const { reasons, asked } = await after(one, { query_delay: '10ms' }, attributes);
    expect([reasons, asked]).toEqual([['power_watts in_the_future'], 0]);
  });
});

describe('a run is handed back where the server', () => {
  const failureOf = async (answer: Answer, config: object = {}) => {
    const server = await serve(answer);
    const stage = create(server.url, config);
    const error = await stage.pass(runOf()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(RejectedError);
    expect([stage.runs, stage.skips]).toEqual([[], []]);
    expect(await stage.ownMetric('wattline_prometheus_query_requests_total', { outcome: 'failed' })).toBe(1);
    return messageOf(error);
  };

  it.each([302, 401, 403, 404, 408, 429, 500, 502, 503])('answers %d', async (status) => {
    const message = await failureOf((_, response) => response.writeHead(status, { location: '/x' }).end('why'));
    expect(message).toContain(`/api/v1/query_range answered ${status}: why`);
    if (status === 401 || status === 403) expect(message).toContain('set `headers`');
    if (status === 404 || status === 302) expect(message).toContain('set `endpoint`');
  });

  it('answers with something else', async () => {
    expect(await failureOf((_, response) => response.end('<html>'))).toContain('does not answer with JSON');
    const vector = JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } });
    expect(await failureOf((_, response) => response.end(vector))).toContain('does not answer like Prometheus');
  });

  it('does not answer in time', async () => {
    expect(await failureOf(() => {}, { timeout: '50ms' })).toMatch(/no answer from http:.* within 0\.05 s/);
  });

  it('is away', async () => {
    const stage = create('http://127.0.0.1:1');
    const error = await stage.pass(runOf()).catch((reason: unknown) => reason);
    expect(messageOf(error)).toMatch(/no answer from http:\/\/127\.0\.0\.1:1: /);
    expect(error).not.toBeInstanceOf(RejectedError);
  });

  it('fails once, and gets its samples when it comes again', async () => {
    let failing = true;
    const server = await serve((form, response) => {
      if (failing) response.writeHead(500).end();
      else giving(() => '5')(form, response);
      failing = false;
    });
    const stage = create(server.url);
    await expect(stage.pass(runOf())).rejects.toThrow('answered 500');
    expect(measure(await stage.pass(runOf()), hostPower)).toMatchObject({ value: 300 });
  });
});

describe('a run that has just ended', () => {
  const recent = () => runOf({ 'run.start_time': Date.now() / 1000 - 60, 'run.end_time': Date.now() / 1000 });

  it('is asked for once its samples have had time to arrive', async () => {
    let askedAt = 0;
    const server = await serve((form, response) => {
      askedAt = Date.now();
      giving(() => '1')(form, response);
    });
    const run = recent();
    const ended = Number(run.resource.attributes['run.end_time']) * 1000;
    await create(server.url, { query_delay: '300ms' }).pass(run);
    expect(askedAt - ended).toBeGreaterThanOrEqual(299);
  });

  it('is handed back where nobody waits for it any more', async () => {
    const server = await serve(giving(() => '1'));
    const { processor, runs } = create(server.url, { query_delay: '1h' });
    const stopped = new AbortController();
    const run = recent();
    const consumed = processor.consume([run], stopped.signal);
    stopped.abort();
    expect(await consumed).toMatchObject({ refused: [], deferred: [run], cause: { name: 'AbortError' } });
    expect([server.asked, runs]).toEqual([[], []]);
  });
});

it('keeps runs apart that come at the same time', async () => {
  const server = await serve((form, response) => giving(() => form.query?.match(/\d+/)?.[0])(form, response));
  const stage = create(server.url);
  await Promise.all([3, 1, 2].map((number) => stage.pass(runOf({ scenario: String(number) }))));
  for (const run of stage.runs) {
    expect(measure(run, hostPower)).toMatchObject({ value: 60 * Number(run.resource.attributes.scenario) });
  }
  expect(stage.runs).toHaveLength(3);
});
