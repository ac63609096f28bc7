import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestContext } from '../../test/kit/context.ts';
import { FakeService, type ServiceRequest } from '../../test/kit/fake-service.ts';
import { HttpClient } from '../http/index.ts';
import { type Place, z } from '../plugin/index.ts';
import { createProvider, type FactorService, serviceSettings } from '../provider/index.ts';

const HOUR = 3600;
/** A whole hour. */
const NOON = 1_766_577_600;
const HERE: Place = { region: 'here' };
const signal = new AbortController().signal;

const closing: (() => unknown)[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: (NOON + 600) * 1000 });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);
const answerSchema = z.array(z.object({ from: z.number(), value: z.number(), isFinal: z.boolean() }));

/** Values 1 by the hour, in a service that has them all; those of hours that are over are final. */
function hourly({ query }: ServiceRequest) {
  const json = [];
  for (let from = Number(query.from); from < Number(query.to); from += HOUR) {
    json.push({ from, value: 1, isFinal: (from + HOUR) * 1000 <= Date.now() });
  }
  return { json };
}

async function serve(answer: FakeService['answer'] = hourly) {
  const service = await new FakeService(answer).start();
  closing.push(() => service.stop());
  return service;
}

function create(url: string, settings: object = {}, change: Partial<FactorService> = {}) {
  const context = createTestContext({ id: 'tested' });
  const schema = z.strictObject(serviceSettings({ requests: 100, interval: '1m' }));
  const config = schema.parse({ timeout: '5s', ...settings });
  const service: FactorService = {
    name: 'test',
    quantity: 'intensity',
    method: 'location',
    resolution: HOUR,
    locate: ({ region }) => (region === 'nowhere' ? undefined : region),
    unknown: 'the service knows somewhere only',
    earliest: (to) => to - 100 * HOUR,
    async read(place, from, to, get) {
      const headers = new Headers({ 'auth-token': 's3cret' });
      const readings = await get(
        `${url}/values?${new URLSearchParams({ place, from: `${from}`, to: `${to}` })}`,
        answerSchema,
        headers,
      );
      return readings.map((reading) => ({ ...reading, source: 'a test' }));
    },
    ...change,
  };
  const provider = createProvider(service, context.ctx, new HttpClient(context.ctx, url, undefined), config);
  closing.push(() => provider.shutdown?.(signal));
  const factors = (from: number, to: number, place = HERE) => provider.factors(place, NOON + from, NOON + to, signal);
  const states = async (from: number, to: number, place = HERE) =>
    (await factors(from, to, place)).map(
      (period) => `${(period.from - NOON) / HOUR} ${(period.to - NOON) / HOUR} ${period.factor.state}`,
    );
  /** What it says that a time lacks; undefined where it says nothing. */
  const lacking = async (from: number, to: number, place = HERE) => {
    const lacks: string[] = [];
    await provider.factors(place, NOON + from, NOON + to, signal, (why) => lacks.push(why));
    expect(lacks.length).toBeLessThanOrEqual(1);
    return lacks[0];
  };
  const requests = (outcome: string) =>
    context.ownMetric('wattline_provider_requests_total', { provider: 'tested', outcome });
  return { ...context, provider, factors, states, lacking, requests };
}

