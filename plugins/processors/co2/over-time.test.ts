import { describe, expect, it } from 'vitest';
import { figuresOf, findFigure } from 'wattline/figures';
import { hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import type { FactorPeriod, Method } from '../../../src/model/factor.ts';
import type { Provider } from '../../../src/plugin/contract.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import plugin from './index.ts';

/** 2026-07-01T00:00:00Z. */
const JULY = 1_782_864_000;
/** An hour of 1000 W, half of it in June. */
const runOf = (attributes = {}) => {
  const series = Series.regular([JULY - 1800, 0], 1800, Float64Array.of(1000, 1000, 1000));
  const samples = [samplesOf(hostPower, series)];
  return Run.of({ scenario: 'a run', region: 'us-east-1', ...attributes }, { samples });
};

function provider(method: Method, known: readonly FactorPeriod[]): Provider {
  return { quantity: 'intensity', method, factors: async () => known };
}

async function emissionsOf(run: Run, config: object, providers: Record<string, Provider> = {}) {
  const { ctx, runs, skips } = createTestContext({ providers });
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  const result = runs[0] as Run;
  return {
    kilograms: findFigure(result, 'co2_emissions_kg')?.value,
    figures: figuresOf(result).map(({ name, value, attributes }) => [name, value, attributes] as const),
    attributes: result.resource.attributes,
    skips: skips.map(({ reason }) => reason),
  };
}

describe('an intensity that changes', () => {
  it('holds from its first second on', async () => {
    const intensity = [{ kg_per_kwh: 0.2 }, { effective_from: '2026-07-01T00:00:00Z', kg_per_kwh: 0.6 }];
    const { kilograms, attributes } = await emissionsOf(runOf({ 'energy.pue': 1.5 }), { intensity });
    expect(kilograms).toBeCloseTo(1.5 * 0.4, 15);
    expect(attributes['factor.intensity.method']).toBe('location');
  });
});

describe('a run that does not say when it was', () => {
  const undated = runOf({ 'run.read_time': JULY });

  it('has no emissions by intensities over time, nor by a provider, which is not asked', async () => {
    const intensity = [{ kg_per_kwh: 0.2 }, { effective_from: '2030-01-01T00:00:00Z', kg_per_kwh: 0.6 }];
    expect(await emissionsOf(undated, { intensity })).toMatchObject({ kilograms: undefined, skips: ['no_time'] });
    const asked: number[] = [];
    const factors = async (_: unknown, from: number) => {
      asked.push(from);
      return [];
    };
    const providers = { service: { ...provider('location', []), factors } };
    const found = await emissionsOf(undated, { provider: 'service' }, providers);
    expect([found.kilograms, found.skips, asked]).toEqual([undefined, ['no_time'], []]);
  });

  it('has those by what holds at all times', async () => {
    expect((await emissionsOf(undated, { intensity: [{ kg_per_kwh: 0.2 }] })).kilograms).toBe(0.2);
    expect((await emissionsOf(undated, {})).kilograms).toBe(0.45);
  });
});

describe('emissions by the market', () => {
  it('stand beside those by location, and are not meant where no method is named', async () => {
    const market = { kg_per_kwh: 0.02, source: 'guarantees of origin', year: 2026 };
    const { kilograms, figures, attributes } = await emissionsOf(runOf(), { market });
    expect(kilograms).toBe(0.45);
    expect(figures).toEqual([
      ['co2_emissions_kg', 0.45, { method: 'location' }],
      ['co2_emissions_kg (market)', 0.02, { method: 'market' }],
    ]);
    expect(attributes).toMatchObject({
      'factor.intensity.value': 0.45,
      'factor.intensity_market.value': 0.02,
      'factor.intensity_market.source': 'guarantees of origin',
      'factor.intensity_market.year': 2026,
    });
  });

  it('leave runs in their order, within a list and from one list to the next', async () => {
    const { ctx, runs } = createTestContext();
    const config = plugin.configSchema.parse({ market: { kg_per_kwh: 0.02, source: 'guarantees of origin' } });
    const stage = plugin.create(ctx, config);
    const lists = [['a', 'b'], ['c']].map((names) => names.map((scenario) => runOf({ scenario })));
    await Promise.all(lists.map((list) => stage.consume(list, new AbortController().signal)));
    expect(runs.map(({ scenario }) => scenario)).toEqual(['a', 'b', 'c']);
  });
});

describe('a provider', () => {
  const factor = {
    id: 'intensity/grid',
    quantity: 'intensity',
    value: 0.3,
    unit: 'kg/kWh',
    source: 'grid',
    state: 'live',
  } as const;
  const half = [{ from: JULY, to: JULY + 3600, factor }];

  it('has the table stand in for the time that it does not know', async () => {
    const { kilograms, figures } = await emissionsOf(
      runOf(),
      { provider: 'grid' },
      { grid: provider('location', half) },
    );
    expect(kilograms).toBeCloseTo(0.5 * 0.45 + 0.5 * 0.3, 15);
    expect(figures[0]?.[2]).toEqual({ state: 'fallback' });
  });

  it('of marginal intensities is never mixed with averages', async () => {
    const partly = await emissionsOf(runOf(), { provider: 'grid' }, { grid: provider('marginal', half) });
    expect([partly.figures, partly.skips]).toEqual([[], ['unknown_factor']]);
    const whole = [{ from: JULY - 3600, to: JULY + 3600, factor: { ...factor, method: 'marginal' as const } }];
    const { figures, kilograms } = await emissionsOf(
      runOf(),
      { provider: 'grid' },
      { grid: provider('marginal', whole) },
    );
    expect(figures).toEqual([['co2_emissions_kg (marginal)', 0.3, { method: 'marginal', state: 'live' }]]);
    expect(kilograms).toBeUndefined();
  });
});
