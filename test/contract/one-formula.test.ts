import { beforeEach, describe, expect, it, vi } from 'vitest';
import { hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { chargesOf } from '../../plugins/exporters/focus/charges.ts';
import { arithmeticOf } from '../../plugins/extensions/dashboard/arithmetic.ts';
import co2 from '../../plugins/processors/co2/index.ts';
import cost from '../../plugins/processors/cost/index.ts';
import { figuresOf } from '../../src/measure/figures.ts';
import { createTestContext, figures } from '../kit/context.ts';

const formula = vi.hoisted(() => ({ multiplier: 1 }));

vi.mock('../../src/figures/formula.ts', async (original) => {
  const { applyFactor } = await original<typeof import('../../src/figures/formula.ts')>();
  return { applyFactor: (...of: Parameters<typeof applyFactor>) => formula.multiplier * applyFactor(...of) };
});

/** 1 kWh in 10 s, at 0.13 USD and 0.4 kg. */
const measured = Run.of(
  { scenario: 'one', region: 'us-east-1', 'run.start_time': 0, 'run.duration': 10, 'energy.pue': 2 },
  { samples: [samplesOf(hostPower, Series.regular([0, 0], 10, Float64Array.of(360_000, 360_000)))] },
);

async function process(run: Run, plugin: typeof cost | typeof co2, config: object) {
  const { ctx, runs, lines } = createTestContext();
  await plugin.create(ctx, plugin.configSchema.parse(config) as never).consume([run], new AbortController().signal);
  return { run: runs[0] as Run, lines };
}

const ofCost = () => process(measured, cost, { usd_per_kwh: 0.13 });
const ofEmissions = () => process(measured, co2, { kg_per_kwh: 0.4 });

/** What the page says of a run that cost 0.26 USD by its record, at the meter. */
function pageOf(run: Run) {
  return arithmeticOf({
    ...{ region: null, duration: 10, joules: 3.6e6, core_seconds: null, total_usd: null, energy_usd: 0.26 },
    ...{ compute_usd: null, co2_kg: null, power: undefined, cpu: undefined, figures: {} },
    attributes: run.resource.attributes,
  }).energy_cost;
}

beforeEach(() => {
  formula.multiplier = 1;
});

describe('one function of src/figures multiplies by factors', () => {
  it('for the processors `cost` and `co2`, and for what `explain` says of them', async () => {
    const of = async () => {
      const [priced, emitted] = [await ofCost(), await ofEmissions()];
      const lines = [priced, emitted].map(({ lines }) => lines.at(-1)?.value);
      const { cost_energy_load_aware, co2_emissions_kg } = { ...figures(priced.run), ...figures(emitted.run) };
      return [cost_energy_load_aware, co2_emissions_kg, ...lines];
    };
    expect(await of()).toEqual([0.26, 0.8, 0.26, 0.8]);
    formula.multiplier = 3;
    expect((await of()).map((value) => Number(value?.toFixed(9)))).toEqual([0.78, 2.4, 0.78, 2.4]);
  });

  it('for `measure`', () => {
    const scenario = {
      ...{ name: 'one', start_time: 0, end_time: 10, duration: 10, step_seconds: 10 },
      ...{ power_watts: [360_000, 360_000], cpu_usage_cores: [360, 360] },
    };
    const of = () => figuresOf(scenario as never, { usdPerKwh: 0.13, usdPerCoreHour: 0.5, kgPerKwh: 0.4 });
    const costs = ['energy cost [USD]', 'compute cost [USD]', 'emissions [kg CO2e]'] as const;
    expect(costs.map((name) => of()[name])).toEqual([0.13, 0.5, 0.4]);
    formula.multiplier = 2;
    expect(costs.map((name) => of()[name])).toEqual([0.26, 1, 0.8]);
  });

  it('for FOCUS and for the page, which find with it whether a record leads to a figure', async () => {
    const { run } = await ofCost();
    const charge = () => chargesOf(run, 'USD', () => {})[0];
    expect(charge()).toMatchObject({ unitPrice: 0.13, priced: 2, consumed: 1, cost: 0.26 });
    expect(pageOf(run)).toMatchObject({ usd: 0.26, pue: 2, factor: { value: 0.13, unit: 'USD/kWh' } });
    formula.multiplier = 2;
    expect(charge()).toMatchObject({ unitPrice: 0.26, priced: 1, consumed: 1, cost: 0.26 });
    expect(pageOf(run)).toEqual({ usd: 0.26 });
  });
});