describe('a service that answers', () => {
  it('may have prices in a currency of its own', async () => {
    const service = await serve();
    const priced = (change: Partial<FactorService>) =>
      create(service.url, {}, { quantity: 'price', ...change }).factors(0, 0);
    expect((await priced({ currency: 'EUR' }))[0]?.factor).toMatchObject({
      unit: 'EUR/kWh',
      source: 'a test; EUR/kWh',
    });
    expect((await priced({}))[0]?.factor).toMatchObject({ unit: 'USD/kWh', source: 'a test' });
  });

  it('is asked once for whole periods, and the factors are records of their own time', async () => {
    const service = await serve();
    const { factors } = create(service.url);
    const factor = {
      id: 'intensity/here/test',
      quantity: 'intensity',
      value: 1,
      unit: 'kg/kWh',
      source: 'a test',
      year: 2025,
      method: 'location',
      state: 'live',
      readAt: Date.now() / 1000,
    };
    const expected = [
      { from: NOON - HOUR, to: NOON, factor: { ...factor, version: 'final' } },
      { from: NOON, to: NOON + HOUR, factor: { ...factor, version: 'estimated', mayChange: true } },
    ];
    expect(await factors(-1800, 600)).toEqual(expected);
    expect(await factors(-3600, 0)).toEqual(expected.slice(0, 1));
    expect(await factors(0, 0)).toEqual(expected.slice(1));
    expect(service.asked.map(({ query }) => query)).toEqual([
      { place: 'here', from: String(NOON - HOUR), to: String(NOON + HOUR) },
    ]);
  });

  it('is asked for the current period again after `refresh` and at its end, and never for what is final', async () => {
    const service = await serve();
    const { states } = create(service.url, { refresh: '20m' });
    const ask = () => states(-HOUR, 1);
    expect(await ask()).toEqual(['-1 0 live', '0 1 live']);
    pass(1199);
    await ask();
    expect(service.asked).toHaveLength(1);
    pass(1);
    await ask();
    pass(1199);
    await ask();
    expect(service.asked.slice(1).map(({ query }) => Number(query.from))).toEqual([NOON]);
    pass(HOUR);
    expect(await ask()).toEqual(['-1 0 live', '0 1 live']);
    pass(100 * HOUR);
    await ask();
    expect(service.asked).toHaveLength(3);
  });

  it('is asked for long times in parts, the newest first, and not for longer than is kept', async () => {
    const service = await serve();
    const { factors } = create(service.url);
    expect(await factors(-250 * HOUR, 1)).toHaveLength(251);
    const parts = service.asked.map(({ query }) => [
      (Number(query.from) - NOON) / HOUR,
      (Number(query.to) - NOON) / HOUR,
    ]);
    expect(parts).toEqual([
      [-99, 1],
      [-199, -99],
      [-250, -199],
    ]);
    expect(await factors(-5000 * HOUR, 0)).toHaveLength(3000);
  });

  it('is asked once for all that ask at the same time, and once at a time for each place', async () => {
    const service = await serve();
    const { factors } = create(service.url);
    const all = await Promise.all([
      ...Array.from({ length: 20 }, () => factors(-600, 0)),
      factors(0, 10),
      factors(0, 10, { region: 'there' }),
    ]);
    expect(all.map((periods) => periods.length)).toEqual(Array.from({ length: 22 }, () => 1));
    expect(service.asked.map(({ query }) => [query.place, Number(query.from) - NOON])).toEqual([
      ['here', -HOUR],
      ['there', 0],
      ['here', 0],
    ]);
  });

  it('is not asked about the future, nor where the run has been given up', async () => {
    const service = await serve();
    const { factors, provider } = create(service.url);
    expect(await factors(HOUR, 2 * HOUR)).toEqual([]);
    const gone = AbortSignal.abort(new Error('stopped'));
    await expect(provider.factors(HERE, NOON, NOON + 1, gone)).rejects.toThrow('stopped');
    expect(service.asked).toEqual([]);
  });

  it('counts a place that it does not know once', async () => {
    const service = await serve();
    const { factors, skips } = create(service.url);
    for (let times = 0; times < 3; times++) expect(await factors(0, 1, { region: 'nowhere' })).toEqual([]);
    expect(skips).toEqual([
      {
        item: 'intensity',
        reason: 'unknown_place',
        message: 'no intensity of the region `nowhere`: the service knows somewhere only',
      },
    ]);
    expect(service.asked).toEqual([]);
  });
});

