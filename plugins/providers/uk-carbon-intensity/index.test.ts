import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { FakeService, type ServiceAnswer, type ServiceRequest } from '../../../test/kit/fake-service.ts';
import plugin from './index.ts';

const HALF_HOUR = 1800;
/** 2025-12-24T12:00:00Z. */
const NOON = 1_766_577_600;
const LONDON = { region: 'eu-west-2', country: 'GBR', zone: 'GB' };
const signal = new AbortController().signal;
/** The API leaves seconds out. */
const text = (time: number) => `${new Date(time * 1000).toISOString().slice(0, 16)}Z`;

const closing: (() => unknown)[] = [];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: (NOON + 600) * 1000 });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.useRealTimers();
});

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

/** A half-hour as the API writes it; what really was is known ten minutes after its end. */
function halfHour(from: number) {
  const actual = (from + HALF_HOUR + 600) * 1000 <= Date.now() ? 263 : null;
  return { from: text(from), to: text(from + HALF_HOUR), intensity: { forecast: 266, actual, index: 'moderate' } };
}

/** The API, which begins with the half-hour before the time that it is asked for. */
function api({ path }: ServiceRequest): ServiceAnswer {
  const [, , from, to] = path.split('/').map((part) => Date.parse(part) / 1000) as [number, number, number, number];
  if (to - from > 14 * 86_400) return { status: 400, text: '{"error":{"code":"400 Bad Request"}}' };
  const data = [];
  for (let time = from - HALF_HOUR; time < to; time += HALF_HOUR) data.push(halfHour(time));
  return { json: { data } };
}

async function create(settings: object = {}, answer: FakeService['answer'] = api) {
  const service = await new FakeService(answer).start();
  closing.push(() => service.stop());
  const context = createTestContext({ id: 'uk_carbon_intensity' });
  const provider = plugin.create(context.ctx, plugin.configSchema.parse({ endpoint: service.url, ...settings }));
  closing.push(() => provider.shutdown?.(signal));
  const factors = (from: number, to: number, place: object = LONDON) =>
    provider.factors(place as typeof LONDON, NOON + from, NOON + to, signal);
  const values = async (from: number, to: number, place?: object) =>
    (await factors(from, to, place)).map(({ from, factor }) => [(from - NOON) / HALF_HOUR, factor.value, factor.state]);
  return { ...context, service, provider, factors, values };
}

it('gives average intensities of Great Britain, with their record', async () => {
  const { provider, factors, service } = await create();
  expect([provider.quantity, provider.method]).toEqual(['intensity', 'location']);
  expect(await factors(-3600, -1800)).toEqual([
    {
      from: NOON - 3600,
      to: NOON - 1800,
      factor: {
        id: 'intensity/GB/uk_carbon_intensity',
        quantity: 'intensity',
        value: 0.263,
        unit: 'kg/kWh',
        source: 'NESO Carbon Intensity API, Great Britain, actual',
        year: 2025,
        method: 'location',
        state: 'live',
        version: 'final',
        readAt: Date.now() / 1000,
      },
    },
  ]);
  expect(service.asked.map(({ path }) => path)).toEqual(['/intensity/2025-12-24T11:00Z/2025-12-24T11:30Z']);
});

it('takes the forecast of a half-hour until it is over and known', async () => {
  const { values, factors, service } = await create();
  expect(await values(0, 600)).toEqual([[0, 0.266, 'live']]);
  expect((await factors(0, 600))[0]?.factor.source).toBe('NESO Carbon Intensity API, Great Britain, forecast');
  pass(1200);
  expect(await values(0, 600)).toEqual([[0, 0.266, 'live']]);
  pass(600);
  expect(await values(0, 600)).toEqual([[0, 0.263, 'live']]);
  pass(86_400);
  expect(await values(0, 600)).toEqual([[0, 0.263, 'live']]);
  expect(service.asked).toHaveLength(3);
});

