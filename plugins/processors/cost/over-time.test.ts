import { describe, expect, it, vi } from 'vitest';
import { cpuUsage, filledCpu, filledPower, hostPower, Run, type Samples, Series, samplesOf } from 'wattline/plugin';
import type { FactorPeriod } from '../../../src/model/factor.ts';
import type { Provider } from '../../../src/plugin/contract.ts';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { memoryStorage } from '../../../test/kit/memory-storage.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import plugin from './index.ts';

/** 2026-07-01T00:00:00Z. */
const JULY = 1_782_864_000;
const series = (start: number, ...values: number[]) => Series.regular([start, 0], 1800, Float64Array.from(values));
/** An hour of 1000 W and one core, half of it in June. */
const runOf = (attributes = {}, ...more: Samples[]): Run =>
  Run.of(
    { scenario: 'a run', region: 'us-east-1', ...attributes },
    {
      samples: [
        samplesOf(hostPower, series(JULY - 1800, 1000, 1000, 1000)),
        samplesOf(cpuUsage, series(JULY - 1800, 1, 1, 1)),
        ...more,
      ],
    },
  );

function provider(known: readonly FactorPeriod[], quantity: Provider['quantity'] = 'price'): Provider {
  return { quantity, factors: async (_, from, to) => known.filter((period) => period.from < to && period.to > from) };
}

async function costsOf(run: Run, config: object, providers: Record<string, Provider> = {}) {
  const { ctx, runs, skips, ownMetric } = createTestContext({ providers });
  const stage = plugin.create(ctx, plugin.configSchema.parse(config));
  await stage.start?.(new AbortController().signal);
  await stage.consume([run], new AbortController().signal);
  const [result] = runs;
  return {
    costs: figures(result),
    labels: (name: string) => figureLabels(result, name),
    attributes: result?.resource.attributes,
    skips: skips.map(({ item, reason }) => [item, reason]),
    ownMetric,
  };
}

describe('a price that changes', () => {
  it('holds from its first second on, whenever the sample was taken', async () => {
    const price = [{ usd_per_kwh: 0.1 }, { effective_from: '2026-07-01', usd_per_kwh: 0.3 }];
    const { costs, attributes } = await costsOf(runOf(), { price });
    expect(costs.cost_energy_load_aware).toBeCloseTo(0.5 * 0.1 + 0.5 * 0.3, 15);
    expect(attributes).toMatchObject({ 'factor.price.value': 0.2, 'factor.price.state': 'static' });
    expect(attributes?.['factor.price.id']).toBe('price/tested/always + price/tested/2026-07-01');
  });

  it('changes nothing of what was before', async () => {
    const june = Run.of(
      { scenario: 'june', region: 'us-east-1' },
      { samples: [samplesOf(hostPower, series(JULY - 7200, 700, 900))] },
    );
    const before = [{ usd_per_kwh: 0.1 }];
    const after = [...before, { effective_from: '2026-07-01', usd_per_kwh: 9 }];
    const cost = async (price: object[]) => (await costsOf(june, { price })).costs.cost_energy_load_aware;
    expect(await cost(after)).toBe(await cost(before));
  });

  it('is that of the configured constant where no entry holds, and unknown without', async () => {
    const price = [{ effective_from: '2026-07-01', usd_per_kwh: 0.3 }];
    const { costs } = await costsOf(runOf(), { price, usd_per_kwh: 0.1 });
    expect(costs.cost_energy_load_aware).toBeCloseTo(0.2, 15);
    const { costs: none, skips } = await costsOf(runOf(), { price });
    expect(none).not.toHaveProperty('cost_energy_load_aware');
    expect(skips).toEqual([['cost_energy_load_aware', 'unknown_factor']]);
  });

  it('may be that of a core', async () => {
    const core_price = [{ usd_per_core_hour: 1 }, { effective_from: '2026-07-01', usd_per_core_hour: 3 }];
    expect((await costsOf(runOf(), { core_price })).costs.cost_compute_load_aware).toBeCloseTo(2, 15);
  });
});

