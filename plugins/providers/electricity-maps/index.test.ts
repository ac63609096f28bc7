import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { FakeService, type ServiceAnswer, type ServiceRequest } from '../../../test/kit/fake-service.ts';
import plugin from './index.ts';

const HOUR = 3600;
/** A whole hour, 2025-12-24T12:00:00Z. */
const NOON = 1_766_577_600;
const GERMANY = { region: 'eu-central-1', country: 'DEU', zone: 'DE' };
const signal = new AbortController().signal;
const text = (time: number) => new Date(time * 1000).toISOString();

const closing: (() => unknown)[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: (NOON + 1200) * 1000 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

/** A value as the API writes it: 300 g/kWh at noon, and 10 more each hour up to 490; estimated where its hour is not over. */
function value(time: number) {
  const isEstimated = (time + HOUR) * 1000 > Date.now();
  return {
    carbonIntensity: 300 + (((time - NOON) / HOUR) % 20) * 10,
    datetime: text(time),
    updatedAt: text(time + HOUR),
    createdAt: text(time),
    emissionFactorType: 'lifecycle',
    isEstimated,
    estimationMethod: isEstimated ? 'TIME_SLICER_AVERAGE' : null,
  };
}

const hours = (from: number, to: number) =>
  Array.from({ length: Math.max(0, (to - from) / HOUR) }, (_, index) => value(from + index * HOUR));
const hour = () => Math.floor(Date.now() / 1000 / HOUR) * HOUR;

/** The API with the given version's shapes. */
function api({ path, query }: ServiceRequest): ServiceAnswer {
  const [, version, , what] = path.split('/');
  const zone = query.zone ?? 'US-MIDA-PJM';
  const all = (key: string, values: object[]) => ({
    json:
      version === 'v4'
        ? { zone, temporalGranularity: 'hourly', unit: 'gCO2eq/kWh', data: values }
        : { zone, [key]: values },
  });
  if (what === 'history') return all('history', hours(hour() - 23 * HOUR, hour() + HOUR));
  if (what === 'past-range') {
    return all('data', hours(Date.parse(query.start as string) / 1000, Date.parse(query.end as string) / 1000));
  }
  return version === 'v4' ? all('data', [value(hour())]) : { json: { zone, ...value(hour()) } };
}

async function create(settings: object = {}, answer: FakeService['answer'] = api) {
  const service = await new FakeService(answer).start();
  closing.push(() => service.stop());
  const context = createTestContext({ id: 'electricity_maps' });
  const config = plugin.configSchema.parse({ token: 's3cret', endpoint: service.url, ...settings });
  const provider = plugin.create(context.ctx, config);
  closing.push(() => provider.shutdown?.(signal));
  const factors = (from: number, to: number, place: object = GERMANY) =>
    provider.factors(place as typeof GERMANY, NOON + from, NOON + to, signal);
  const values = async (from: number, to: number, place?: object) =>
    (await factors(from, to, place)).map(({ from, factor }) => [(from - NOON) / HOUR, factor.value, factor.state]);
  return { ...context, service, provider, factors, values };
}

it('gives average intensities, with their record', async () => {
  const { provider, factors, service } = await create();
  expect([provider.quantity, provider.method]).toEqual(['intensity', 'location']);
  expect(await factors(600, 1200)).toEqual([
    {
      from: NOON,
      to: NOON + HOUR,
      factor: {
        id: 'intensity/DE/electricity_maps',
        quantity: 'intensity',
        value: 0.3,
        unit: 'kg/kWh',
        source: 'Electricity Maps, zone DE, estimated',
        year: 2025,
        method: 'location',
        state: 'live',
        version: 'estimated',
        mayChange: true,
        readAt: Date.now() / 1000,
      },
    },
  ]);
  expect(service.asked).toMatchObject([
    {
      path: '/v3/carbon-intensity/latest',
      query: {
        zone: 'DE',
        temporalGranularity: 'hourly',
        emissionFactorType: 'lifecycle',
        shouldUseFallbackCallerLookup: 'false',
      },
      headers: { 'auth-token': 's3cret' },
    },
  ]);
});

describe.each(['v3', 'v4'])('by %s', (api_version) => {
  it('asks for the last day, for what is older and for the current hour each in its own way', async () => {
    const { values, service, factors } = await create({ api_version });
    expect(await values(-2 * HOUR, 1200)).toEqual([
      [-2, 0.28, 'live'],
      [-1, 0.29, 'live'],
      [0, 0.3, 'live'],
    ]);
    expect(await values(600, 1200)).toEqual([[0, 0.3, 'live']]);
    expect((await values(-30 * HOUR, -28 * HOUR)).map(([at]) => at)).toEqual([-30, -29]);
    expect(await values(-400 * HOUR, 0)).toHaveLength(400);
    expect((await factors(-HOUR, -1))[0]?.factor.source).toBe('Electricity Maps, zone DE');
    const base = `/${api_version}/carbon-intensity`;
    expect(service.asked.map(({ path, query: { start, end } }) => [path, start, end])).toEqual([
      [`${base}/history`, undefined, undefined],
      [`${base}/past-range`, text(NOON - 30 * HOUR), text(NOON - 28 * HOUR)],
      [`${base}/past-range`, text(NOON - 263 * HOUR), text(NOON - 23 * HOUR)],
      [`${base}/past-range`, text(NOON - 400 * HOUR), text(NOON - 263 * HOUR)],
    ]);
  });

  it('asks for the current hour where the history does not have it', async () => {
    const late = (asked: ServiceRequest) =>
      asked.path.endsWith('history') ? { json: { zone: 'DE', history: hours(NOON - 23 * HOUR, NOON) } } : api(asked);
    const { values, service } = await create({ api_version }, late);
    expect(await values(-1, 1)).toEqual([
      [-1, 0.29, 'live'],
      [0, 0.3, 'live'],
    ]);
    expect(service.asked).toHaveLength(2);
  });
});

describe('a value', () => {
  it('that is late is stood in for by the one before it, and says so', async () => {
    const { values, service } = await create({}, () => ({ json: { zone: 'DE', ...value(NOON - HOUR) } }));
    expect(await values(0, 1)).toEqual([[0, 0.29, 'cached']]);
    service.answer = api;
    pass(299);
    expect(await values(0, 1)).toEqual([[0, 0.29, 'cached']]);
    pass(1);
    expect(await values(0, 1)).toEqual([[0, 0.3, 'live']]);
  });

  it('that is null is not zero', async () => {
    const history = [value(NOON - 2 * HOUR), { ...value(NOON - HOUR), carbonIntensity: null }];
    const { values } = await create({ max_age: '0s' }, () => ({ json: { zone: 'DE', history } }));
    expect(await values(-2 * HOUR, 0)).toEqual([[-2, 0.28, 'live']]);
  });

  it('that is estimated is asked for again, and one that is measured is not', async () => {
    let isEstimated = true;
    const { values, service } = await create({}, (asked) => ({
      json: {
        zone: 'DE',
        history: [{ ...value(NOON - HOUR), isEstimated, carbonIntensity: isEstimated ? 1 : 2 }],
        asked,
      },
    }));
    expect(await values(-HOUR, 0)).toEqual([[-1, 0.001, 'live']]);
    isEstimated = false;
    pass(300);
    expect(await values(-HOUR, 0)).toEqual([[-1, 0.002, 'live']]);
    pass(300);
    await values(-HOUR, 0);
    expect(service.asked).toHaveLength(2);
  });
});

describe('an answer', () => {
  const one = { zone: 'DE', ...value(NOON) };

  it.each([
    ['of another zone', { ...one, zone: 'FR' }, 'the zone FR, not DE'],
    [
      'by other emission factors',
      { ...one, emissionFactorType: 'direct' },
      'the emission factors direct, not lifecycle',
    ],
    ['by other periods', { ...one, temporalGranularity: 'daily' }, 'the granularity daily, not hourly'],
    ['in another unit', { ...one, unit: 'lbs/MWh' }, 'the unit lbs/MWh, not gCO2eq/kWh'],
    ['of another time of the hour', { ...one, datetime: text(NOON + 1) }, 'where no period of 3600 s begins'],
  ])('%s is refused', async (_, json, said) => {
    const { values, skips, service } = await create({}, () => ({ json }));
    expect(await values(0, 1)).toEqual([]);
    expect(await values(0, 1)).toEqual([]);
    expect(skips).toMatchObject([{ item: 'intensity', reason: 'refused' }]);
    expect(skips[0]?.message).toContain(said);
    expect(service.asked).toHaveLength(1);
  });

  it.each([
    ['of levels', { json: { zone: 'DE', data: [{ level: 'high', datetime: text(NOON) }] } }],
    ['of no numbers', { json: { ...one, carbonIntensity: '300' } }],
    ['below zero', { json: { ...one, carbonIntensity: -1 } }],
    ['without a time', { json: { ...one, datetime: 'now' } }],
    ['that is no JSON', { status: 200, text: '{' }],
    ['that refuses the token', { status: 401, text: '{"error":"Invalid auth-token s3cret"}' }],
    ['that is too many', { status: 429, headers: { 'retry-after': '60' } }],
    ['of a failure', { status: 500 }],
  ])('%s gives nothing, and the service is left alone', async (_, answer) => {
    const { values, service, logs } = await create({}, () => answer);
    expect(await values(0, 1)).toEqual([]);
    expect(await values(0, 1)).toEqual([]);
    expect(service.asked).toHaveLength(1);
    expect(logs).toHaveLength(1);
    expect(logs.join()).not.toContain('s3cret');
  });

  it.each([
    ['null where it must be a time', { datetime: null }, 'datetime: expected string, received null'],
    ['text', { carbonIntensity: '300' }, 'carbonIntensity: expected number, received string'],
    ['negative', { carbonIntensity: -1 }, 'carbonIntensity: Too small: expected number to be >=0'],
    ['without a number', { carbonIntensity: undefined }, 'carbonIntensity: expected number, received undefined'],
    ['of no time', { datetime: 'now' }, 'datetime: expected a time such as 2018-01-20T12:00Z'],
    ['of another time of the hour', { datetime: text(NOON - HOUR + 60) }, 'where no period of 3600 s begins'],
    ['in another unit', { unit: 'lbs/MWh' }, 'the unit lbs/MWh, not gCO2eq/kWh'],
    ['by other emission factors', { emissionFactorType: 'direct' }, 'the emission factors direct, not lifecycle'],
  ])('of which one row is %s costs that row', async (_, change, said) => {
    for (const key of ['history', 'data']) {
      const rows = [value(NOON - 2 * HOUR), { ...value(NOON - HOUR), ...change }, value(NOON)];
      const { values, skips, logs } = await create({ max_age: '0s' }, () => ({ json: { zone: 'DE', [key]: rows } }));
      expect(await values(-2 * HOUR, 1)).toEqual([
        [-2, 0.28, 'live'],
        [0, 0.3, 'live'],
      ]);
      expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['intensity', 'unusable_value']]);
      expect(skips[0]?.message).toContain(said);
      expect(logs).toEqual([]);
    }
  });

  it('of which one row is no object costs that row', async () => {
    const rows = [value(NOON - HOUR), null, 'n/a', 7, value(NOON)];
    const { values, skips } = await create({}, () => ({ json: { zone: 'DE', history: rows } }));
    expect(await values(-HOUR, 1)).toHaveLength(2);
    expect(skips).toHaveLength(3);
  });

  it('of which no row fits is odd, and says why', async () => {
    const rows = [value(NOON - HOUR), value(NOON)].map((row) => ({ ...row, carbonIntensity: 'n/a' }));
    const { values, logs, skips, ownMetric } = await create({}, () => ({ json: { zone: 'DE', history: rows } }));
    expect(await values(-HOUR, 1)).toEqual([]);
    expect(skips).toEqual([]);
    expect(logs.join()).toContain(
      'does not answer as documented: values: a value is not as documented: carbonIntensity:',
    );
    expect(await ownMetric('wattline_provider_requests_total', { outcome: 'failed' })).toBe(1);
  });

  it('that refuses older times, as to free accounts, keeps none of the newer ones back', async () => {
    const free = (asked: ServiceRequest) => (asked.path.endsWith('past-range') ? { status: 403 } : api(asked));
    const { values, service } = await create({}, free);
    expect((await values(-30 * HOUR, 1)).map(([at]) => at)).toEqual(
      Array.from({ length: 24 }, (_, index) => index - 23),
    );
    expect(await values(0, 1)).toEqual([[0, 0.3, 'live']]);
    expect(service.asked).toHaveLength(2);
  });
});

