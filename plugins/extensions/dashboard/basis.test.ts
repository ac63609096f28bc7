import { describe, expect, it } from 'vitest';
import { defaultCorePrice, factorRecords } from 'wattline/figures';
import { type Factor, factorAttributes } from 'wattline/plugin';
import { type BasisOptions, basisOf } from './basis.ts';

const price: Factor = {
  ...{ id: 'price/us-east-1/builtin', quantity: 'price', value: 0.13, unit: 'USD/kWh' },
  ...{ source: 'a table', year: 2025, state: 'static' },
};
const market: Factor = {
  ...{ id: 'intensity/co2/market', quantity: 'intensity', value: 0.05, unit: 'kg/kWh' },
  ...{ source: 'a contract', method: 'market', state: 'static' },
};

describe('the records of a run', () => {
  it('are those that processors gave it', () => {
    const { quantity: _, ...record } = price;
    const { quantity: __, ...contract } = market;
    const rate = { 'factor.exchange_rate.eur.value': 0.92, 'factor.exchange_rate.eur.unit': 'EUR/USD' };
    expect(
      factorRecords({ 'run.codec': 'av1', ...factorAttributes(price), ...factorAttributes(market), ...rate }),
    ).toEqual([
      { use: 'price', ...record },
      { use: 'intensity_market', ...contract },
      { use: 'exchange_rate.eur', value: 0.92, unit: 'EUR/USD' },
    ]);
  });

  it('are none without a value', () => {
    expect(factorRecords({ 'factor.price.id': 'x', 'factor.odd': 3, 'run.factor.a.value': 1 })).toEqual([]);
  });
});

describe('what the figures of a run rest on', () => {
  const integral = (span_s: number) => ({ method: 'trapezoids', samples: 2, step_s: 5, span_s }) as const;
  const run: BasisOptions = {
    duration: 120,
    power_kind: 'measured',
    arithmetic: {
      energy: { integral: integral(40), joules: 2000, kwh: 2000 / 3.6e6 },
      cpu: { integral: integral(120), core_seconds: 120, core_hours: 120 / 3600 },
    },
    attributes: { 'energy.fill': 'mean', 'energy.pue': 1.2, ...factorAttributes(price) },
    figures: {
      'energy_filled_joules (mean)': { value: 4000 },
      'cost_energy_filled (mean)': { value: 0.1 },
      'co2_emissions_filled_kg (mean)': { value: 0.2 },
    },
  };

  it('is the time that was measured, what is assumed of the rest, the PUE and the factors', () => {
    expect(basisOf(run)).toEqual({
      coverage: { power: { measured_s: 40, ratio: 40 / 120 }, cpu: { measured_s: 120, ratio: 1 } },
      assumed: { fill: 'mean', energy_j: 4000, energy_usd: 0.1, co2_kg: 0.2 },
      pue: 1.2,
      factors: [
        expect.objectContaining({
          ...{ use: 'price', id: 'price/us-east-1/builtin', value: 0.13 },
          table: { value: 0.0899, source: 'EIA, average price to industry, Virginia', year: 2024 },
        }),
      ],
      assumptions: [],
    });
  });

  it.each(['modelled', 'predicted'] as const)('says of %s power that it is', (power_kind) => {
    expect(basisOf({ ...run, power_kind }).coverage).toEqual({
      power: { [`${power_kind}_s`]: 40, ratio: 40 / 120 },
      cpu: { measured_s: 120, ratio: 1 },
    });
  });

  it('has the prediction with its interval, where there is one', () => {
    const predicted = { 'power.predicted_watts': 9.8 };
    expect(basisOf({ ...run, attributes: predicted }).prediction).toEqual({ power_w: 9.8, extrapolated: false });
    const ends = { 'power.predicted_watts_lower': 9, 'power.predicted_watts_upper': 11 };
    const attributes = { ...predicted, ...ends, 'power.interval_level': 0.75, 'power.extrapolated': true };
    expect(basisOf({ ...run, attributes }).prediction).toEqual({
      ...{ power_w: 9.8, power_lower_w: 9, power_upper_w: 11, level: 0.75, extrapolated: true },
    });
  });

  it('has that of CPU use likewise, whose time is then predicted', () => {
    const ends = { 'cpu.predicted_cores_lower': 1, 'cpu.predicted_cores_upper': 3 };
    const attributes = { cpu: 'predicted', 'cpu.predicted_cores': 2, ...ends, 'cpu.interval_level': 0.5 };
    const basis = basisOf({ ...run, attributes });
    expect(basis.cpu_prediction).toEqual({
      ...{ cpu_cores: 2, cpu_lower_cores: 1, cpu_upper_cores: 3, level: 0.5, extrapolated: false },
    });
    expect(basis.coverage.cpu).toEqual({ predicted_s: 120, ratio: 1 });
  });

  it('is what is assumed where a factor is a default', () => {
    const attributes = factorAttributes(defaultCorePrice);
    expect(basisOf({ ...run, attributes }).assumptions).toEqual([
      'CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set `usd_per_core_hour` or `list_prices`',
    ]);
  });

  it('has no coverage without a duration, and nothing that nobody has said', () => {
    expect(basisOf({ ...run, duration: null, attributes: {} })).toEqual({
      ...{ coverage: {}, factors: [], assumptions: [] },
    });
  });
});