it('asks for no more than the API gives at once', async () => {
  const { values, service, skips } = await create();
  expect(await values(-20 * 86_400, 0)).toHaveLength(960);
  expect(service.asked.map(({ path }) => path)).toEqual([
    '/intensity/2025-12-11T12:00Z/2025-12-24T12:00Z',
    '/intensity/2025-12-04T12:00Z/2025-12-11T11:30Z',
  ]);
  expect(skips).toEqual([]);
});

describe('a place', () => {
  it.each([
    ['in Great Britain by its zone', { region: 'mine', zone: 'GB' }, 1],
    ['in Great Britain by its country', { region: 'mine', country: 'GBR' }, 1],
    ['in Northern Ireland', { region: 'mine', zone: 'GB-NIR', country: 'GBR' }, 0],
    ['elsewhere', { region: 'eu-west-1', zone: 'IE', country: 'IRL' }, 0],
    ['that nobody knows', { region: 'uk' }, 0],
  ])('%s', async (_, place, known) => {
    const { values, skips } = await create();
    expect(await values(0, 1, place)).toHaveLength(known);
    expect(skips.map(({ reason }) => reason)).toEqual(known ? [] : ['unknown_place']);
  });
});

describe('an answer', () => {
  const of = (change: object) => ({ json: { data: [{ ...halfHour(NOON), ...change }] } });

  it('without any value is not zero', async () => {
    const intensity = { forecast: null, actual: null, index: 'moderate' };
    const { values } = await create({}, () => of({ intensity }));
    expect(await values(0, 1)).toEqual([]);
  });

  it('with a value of zero is zero', async () => {
    const { values } = await create({}, () => of({ intensity: { forecast: 20, actual: 0, index: 'very low' } }));
    expect(await values(0, 1)).toEqual([[0, 0, 'live']]);
  });

  it('by other periods is refused', async () => {
    const { values, skips } = await create({}, () => of({ to: text(NOON + 3600) }));
    expect(await values(0, 1)).toEqual([]);
    expect(skips).toMatchObject([{ item: 'intensity', reason: 'refused' }]);
    expect(skips[0]?.message).toContain('by 3600 s, not by 1800 s');
  });

  it.each([
    ['text', { intensity: { forecast: 'high' } }, 'intensity.forecast: expected number, received string'],
    ['negative', { intensity: { actual: -5 } }, 'intensity.actual: Too small'],
    ['null', { intensity: null }, 'intensity: expected object, received null'],
    ['of no time', { from: 'noon' }, 'from: expected a time such as'],
    ['of another time', { from: text(NOON - 1200), to: text(NOON + 600) }, 'where no period of 1800 s begins'],
    ['of another length', { to: text(NOON + 3600) }, 'by 5400 s, not by 1800 s'],
  ])('of which one row is %s costs that row', async (_, change, said) => {
    const rows = [halfHour(NOON - 2 * HALF_HOUR), { ...halfHour(NOON - HALF_HOUR), ...change }, halfHour(NOON)];
    const { values, skips } = await create({ max_age: '0s' }, () => ({ json: { data: rows } }));
    expect((await values(-2 * HALF_HOUR, 1)).map(([at]) => at)).toEqual([-2, 0]);
    expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['intensity', 'unusable_value']]);
    expect(skips[0]?.message).toContain(said);
  });

  it.each([
    ['of a failure', () => ({ status: 500, text: '{"error":{"code":"500"}}' })],
    ['that is too many', () => ({ status: 429 })],
    ['that is no JSON', () => ({ status: 200, text: '<html>' })],
    ['in words', () => of({ intensity: { forecast: 'high', actual: null } })],
    ['of another shape', () => ({ json: { data: {} } })],
  ])('%s gives nothing, and the service is left alone', async (_, answer) => {
    const { values, service } = await create({}, answer);
    expect(await values(0, 1)).toEqual([]);
    expect(await values(0, 1)).toEqual([]);
    expect(service.asked).toHaveLength(1);
  });
});

it('is cached within one refresh after it is cut off', async () => {
  const { values, service } = await create({ refresh: '1m' });
  expect(await values(0, 600)).toEqual([[0, 0.266, 'live']]);
  await service.stop();
  pass(60);
  expect(await values(0, 600)).toEqual([[0, 0.266, 'cached']]);
});