describe('a service that is cut off', () => {
  it('leaves the last value within one refresh, as `cached` until it is too old, and what is final as `live`', async () => {
    const service = await serve();
    const { states, ownMetric, logs } = create(service.url, { refresh: '5m', max_age: '2h' });
    const now = () => Date.now() / 1000 - NOON;
    expect(await states(now() - 60, now())).toEqual(['0 1 live']);
    expect(await states(-HOUR, -1)).toEqual(['-1 0 live']);
    await service.stop();
    pass(299);
    expect(await states(now() - 60, now())).toEqual(['0 1 live']);
    pass(1);
    expect(await states(now() - 60, now())).toEqual(['0 1 cached']);
    expect(logs.at(-1)).toMatch(/^warn: the service is left alone: no answer from http:.*\/values: fetch failed/);
    expect(await ownMetric('wattline_provider_state', { state: 'cached' })).toBe(1);
    expect(await ownMetric('wattline_provider_state', { state: 'live' })).toBe(0);
    expect(await ownMetric('wattline_provider_last_good_age_seconds', { provider: 'tested' })).toBe(300);
    pass(HOUR);
    expect(await states(now() - 60, now())).toEqual(['1 2 cached']);
    pass(HOUR);
    expect(await states(now() - 60, now())).toEqual(['2 3 cached']);
    pass(HOUR);
    expect(await states(now() - 60, now())).toEqual([]);
    expect(await ownMetric('wattline_provider_state', { state: 'none' })).toBe(1);
    expect(await states(-HOUR, 1)).toEqual(['-1 0 live', '0 1 cached']);
    await service.start();
    pass(600);
    expect(await states(now() - 60, now())).toEqual(['3 4 live']);
    expect(await ownMetric('wattline_provider_last_good_age_seconds', { provider: 'tested' })).toBe(0);
  });

  it('gives nothing where it never answered, and rejects nothing', async () => {
    const service = await serve();
    await service.stop();
    const { states, requests, ownMetric } = create(service.url);
    expect(await states(0, 1)).toEqual([]);
    expect(await requests('failed')).toBe(1);
    expect(await ownMetric('wattline_provider_last_good_age_seconds')).toBeUndefined();
  });
});

describe('a service that fails', () => {
  const broken = () => ({ status: 500 });

  it('is left alone for longer and longer, whoever asks, and then is used again', async () => {
    const service = await serve(broken);
    const { states, requests } = create(service.url);
    const ask = () => Promise.all([states(0, 1), states(-HOUR, 0), states(0, 1, { region: 'there' })]);
    const counts: number[] = [];
    // Of two places, one request each is sent before the first failure is known.
    for (let second = 0; second < 60; second++) {
      await ask();
      counts.push(service.asked.length);
      pass(1);
    }
    // Pauses of 5, 10, 20 and 40 s begin at 0, 5, 15 and 35 s.
    expect([counts[0], counts[4], counts[5], counts[14], counts[15], counts[34], counts[35], counts[59]]).toEqual([
      2, 2, 4, 4, 6, 6, 8, 8,
    ]);
    expect(await requests('failed')).toBe(8);
    service.answer = hourly;
    pass(16);
    expect(await ask()).toEqual([['0 1 live'], ['-1 0 live'], ['0 1 live']]);
  });

  it.each([
    ['a number of seconds', () => '120'],
    ['a date', () => new Date(Date.now() + 120_000).toUTCString()],
  ])('by asking for fewer requests is left alone for as long as it says, in %s', async (_, retryAfter) => {
    const service = await serve(() => ({ status: 429, headers: { 'retry-after': retryAfter() } }));
    const { states, requests } = create(service.url);
    await states(0, 1);
    service.answer = hourly;
    pass(119);
    expect(await states(0, 1)).toEqual([]);
    expect(service.asked).toHaveLength(1);
    pass(1);
    expect(await states(0, 1)).toEqual(['0 1 live']);
    expect(await requests('throttled')).toBe(1);
    expect(await requests('success')).toBe(1);
  });

  it.each([
    ['no JSON', { status: 200, text: '<html>' }, 'does not answer with JSON'],
    ['another shape', { json: [{ from: 'noon' }] }, 'does not answer as documented'],
    ['no access', { status: 401, text: 's3cret is wrong' }, 'answered 401; check the credentials'],
    ['another address', { status: 302, headers: { location: '/values?elsewhere' } }, 'answered 302; check `endpoint`'],
    ['an outage', { status: 503, headers: { 'retry-after': 'soon' } }, 'answered 503'],
  ])('with %s is left alone, and the log says why without secrets', async (_, answer, said) => {
    const service = await serve(() => answer);
    const { states, requests, logs } = create(service.url);
    for (let times = 0; times < 3; times++) expect(await states(0, 1)).toEqual([]);
    expect(service.asked).toHaveLength(1);
    expect(service.asked[0]?.headers['auth-token']).toBe('s3cret');
    expect(await requests('failed')).toBe(1);
    expect(logs).toHaveLength(1);
    expect(logs[0]).toContain(said);
    expect(logs[0]).not.toMatch(/s3cret|from=/);
  });

  it('to answer keeps nobody waiting for longer than `timeout`, and is then left alone', async () => {
    const service = await serve();
    const { states, logs } = create(service.url, { timeout: '1s', refresh: '5m' });
    expect(await states(0, 1)).toEqual(['0 1 live']);
    service.answer = () => ({ status: 200, text: '[]', after: new Promise(() => {}) });
    pass(300);
    expect(await states(0, 1)).toEqual(['0 1 cached']);
    await vi.waitFor(() => expect(logs.at(-1)).toMatch(/no answer from .* within 1 s/));
    expect(await states(0, 1)).toEqual(['0 1 cached']);
    expect(service.asked).toHaveLength(2);
  });

  it('is let go of at once by a run that is given up, and by a shutdown', async () => {
    const service = await serve(() => ({ status: 200, after: new Promise(() => {}) }));
    const { provider, logs } = create(service.url, { timeout: '1h' });
    const giveUp = new AbortController();
    const given = provider.factors(HERE, NOON, NOON + 1, giveUp.signal);
    const waiting = provider.factors(HERE, NOON, NOON + 1, signal);
    await vi.waitFor(() => expect(service.asked).toHaveLength(1));
    giveUp.abort(new Error('stopped'));
    await expect(given).rejects.toThrow('stopped');
    await provider.shutdown?.(signal);
    expect(await waiting).toEqual([]);
    expect(logs).toEqual([]);
  });
});