describe('a place', () => {
  it('without a zone is asked for by its name where its cloud is configured, and else is unknown', async () => {
    const place = { region: 'us-east-9' };
    const unset = await create();
    expect(await unset.values(0, 1, place)).toEqual([]);
    expect(unset.skips.map(({ reason }) => reason)).toEqual(['unknown_place']);
    expect(unset.service.asked).toEqual([]);
    const { factors, service } = await create({ data_center_provider: 'aws' });
    expect((await factors(0, 1, place))[0]?.factor).toMatchObject({
      id: 'intensity/aws/us-east-9/electricity_maps',
      source: 'Electricity Maps, zone US-MIDA-PJM, estimated',
    });
    expect(service.asked[0]?.query).toMatchObject({ dataCenterProvider: 'aws', dataCenterRegion: 'us-east-9' });
    expect(await factors(0, 1, { region: 'a place/with & more' })).toEqual([]);
    await factors(0, 1);
    expect(service.asked.map(({ query }) => query.zone)).toEqual([undefined, 'DE']);
  });
});

it('is cached within one refresh after it is cut off', async () => {
  const { values, service } = await create({ refresh: '1m' });
  expect(await values(0, 1)).toEqual([[0, 0.3, 'live']]);
  await service.stop();
  pass(60);
  expect(await values(0, 1)).toEqual([[0, 0.3, 'cached']]);
});

it('asks by quarters of an hour where that is configured', async () => {
  const { values, service } = await create({ temporal_granularity: '15_minutes', max_age: '0s' }, () => ({
    json: { zone: 'DE', ...value(NOON), datetime: text(NOON + 900) },
  }));
  expect(await values(0, 1200)).toEqual([[0.25, 0.3, 'live']]);
  expect(service.asked[0]?.query.temporalGranularity).toBe('15_minutes');
});

it('refuses a token that cannot be sent, and does not show it', () => {
  const { ctx } = createTestContext();
  const config = plugin.configSchema.parse({ token: 'line\nend' });
  expect(() => plugin.create(ctx, config)).toThrow(/^the value of the header `auth-token` has a character/);
});
