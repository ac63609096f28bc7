import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { FakeService, type ServiceAnswer, type ServiceRequest } from '../../../test/kit/fake-service.ts';
import plugin from './index.ts';

const STEP = 300;
/** 2025-12-24T12:00:00Z. */
const NOON = 1_766_577_600;
const OREGON = { region: 'us-west-1', country: 'USA', zone: 'US-CAL-CISO' };
const BASIC = `Basic ${Buffer.from('me:s3cret').toString('base64')}`;
const signal = new AbortController().signal;
const text = (time: number) => new Date(time * 1000).toISOString().replace('.000Z', '+00:00');

const closing: (() => unknown)[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: (NOON + 60) * 1000 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

/** The account of the API: its tokens hold for half an hour. */
class Account {
  readonly tokens = new Map<string, number>();
  /** How many of the newest periods `historical` does not have yet. */
  lag = 1;
  units = 'lbs_co2_per_mwh';
  change: object = {};

  readonly answer = ({ path, query, headers }: ServiceRequest): ServiceAnswer => {
    if (path === '/login') {
      if (headers.authorization !== BASIC) return { status: 401, text: '{"error":"Invalid login"}' };
      const token = `token-${this.tokens.size + 1}`;
      this.tokens.set(`Bearer ${token}`, Date.now() + 1_800_000);
      return { json: { token } };
    }
    if ((this.tokens.get(headers.authorization ?? '') ?? 0) <= Date.now()) return { status: 401 };
    const newest = Math.floor(Date.now() / 1000 / STEP) * STEP;
    if (path === '/v3/forecast') return this.#points(newest, newest + 86_400, query.region);
    const end = Math.min(Date.parse(query.end as string) / 1000, newest - this.lag * STEP);
    return this.#points(Date.parse(query.start as string) / 1000, end, query.region);
  };

  /** 1000 lb/MWh, and 1 more each period after noon. */
  #points(from: number, to: number, region: string | undefined): ServiceAnswer {
    const data = [];
    for (let time = from; time <= to; time += STEP) {
      data.push({ point_time: text(time), value: 1000 + (time - NOON) / STEP, ...this.change });
    }
    const model = { date: '2023-03-01', type: 'binned_regression' };
    const meta = {
      region,
      signal_type: 'co2_moer',
      units: this.units,
      data_point_period_seconds: STEP,
      model,
      warnings: [],
    };
    return { json: { data, meta: { ...meta, ...this.change, generated_at: text(from) } } };
  }
}

async function create(settings: object = {}) {
  const account = new Account();
  const service = await new FakeService(account.answer).start();
  closing.push(() => service.stop());
  const context = createTestContext({ id: 'watttime' });
  const config = plugin.configSchema.parse({
    username: 'me',
    password: 's3cret',
    regions: { 'us-west-1': 'CAISO_NORTH' },
    endpoint: service.url,
    ...settings,
  });
  const provider = plugin.create(context.ctx, config);
  closing.push(() => provider.shutdown?.(signal));
  const factors = (from: number, to: number, place: object = OREGON) =>
    provider.factors(place as typeof OREGON, NOON + from, NOON + to, signal);
  const kinds = async (from: number, to: number) =>
    (await factors(from, to)).map(({ from, factor: { state, source } }) => [
      (from - NOON) / STEP,
      state,
      source.replace('WattTime, CAISO_NORTH, marginal, ', ''),
    ]);
  return { ...context, account, service, provider, factors, kinds };
}

it('gives marginal intensities in kg/kWh, with their record', async () => {
  const { provider, factors, service } = await create();
  expect([provider.quantity, provider.method]).toEqual(['intensity', 'marginal']);
  const [period] = await factors(-600, -500);
  expect(period).toEqual({
    from: NOON - 600,
    to: NOON - 300,
    factor: {
      id: 'intensity/CAISO_NORTH/watttime',
      quantity: 'intensity',
      // 998 lb/MWh, of which one is 0.45359237 kg.
      value: (998 * 0.45359237) / 1000,
      unit: 'kg/kWh',
      source: 'WattTime, CAISO_NORTH, marginal, historical',
      year: 2025,
      method: 'marginal',
      state: 'live',
      version: 'final',
      readAt: Date.now() / 1000,
    },
  });
  expect(service.asked).toMatchObject([
    { path: '/login', headers: { authorization: BASIC } },
    {
      path: '/v3/historical',
      query: {
        region: 'CAISO_NORTH',
        signal_type: 'co2_moer',
        start: '2025-12-24T10:50:00.000Z',
        end: '2025-12-24T11:55:00.000Z',
      },
      headers: { authorization: 'Bearer token-1' },
    },
  ]);
});