describe('a service that refuses', () => {
  it('one place is asked about others, and about that one after `refresh` only', async () => {
    const service = await serve((asked) => (asked.query.place === 'there' ? { status: 403 } : hourly(asked)));
    const { states, requests, skips } = create(service.url, { refresh: '5m' });
    for (let times = 0; times < 3; times++) {
      expect(await states(0, 1, { region: 'there' })).toEqual([]);
      expect(await states(0, 1)).toEqual(['0 1 live']);
    }
    expect(service.asked).toHaveLength(2);
    expect(await requests('refused')).toBe(1);
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['intensity', 'refused']]);
    expect(skips[0]?.message).toContain('answered 403; the account may not have this place');
    pass(300);
    await states(0, 1, { region: 'there' });
    expect(service.asked).toHaveLength(3);
  });

  it('by some values that cannot be used gives the others, and each of them is counted', async () => {
    const values = [
      { from: NOON - 2 * HOUR, value: 1, isFinal: true },
      { from: NOON - HOUR + 1, value: 1, isFinal: true },
      { from: 1e300, value: 1, isFinal: true },
      { from: NOON, value: 1, isFinal: true },
    ];
    const service = await serve(() => ({ json: values }));
    const { states, skips, requests, logs, lacking } = create(service.url, { max_age: '0s' });
    expect(await states(-2 * HOUR, 1)).toEqual(['-2 -1 live', '0 1 live']);
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual([
      ['intensity', 'unusable_value'],
      ['intensity', 'unusable_value'],
    ]);
    expect(skips[0]?.message).toBe(
      'one intensity of here is left out: a value is of 2025-12-24T11:00:01.000Z, where no period of 3600 s begins',
    );
    expect([await requests('success'), logs]).toEqual([1, []]);
    expect(await lacking(-HOUR, -1)).toMatch(/^a value is of 2025-12-24T11:00:01\.000Z, where no period/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('by a value that is %d gives the others', async (value) => {
    const rows = [value, 2].map((value, index) => ({ from: NOON - index * HOUR, value, isFinal: true, source: 's' }));
    const { factors, skips } = create('http://127.0.0.1:9', {}, { read: async () => rows });
    expect((await factors(-HOUR, 1)).map(({ factor }) => factor.value)).toEqual([2, 2]);
    expect(skips.map(({ reason }) => reason)).toEqual(['unusable_value']);
  });

  it('by values that are not of its own periods gives none', async () => {
    const service = await serve(() => ({ json: [{ from: NOON + 1, value: 1, isFinal: true }] }));
    const { states, skips } = create(service.url);
    expect(await states(0, 1)).toEqual([]);
    expect(skips[0]?.message).toBe(
      'no intensity of here: a value is of 2025-12-24T12:00:01.000Z, where no period of 3600 s begins',
    );
  });
});

describe('a time that is not known', () => {
  it.each([
    ['where access is denied', { status: 401 }, /\/values answered 401; check the credentials$/],
    ['where it is forbidden', { status: 403 }, /answered 403; the account may not have this place, or this time$/],
    [
      'where nothing is there',
      { status: 404 },
      /answered 404; check `endpoint`, and whether the service knows this place$/,
    ],
    [
      'where there were too many requests',
      { status: 429 },
      /answered 429; it asks for fewer requests, see `rate_limit`$/,
    ],
    ['in an outage', { status: 502 }, /answered 502$/],
    ['where the answer is no JSON', { status: 200, text: '<html>' }, /does not answer with JSON$/],
    [
      'where the answer is of another shape',
      { json: [{}] },
      /does not answer as documented: 0\.from: expected number, rec/,
    ],
    ['where the service has nothing', { json: [] }, /^the service has no value of this time$/],
  ])('%s comes with the reason, and again with the next request', async (_, answer, said) => {
    const service = await serve(() => answer);
    const { lacking } = create(service.url);
    expect(await lacking(0, 1)).toMatch(said);
    expect(await lacking(0, 1)).toMatch(said);
    expect(service.asked).toHaveLength(1);
  });

  it('while the service is left alone comes with why it is, whatever the place', async () => {
    const service = await serve(() => ({ status: 500 }));
    const { lacking } = create(service.url);
    await lacking(0, 1);
    expect(await lacking(0, 1, { region: 'there' })).toMatch(
      /^the service is left alone for a while: .+ answered 500$/,
    );
  });

  it('comes with the reason where there is no answer', async () => {
    const service = await serve(() => ({ status: 200, after: new Promise(() => {}) }));
    const slow = create(service.url, { timeout: '100ms' });
    expect(await slow.lacking(0, 1)).toMatch(/no answer .*within 0\.1 s$/);
    await service.stop();
    expect(await create(service.url).lacking(0, 1)).toMatch(/^no answer from .+ECONNREFUSED/);
  });

  it('is said of unknown places, of the own rate limit and of the future too', async () => {
    const service = await serve();
    const { lacking } = create(service.url, { rate_limit: { requests: 1, interval: '1h' } });
    expect(await lacking(0, 1, { region: 'nowhere' })).toBe('the service knows somewhere only');
    expect(await lacking(0, 1)).toBeUndefined();
    expect(await lacking(0, 1, { region: 'there' })).toBe('no request is left by `rate_limit`');
    expect(await lacking(5 * HOUR, 6 * HOUR)).toBe('the service has no value of this time');
  });

  it('is said of a value that another one stands in for', async () => {
    const service = await serve(() => ({ json: [{ from: NOON - HOUR, value: 1, isFinal: true }] }));
    const { lacking, states } = create(service.url);
    expect(await states(0, 1)).toEqual(['0 1 cached']);
    expect(await lacking(0, 1)).toBe('the service has no value of this time');
    expect(await lacking(-HOUR, 0)).toBeUndefined();
  });
});

it('the own rate limit keeps requests back, and is no failure of the service', async () => {
  const service = await serve();
  const { states, requests } = create(service.url, { rate_limit: { requests: 2, interval: '10s' } });
  const regions = ['a', 'b', 'c', 'd'];
  const ask = () => Promise.all(regions.map((region) => states(0, 1, { region })));
  expect((await ask()).flat()).toHaveLength(2);
  expect(await requests('limited')).toBe(2);
  pass(5);
  expect((await ask()).flat()).toHaveLength(3);
  pass(5);
  expect((await ask()).flat()).toHaveLength(4);
  expect(service.asked).toHaveLength(4);
});
