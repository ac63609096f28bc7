import type { Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { allTaken, figure, hostPower, type Processor, Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, type TestContextOptions } from '../../../test/kit/context.ts';
import { sumsIn } from '../../../test/kit/live-streams.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import totals from './index.ts';

const { signal } = new AbortController();

async function start(config: object = {}, options: TestContextOptions = {}) {
  const context = createTestContext(options);
  const stage = totals.create(context.ctx, totals.configSchema.parse(config)) as Required<Processor>;
  await stage.start(signal);
  return { ...context, stage, send: (run: Run) => stage.consume([run], signal) };
}

/** A slice of a second with some figures, by name and unit. */
function slice(
  at: number,
  figures: Readonly<Record<string, readonly [value: number, unit: string]>>,
  attributes: Attributes = {},
): Run {
  const stream = { 'stream.id': 'stream/a', 'stream.part': 0, 'stream.position': `at ${at}` };
  const who = { scenario: 'encoder', boundary: 'host', 'run.start_time': at, 'run.duration': 1 };
  return Run.of(
    { ...who, ...stream, ...attributes },
    {
      samples: [samplesOf(hostPower, Series.regular([at, 0], 1, Float64Array.of(5)))],
      figures: Object.entries(figures).map(([name, [value, unit]]) =>
        figure({ name, unit, description: 'A figure' }, value),
      ),
    },
  );
}

describe('the figures of slices', () => {
  it('add up, and what does not add up is left', async () => {
    const { send, runs } = await start();
    for (const at of [1, 2]) {
      await send(slice(at, { energy_joules: [5, 'J'], coverage_ratio: [1, '1'], cost_per_month: [9, '{USD}'] }));
    }
    expect(runs).toHaveLength(2);
    expect(sumsIn(runs)).toEqual({ 'energy_joules_total{boundary="host",scenario="encoder"}': 10 });
    expect(runs[1]?.scopeMetrics.flatMap(({ metrics }) => metrics)).toHaveLength(1);
  });

  it('have counters of their bounds, which are in no total cost', async () => {
    const { send, runs } = await start();
    const modelled = { power: 'modelled' };
    const costs = {
      cost_energy_load_aware: [2, '{USD}'],
      cost_energy_load_aware_lower: [1, '{USD}'],
      cost_energy_load_aware_upper: [4, '{USD}'],
      cost_compute_load_aware: [3, '{USD}'],
      cost_total_load_aware: [5, '{USD}'],
      cost_total_load_aware_lower: [4, '{USD}'],
    } as const;
    for (const at of [1, 2]) await send(slice(at, costs, modelled));
    expect(sumsIn(runs)).toEqual({
      'cost_energy_load_aware_usd_total{boundary="host",power="modelled",scenario="encoder"}': 4,
      'cost_energy_load_aware_lower_usd_total{boundary="host",power="modelled",scenario="encoder"}': 2,
      'cost_energy_load_aware_upper_usd_total{boundary="host",power="modelled",scenario="encoder"}': 8,
      'cost_compute_load_aware_usd_total{power="modelled",scenario="encoder"}': 6,
      'cost_load_aware_usd_total{power="modelled",scenario="encoder"}': 10,
    });
  });

  it('name the boundary where they rest on energy, and the total cost is over all', async () => {
    const { send, runs } = await start();
    const parts = { cost_energy_load_aware: [2, '{USD}'], cost_compute_load_aware: [3, '{USD}'] } as const;
    await send(slice(1, { ...parts, cost_total_load_aware: [5, '{USD}'] }));
    await send(slice(1, { cost_energy_load_aware: [10, '{USD}'] }, { boundary: 'gpu' }));
    expect(sumsIn(runs)).toEqual({
      'cost_energy_load_aware_usd_total{boundary="host",scenario="encoder"}': 2,
      'cost_energy_load_aware_usd_total{boundary="gpu",scenario="encoder"}': 10,
      'cost_compute_load_aware_usd_total{scenario="encoder"}': 3,
      'cost_load_aware_usd_total{scenario="encoder"}': 15,
    });
  });

  it('have a total without the energy that the price of CPU time includes, in one slice or in two', async () => {
    const { send, runs } = await start();
    const energyCost = { name: 'cost_energy_load_aware', unit: '{USD}', description: '' };
    const included = (run: Run, value: number) =>
      run.with({ figures: [figure(energyCost, value, { included_in: 'compute' })] });
    const compute = (usd: number) =>
      ({ cost_compute_load_aware: [usd, '{USD}'], cost_total_load_aware: [usd, '{USD}'] }) as const;
    await send(included(slice(1, compute(3)), 2));
    await send(included(slice(2, {}), 10));
    await send(slice(3, compute(4)));
    expect(sumsIn(runs)).toEqual({
      'cost_energy_load_aware_usd_total{boundary="host",included_in="compute",scenario="encoder"}': 12,
      'cost_compute_load_aware_usd_total{scenario="encoder"}': 7,
      'cost_load_aware_usd_total{scenario="encoder"}': 7,
    });
  });

  it('have the region that the others of their slice name', async () => {
    const { send, runs } = await start();
    const run = slice(1, { energy_joules: [2, 'J'] });
    const emissions = { name: 'co2_emissions_kg', unit: 'kg{CO2e}', description: '' };
    await send(run.with({ figures: [figure(emissions, 1, { region: 'eu-north-1' })] }));
    expect(Object.keys(sumsIn(runs))).toEqual([
      'energy_joules_total{boundary="host",region="eu-north-1",scenario="encoder"}',
      'co2_emissions_kg_total{boundary="host",region="eu-north-1",scenario="encoder"}',
    ]);
  });

  it('have the attributes of their sender that are chosen as labels', async () => {
    const { send, runs } = await start({ labels: ['host.name', 'k8s.namespace.name'] });
    const joules = { energy_joules: [2, 'J'] } as const;
    await send(slice(1, joules, { 'host.name': 'a', rack: 7 }));
    await send(slice(1, joules, { 'k8s.node.name': 'b', 'k8s.namespace.name': 'media' }));
    expect(sumsIn(runs)).toEqual({
      'energy_joules_total{boundary="host",host.name="a",scenario="encoder"}': 2,
      'energy_joules_total{boundary="host",host.name="b",k8s.namespace.name="media",scenario="encoder"}': 2,
    });
  });

  it('of your own add up where they are listed', async () => {
    const { send, runs } = await start({ figures: ['carbon_price_usd'] });
    await send(slice(1, { carbon_price_usd: [2, '{USD}'] }));
    expect(sumsIn(runs)).toEqual({ 'carbon_price_usd_total{boundary="host",scenario="encoder"}': 2 });
  });

  it('that count together are written with the last of them, and again from the first where they come again', async () => {
    const storage = memoryStorage();
    const { send, runs } = await start({ storage: 's' }, { storages: { s: storage } });
    const state = await storage.openState('live', 'test');
    const first = slice(1, { energy_joules: [1, 'J'] }, { 'stream.position': undefined });
    const second = slice(1, { energy_joules: [2, 'J'] }, { 'stream.part': 1, 'stream.position': undefined });
    const last = slice(1, { energy_joules: [4, 'J'] }, { 'stream.part': 2, 'stream.position': 'there' });
    await send(first);
    await send(second);
    expect([runs, state.entries('')]).toEqual([[], []]);
    for (const part of [first, second, last]) await send(part);
    expect(Object.values(sumsIn(runs))).toEqual([7]);
    expect(state.get('stream/a')).toBe('there');
    await send(slice(2, { energy_joules: [8, 'J'] }, { 'stream.part': 0 }));
    expect(Object.values(sumsIn(runs))).toEqual([15]);
  });

  it('are deferred where those before them came to another instance', async () => {
    const { send, runs } = await start();
    const last = slice(1, { energy_joules: [4, 'J'] }, { 'stream.part': 1 });
    expect(await send(last)).toMatchObject({
      deferred: [last],
      cause: { message: 'the slices before it have not come' },
    });
    expect(runs).toEqual([]);
  });
});

it('counters are no more than there may be, also after a restart', async () => {
  const storage = memoryStorage();
  const options = { storages: { s: storage } };
  const config = { storage: 's', series_limit: 2 };
  const before = await start(config, options);
  for (const scenario of ['a', 'b']) await before.send(slice(1, { energy_joules: [1, 'J'] }, { scenario }));
  await before.stage.shutdown(signal);
  const { send, runs, ownMetric, skips } = await start(config, options);
  for (const scenario of ['c', 'd', 'a']) await send(slice(2, { energy_joules: [2, 'J'] }, { scenario }));
  expect(sumsIn(runs)).toEqual({
    'energy_joules_total{boundary="host",scenario="a"}': 3,
    'energy_joules_total{boundary="host",scenario="b"}': 1,
    'energy_joules_total{boundary="host",overflow="true"}': 4,
  });
  expect(await ownMetric('wattline_processor_series')).toBe(3);
  expect(await ownMetric('wattline_processor_series_limit')).toBe(2);
  expect(skips.map(({ reason }) => reason)).toEqual(['series_limit_folded', 'series_limit_folded']);
});

it.each(['counter/["energy_joules_total",[]]', 'live/version'])(
  'what claims to be a slice of %s is none',
  async (id) => {
    const storage = memoryStorage();
    const { send, runs } = await start({ storage: 's' }, { storages: { s: storage } });
    const run = slice(1, { energy_joules: [1, 'J'] }, { 'stream.id': id });
    await send(run);
    expect(runs).toEqual([run]);
    expect((await storage.openState('live', 'test')).entries('')).toEqual([]);
  },
);

it('what is no slice passes as it is', async () => {
  const { send, runs } = await start();
  const run = Run.of({ scenario: 'a run' });
  await send(run);
  expect(runs).toEqual([run]);
  expect(runs[0]).toBe(run);
});

it('counters are handed on again with the first slice after a restart', async () => {
  const storages = { s: memoryStorage() };
  const before = await start({ storage: 's' }, { storages });
  await before.send(slice(1, { energy_joules: [1, 'J'] }));
  await before.send(slice(1, { energy_joules: [2, 'J'] }, { scenario: 'other' }));
  await before.stage.shutdown(signal);
  const { send, runs } = await start({ storage: 's' }, { storages });
  await send(slice(2, { energy_joules: [4, 'J'] }));
  expect(sumsIn(runs)).toEqual({
    'energy_joules_total{boundary="host",scenario="encoder"}': 5,
    'energy_joules_total{boundary="host",scenario="other"}': 2,
  });
  await send(slice(2, {}));
  expect(runs).toHaveLength(1);
});

it('very many counters are handed on in several runs, and others have their turn between', async () => {
  const { stage, runs } = await start();
  const slices = Array.from({ length: 4500 }, (_, i) => {
    return slice(1, { energy_joules: [1, 'J'] }, { scenario: `s${i}`, 'stream.id': `stream/${i}` });
  });
  let turns = 0;
  const count = () => {
    turns++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  await stage.consume(slices, signal);
  clearImmediate(counting);
  expect(turns).toBeGreaterThanOrEqual(2);
  expect(runs.map(({ pointCount }) => pointCount)).toEqual([2000, 2000, 500]);
  expect(Object.keys(sumsIn(runs))).toHaveLength(4500);
});

it('what could not be handed on goes with the next', async () => {
  const next = { fails: true };
  const { send, runs } = await start(
    {},
    {
      async next() {
        if (next.fails) throw new Error('away');
      },
    },
  );
  await expect(send(slice(1, { energy_joules: [1, 'J'] }))).rejects.toThrow('away');
  next.fails = false;
  await send(slice(2, { co2_emissions_kg: [1, 'kg{CO2e}'] }));
  expect(Object.values(sumsIn(runs))).toEqual([1, 1]);
});

it('the abort of one caller ends its own wait alone, not that of the others', async () => {
  const first = new AbortController();
  const handedOn: PromiseWithResolvers<void>[] = [];
  const { stage, runs } = await start(
    {},
    {
      next(_, given) {
        const taken = Promise.withResolvers<void>();
        given.addEventListener('abort', () => taken.reject(given.reason));
        handedOn.push(taken);
        return taken.promise;
      },
    },
  );
  const consume = (value: number, own: AbortSignal) =>
    stage.consume([slice(value, { energy_joules: [value, 'J'] })], own);
  const before = consume(1, signal);
  await expect.poll(() => handedOn.length).toBe(1);
  const ended = expect(consume(2, first.signal)).rejects.toThrow('left');
  const waiting = consume(4, signal);
  await new Promise((resolve) => setImmediate(resolve));
  handedOn[0]?.resolve();
  await before;
  await expect.poll(() => handedOn.length).toBe(2);
  first.abort(new Error('left'));
  await ended;
  handedOn[1]?.resolve();
  expect(await waiting).toEqual(allTaken);
  expect(Object.values(sumsIn(runs))).toEqual([7]);
});

it('only one may have a state', async () => {
  const storages = { s: memoryStorage() };
  await start({ storage: 's' }, { storages });
  await expect(start({ storage: 's' }, { storages })).rejects.toThrow(
    'the state `live` is in use by another `totals`; give each an id and a `state` of its own',
  );
  await start({ storage: 's', state: 'second' }, { storages });
});

it('a slice that comes before the start is not taken', async () => {
  const { ctx } = createTestContext();
  const stage = totals.create(ctx, totals.configSchema.parse({}));
  await expect(stage.consume([slice(1, {})], signal)).rejects.toThrow('the processor is not started');
});

describe('corrections of figures that were revised', () => {
  const kg = (value: number) => ({ co2_emissions_kg: [value, 'kg{CO2e}'] }) as const;
  const correction = (value: number, number: number, id = 'co2/x', start = 'first') =>
    slice(1, kg(value), { 'stream.id': `restated/${id}`, 'stream.position': `${start} ${number}` });
  const counter = 'co2_emissions_kg_total{boundary="host",scenario="encoder"}';

  it('count once, however often they come, and what lowers a counter is owed and taken from what comes next', async () => {
    const storage = memoryStorage();
    const options = { storages: { disk: storage } };
    const { send, runs, ownMetric, stage } = await start({ storage: 'disk' }, options);
    const owed = () => ownMetric('wattline_processor_owed', { counter: 'co2_emissions_kg_total' });
    await send(slice(1, kg(5)));
    expect(await owed()).toBeUndefined();
    for (let times = 0; times < 2; times++) await send(correction(3, 1));
    expect(sumsIn(runs)[counter]).toBe(8);
    for (let times = 0; times < 2; times++) await send(correction(-6, 2));
    expect(sumsIn(runs)[counter]).toBe(8);
    expect(await owed()).toBe(6);
    await stage.shutdown(signal);
    const again = await start({ storage: 'disk' }, options);
    expect(await again.ownMetric('wattline_processor_owed')).toBe(6);
    await again.send(slice(2, kg(10)));
    expect(sumsIn(again.runs)[counter]).toBe(12);
    expect(await again.ownMetric('wattline_processor_owed')).toBeUndefined();
    await again.send(correction(1, 1, 'co2/y'));
    expect(sumsIn(again.runs)[counter]).toBe(13);
    // Whoever sends them counts from one after a restart.
    for (let times = 0; times < 2; times++) await again.send(correction(2, 1, 'co2/x', 'second'));
    expect(sumsIn(again.runs)[counter]).toBe(15);
  });

  it('count once where they were counted and not handed on', async () => {
    let isAway = false;
    const next = (runs: readonly Run[]) => (isAway ? { refused: [], deferred: runs } : allTaken);
    const { send, runs } = await start({}, { next });
    await send(slice(1, kg(5)));
    isAway = true;
    expect((await send(correction(3, 1))).deferred).toHaveLength(1);
    isAway = false;
    expect(await send(correction(3, 1))).toEqual(allTaken);
    expect(sumsIn(runs)[counter]).toBe(8);
  });
});