it('takes the forecast for the time that the past does not have yet, until it has', async () => {
  const { kinds, service } = await create();
  expect(await kinds(-600, 60)).toEqual([
    [-2, 'live', 'historical'],
    [-1, 'live', 'historical'],
    [0, 'live', 'forecast'],
  ]);
  expect(service.count('/v3/forecast')).toBe(1);
  pass(600);
  expect(await kinds(0, 300)).toEqual([[0, 'live', 'historical']]);
  expect(service.count('/v3/forecast')).toBe(1);
});

it('says that a period which neither has is of an older time', async () => {
  const { account, kinds } = await create();
  account.lag = 2;
  expect(await kinds(-600, 60)).toEqual([
    [-2, 'live', 'historical'],
    [-1, 'cached', 'historical'],
    [0, 'live', 'forecast'],
  ]);
  account.lag = 4;
  pass(600);
  expect(await kinds(300, 500)).toEqual([[1, 'cached', 'forecast']]);
});

it('has an older value for a period that neither has from the first question on', async () => {
  const { account, kinds } = await create();
  account.lag = 3;
  expect(await kinds(-300, -200)).toEqual([[-1, 'cached', 'historical']]);
});

it('says that a value is imputed, and asks for it again', async () => {
  const { account, kinds, service } = await create();
  account.change = { imputed_data_used: true };
  expect(await kinds(-600, -300)).toEqual([[-2, 'live', 'historical, imputed']]);
  account.change = {};
  pass(300);
  expect(await kinds(-600, -300)).toEqual([[-2, 'live', 'historical']]);
  pass(300);
  await kinds(-600, -300);
  expect(service.count('/v3/historical')).toBe(2);
});

describe('a token', () => {
  it('is got once for all, and again before it ends', async () => {
    const { factors, service } = await create({ regions: { 'us-west-1': 'CAISO_NORTH', 'us-east-1': 'PJM_DC' } });
    await Promise.all([factors(-600, -500), factors(-600, -500, { region: 'us-east-1' })]);
    expect(service.count('/login')).toBe(1);
    pass(1499);
    await factors(0, 1);
    expect(service.count('/login')).toBe(1);
    pass(1);
    await factors(600, 601);
    expect(service.count('/login')).toBe(2);
    expect(service.asked.map(({ headers }) => headers.authorization)).not.toContain(undefined);
  });

  it('that is refused is replaced once', async () => {
    const { account, kinds, service } = await create();
    await kinds(-600, -500);
    account.tokens.clear();
    account.tokens.set('another', 0);
    expect(await kinds(-7200, -7000)).toEqual([[-24, 'live', 'historical']]);
    expect(service.asked.map(({ path }) => path)).toEqual([
      ...['/login', '/v3/historical'],
      ...['/v3/historical', '/login', '/v3/historical'],
    ]);
  });

  it.each([401, 403])(
    'that cannot be had (%d) leaves the service alone, and the log says why without secrets',
    async (status) => {
      const { service, kinds, logs } = await create();
      service.answer = () => ({ status, text: 's3cret' });
      expect(await kinds(0, 1)).toEqual([]);
      expect(await kinds(0, 1)).toEqual([]);
      expect(service.asked.map(({ path }) => path)).toEqual(['/login']);
      expect(logs).toHaveLength(1);
      expect(logs[0]).toContain(`answered ${status}; `);
      expect(logs[0]).toContain('check');
      expect(logs[0]).not.toMatch(/s3cret|Basic/);
    },
  );
});