describe('a provider', () => {
  const factor = {
    id: 'price/spot',
    quantity: 'price',
    value: 0.4,
    unit: 'USD/kWh',
    source: 'spot',
    state: 'live',
  } as const;

  it('gives the price of the time, and the figures say so', async () => {
    const spot = provider([{ from: JULY - 3600, to: JULY + 3600, factor }]);
    const { costs, labels, attributes, ownMetric } = await costsOf(runOf(), { provider: 'spot' }, { spot });
    expect(costs.cost_energy_load_aware).toBeCloseTo(0.4, 15);
    expect(labels('cost_energy_load_aware')).toMatchObject({ state: 'live', region: 'us-east-1' });
    expect(labels('cost_total_load_aware')).toMatchObject({ state: 'live' });
    expect(attributes).toMatchObject({ 'factor.price.source': 'spot', 'factor.price.state': 'live' });
    expect(await ownMetric('wattline_factor_info', { factor: 'price/spot', state: 'live' })).toBe(1);
  });

  it('has the region’s price stand in where it knows none', async () => {
    const spot = provider([{ from: JULY, to: JULY + 3600, factor }]);
    const { costs, labels } = await costsOf(runOf(), { provider: 'spot' }, { spot });
    expect(costs.cost_energy_load_aware).toBeCloseTo(0.5 * 0.13 + 0.5 * 0.4, 15);
    expect(labels('cost_energy_load_aware')).toMatchObject({ state: 'fallback' });
  });

  it('of something else is refused at once', () => {
    const { ctx } = createTestContext({ providers: { grid: provider([], 'intensity') } });
    const config = plugin.configSchema.parse({ provider: 'grid' });
    expect(() => plugin.create(ctx, config)).toThrow('provider `grid` knows the intensity, not the price');
  });
});

describe('energy at the meter', () => {
  it('is what is paid for, unless the configuration says otherwise', async () => {
    const run = runOf({ 'energy.pue': 1.5 });
    expect((await costsOf(run, {})).costs.cost_energy_load_aware).toBeCloseTo(1.5 * 0.13, 15);
    const machine = await costsOf(run, { priced_energy: 'machine' });
    expect(machine.costs.cost_energy_load_aware).toBeCloseTo(0.13, 15);
    expect(machine.costs.cost_compute_load_aware).toBeCloseTo(0.5, 15);
  });
});

describe('what was assumed', () => {
  it('leaves the record of the run to what was measured', async () => {
    const filled = samplesOf(filledPower, series(JULY + 3600, 500, Number.NaN));
    const price = [{ usd_per_kwh: 0.1 }, { effective_from: '2026-07-01', usd_per_kwh: 0.3 }];
    const { attributes } = await costsOf(runOf({}, filled), { price });
    expect(attributes?.['factor.price.value']).toBeCloseTo(0.2, 12);
  });

  it('has figures of its own, and the others stay as they are', async () => {
    const nothing = Number.NaN;
    const filled = runOf(
      {},
      samplesOf(filledPower, series(JULY, 500, nothing)),
      samplesOf(filledCpu, series(JULY, 2, nothing)),
    );
    const run = filled.with({ attributes: { 'energy.fill': 'mean' } });
    const { costs, labels } = await costsOf(run, {});
    expect(costs.cost_energy_filled).toBeCloseTo(0.25 * 0.13, 15);
    expect(costs.cost_compute_filled).toBeCloseTo(1 * 0.5, 15);
    expect(costs.cost_total_load_aware).toBe((await costsOf(runOf(), {})).costs.cost_total_load_aware);
    expect(labels('cost_energy_filled')).toMatchObject({ fill: 'mean', region: 'us-east-1' });
  });
});

describe('a run that is longer than plausible', () => {
  const DAY = 86_400;
  const long = (days: number) =>
    Run.of(
      { scenario: 'long', region: 'us-east-1' },
      { samples: [samplesOf(hostPower, Series.regular([JULY, 0], days * DAY, Float64Array.of(1000, 1000)))] },
    );
  const bands = Array.from({ length: 12 }, (_, i) => ({
    rate: i / 10,
    from: `${String(2 * i).padStart(2, '0')}:00`,
    to: `${String(2 * i + 1).padStart(2, '0')}:00`,
  }));
  const price = [{ time_zone: 'Europe/Berlin', tariff: { default: 0.5, bands } }];

  it('has no cost by prices over time', async () => {
    expect((await costsOf(long(366), { price })).costs).toHaveProperty('cost_energy_load_aware');
    for (const days of [367, 300 * 365]) {
      const { costs, skips } = await costsOf(long(days), { price });
      expect(costs).not.toHaveProperty('cost_energy_load_aware');
      expect(skips).toContainEqual(['cost_energy_load_aware', 'too_long']);
    }
    const { costs } = await costsOf(long(367), { price, max_run_duration: '9000h' });
    expect(costs).toHaveProperty('cost_energy_load_aware');
  });

  it('is not asked for at a provider', async () => {
    const factors = async () => {
      throw new Error('it was asked');
    };
    const { skips } = await costsOf(long(367), { provider: 'spot' }, { spot: { quantity: 'price', factors } });
    expect(skips).toContainEqual(['cost_energy_load_aware', 'too_long']);
  });

  it('has a cost by one price, whatever its length', async () => {
    expect((await costsOf(long(367), { usd_per_kwh: 1 })).costs.cost_energy_load_aware).toBeCloseTo(367 * 24, 6);
  });

  it('lets others have a turn, and keeps the order', async () => {
    const { ctx, runs } = createTestContext();
    // Whoever explains takes a quarter of a second for each run, and shows one.
    const stage = plugin.create({ ...ctx, explain: undefined }, plugin.configSchema.parse({ price }));
    const given = Array.from({ length: 64 }, () => long(366));
    let turns = 0;
    const turn = () => {
      turns++;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    await stage.consume(given, new AbortController().signal);
    clearImmediate(immediate);
    expect(turns).toBeGreaterThan(1);
    expect(runs.map(({ samples }) => samples[0])).toEqual(given.map(({ samples }) => samples[0]));
  });
});

it('a run that comes again after the price of a core includes energy is charged for energy once', async () => {
  const period = { from: JULY - 3600, to: JULY + 3600 };
  const factor = {
    id: 'p',
    quantity: 'price',
    value: 0.2,
    unit: 'USD/kWh',
    source: 'p',
    state: 'live',
    mayChange: true,
  };
  const storages = { disk: memoryStorage() };
  const providers = { p: provider([{ ...period, factor } as FactorPeriod]) };
  const again = async (config: object) => {
    const { ctx, runs } = createTestContext({ providers, storages });
    const restatement = { storage: 'disk', window: '87600h' };
    const all = { provider: 'p', usd_per_core_hour: 0.5, restatement, ...config };
    const stage = plugin.create({ ...ctx, explain: undefined }, plugin.configSchema.parse(all));
    await stage.start?.(new AbortController().signal);
    await stage.consume([runOf()], new AbortController().signal);
    await stage.shutdown?.(new AbortController().signal);
    return runs[0];
  };
  expect(figures(await again({})).cost_total_load_aware).toBeCloseTo(0.7, 12);
  const later = await again({ includes_energy: true });
  expect(figures(later).cost_total_load_aware).toBeCloseTo(0.5, 12);
  expect(figureLabels(later, 'cost_energy_load_aware')).toMatchObject({ included_in: 'compute', state: 'live' });
});

it.each([
  ['not known', {}, [undefined, 0.1]],
  ['another one', { usd_per_kwh: 0.4 }, [0.4, 0.1]],
])(
  'the price of an hour that a file comes to know, where it was %s, is that of the file',
  async (_, config, wanted) => {
    const folder = await temporaryFolder({
      'prices.csv': 'from,to,usd_per_mwh\n2026-06-01T00:00:00Z,2026-06-02T00:00:00Z,50\n',
    });
    const { ctx, runs } = createTestContext({ directory: folder.path });
    const all = { price: [{ file: 'prices.csv' }], restatement: { window: '87600h' }, ...config };
    const stage = plugin.create({ ...ctx, explain: undefined }, plugin.configSchema.parse(all));
    await stage.start?.(new AbortController().signal);
    await stage.consume([runOf()], new AbortController().signal);
    await folder.write({ 'prices.csv': 'from,to,usd_per_mwh\n2026-06-01T00:00:00Z,2026-07-02T00:00:00Z,100\n' });
    await vi.waitUntil(() => runs.length === 2, { timeout: 30_000 });
    await stage.shutdown?.(new AbortController().signal);
    await folder.remove();
    expect(runs.map((run) => figures(run).cost_energy_load_aware)).toEqual(wanted);
  },
);