describe('an answer', () => {
  it.each([
    [
      'in percentiles, which is no intensity,',
      { units: 'percentile' },
      'co2_moer in percentile, not co2_moer in lbs_co2_per_mwh',
    ],
    ['of another signal', { signal_type: 'health_damage' }, 'health_damage in lbs_co2_per_mwh'],
    ['of another region', { region: 'PJM_DC' }, 'for PJM_DC, not for CAISO_NORTH'],
    ['by other periods', { data_point_period_seconds: 3600 }, 'by 3600 s, not by 300 s'],
  ])('%s is refused', async (_, change, said) => {
    const { account, kinds, skips } = await create();
    account.change = change;
    expect(await kinds(-600, 1)).toEqual([]);
    expect(skips).toMatchObject([{ item: 'intensity', reason: 'refused' }]);
    expect(skips[0]?.message).toContain(said);
  });

  it.each([
    ['null', { value: null }, 'value: expected number, received null'],
    ['text', { value: '998' }, 'value: expected number, received string'],
    ['negative', { value: -1 }, 'value: Too small'],
    ['of no time', { point_time: 'noon' }, 'point_time: expected a time such as'],
    ['of another time', { point_time: text(NOON - 599) }, 'where no period of 300 s begins'],
  ])('of which one row is %s costs that row', async (_, change, said) => {
    const { account, kinds, service, skips } = await create({ max_age: '0s' });
    service.answer = (asked) => {
      const answered = account.answer(asked) as { json: { data?: { point_time: string }[] } };
      const { data } = answered.json;
      if (!data) return answered;
      const rows = data.map((row) => (row.point_time === text(NOON - 600) ? { ...row, ...change } : row));
      return { json: { ...answered.json, data: rows } };
    };
    expect(await kinds(-900, -300)).toEqual([[-3, 'live', 'historical']]);
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['intensity', 'unusable_value']]);
    expect(skips[0]?.message).toContain(said);
  });

  it.each([
    ['that is too many', { status: 429, headers: { 'retry-after': '60' } }],
    ['of a failure', { status: 500 }],
    ['that is no JSON', { status: 200, text: '{' }],
    ['without units', { json: { data: [], meta: { region: 'CAISO_NORTH' } } }],
  ])('%s gives nothing, and the service is left alone', async (_, answered) => {
    const { account, kinds, service, logs } = await create();
    service.answer = (asked) => (asked.path === '/login' ? account.answer(asked) : answered);
    expect(await kinds(-600, 1)).toEqual([]);
    expect(await kinds(-600, 1)).toEqual([]);
    expect(service.count('/v3/historical')).toBe(1);
    expect(logs.join()).not.toMatch(/s3cret|token-1/);
  });

  it('that the account may not have is counted, and asked for again after `refresh`', async () => {
    const { account, kinds, service, skips } = await create();
    service.answer = (asked) => (asked.path === '/login' ? account.answer(asked) : { status: 403 });
    expect(await kinds(-600, -500)).toEqual([]);
    expect(await kinds(-600, -500)).toEqual([]);
    expect(service.count('/v3/historical')).toBe(1);
    expect(skips.map(({ reason }) => reason)).toEqual(['refused']);
    pass(300);
    await kinds(-600, -500);
    expect(service.count('/v3/historical')).toBe(2);
  });
});

it('does not know a region that it is not told the name of', async () => {
  const { factors, service, skips } = await create();
  expect(await factors(0, 1, { region: 'eu-west-1', zone: 'IE' })).toEqual([]);
  expect(await factors(0, 1, { region: 'constructor' })).toEqual([]);
  expect(skips.map(({ reason }) => reason)).toEqual(['unknown_place', 'unknown_place']);
  expect(service.asked).toEqual([]);
});

it('is cached within one refresh after it is cut off', async () => {
  const { kinds, service } = await create({ refresh: '1m' });
  expect(await kinds(0, 60)).toEqual([[0, 'live', 'forecast']]);
  await service.stop();
  pass(60);
  expect(await kinds(0, 60)).toEqual([[0, 'cached', 'forecast']]);
});
