import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Series } from 'wattline/plugin';
import { arithmeticOf, type Ingredients } from './arithmetic.ts';

const nothing: Ingredients = {
  ...{ region: null, duration: null, attributes: {}, figures: {} },
  ...{ joules: null, core_seconds: null, total_usd: null, energy_usd: null, compute_usd: null },
  ...{ co2_kg: null, power: undefined, cpu: undefined },
};

/** The record of a factor as a run carries it. */
const attributesOf = (use: string, record: object) =>
  Object.fromEntries(Object.entries(record).map(([field, value]) => [`factor.${use}.${field}`, value]));

describe('the arithmetic of a run', () => {
  it('goes from the samples to each figure', () => {
    const power = Series.regular([0, 0], 5, Float64Array.of(46, 46, 47.5));
    const cpu = Series.irregular([0, 0], Float64Array.of(0, 3, 9), Float64Array.of(2, 2, 2));
    const [energy_usd, compute_usd] = [(2077.5 / 3.6e6) * 0.13, (101.75 / 3600) * 0.5];
    const run = {
      ...nothing,
      ...{ region: 'us-east-1', joules: 2077.5, core_seconds: 101.75, energy_usd, compute_usd, power, cpu },
      ...{ total_usd: energy_usd + compute_usd, co2_kg: 0.0002596875 },
      attributes: {
        ...attributesOf('price', { id: 'price/x', value: 0.13, unit: 'USD/kWh', source: 'a tariff' }),
        ...attributesOf('core_price', { value: 0.5, unit: 'USD/core-hour' }),
        ...attributesOf('intensity', { value: 0.45, unit: 'kg/kWh', method: 'location' }),
      },
    };
    expect(arithmeticOf(run)).toEqual({
      energy: {
        integral: { method: 'trapezoids', samples: 3, step_s: 5, span_s: 10 },
        ...{ joules: 2077.5, kwh: 2077.5 / 3.6e6 },
      },
      cpu: {
        integral: { method: 'trapezoids', samples: 3, step_s: null, span_s: 9 },
        ...{ core_seconds: 101.75, core_hours: 101.75 / 3600 },
      },
      energy_cost: {
        usd: energy_usd,
        factor: { id: 'price/x', value: 0.13, unit: 'USD/kWh', source: 'a tariff' },
      },
      compute_cost: { usd: compute_usd, factor: { value: 0.5, unit: 'USD/core-hour' } },
      total_cost: { usd: energy_usd + compute_usd, of: ['energy', 'compute'] },
      emissions: { kg: 0.0002596875, factor: { value: 0.45, unit: 'kg/kWh', method: 'location' } },
    });
  });

  it('has a total of compute alone where the price of CPU time includes the energy', () => {
    const run = { ...nothing, energy_usd: 1, compute_usd: 2, energy_included: true };
    expect(arithmeticOf({ ...run, total_usd: 2 }).total_cost).toEqual({
      usd: 2,
      of: ['compute'],
      includes_energy: true,
    });
    expect(arithmeticOf({ ...run, total_usd: 3 }).total_cost).toMatchObject({ of: [] });
  });

  it('is empty where nothing is known', () => {
    expect(arithmeticOf(nothing)).toEqual({});
  });

  it('has no factor where the run has no record of it, whatever the table of regions says', () => {
    const { energy_cost } = arithmeticOf({ ...nothing, region: 'us-east-1', joules: 3.6e6, energy_usd: 0.13 });
    expect(energy_cost).toEqual({ usd: 0.13 });
  });

  it('shows a factor by its record, with the PUE where that was applied', () => {
    const record = {
      id: 'price/my-tariff',
      value: 0.2,
      unit: 'USD/kWh',
      source: 'contract',
      year: 2026,
      state: 'live',
    };
    const of = (energy_usd: number, more = {}) => {
      const attributes = { ...attributesOf('price', { ...record, ...more }), 'energy.pue': 1.5 };
      return arithmeticOf({ ...nothing, joules: 3.6e6, energy_usd, attributes }).energy_cost;
    };
    expect(of(0.2)).toEqual({ usd: 0.2, factor: record });
    expect(of(0.3, { pue: 1.5 })).toEqual({ usd: 0.3, factor: record, pue: 1.5 });
    expect(of(0.3)).toEqual({ usd: 0.3 });
    expect(of(0.4)).toEqual({ usd: 0.4 });
  });

  it('keeps emissions by location, by the market and marginal ones apart', () => {
    const [location, market] = [
      { id: 'i/a', value: 0.4, unit: 'kg/kWh', source: 'grid', method: 'location', state: 'fallback' },
      { id: 'i/b', value: 0.05, unit: 'kg/kWh', source: 'wind', method: 'market', state: 'static' },
    ];
    const attributes = { ...attributesOf('intensity', location), ...attributesOf('intensity_market', market) };
    const figures = { 'co2_emissions_kg (market)': { value: 0.05 }, 'co2_emissions_kg (marginal)': { value: 0.9 } };
    const run = { ...nothing, joules: 3.6e6, co2_kg: 0.4, attributes, figures };
    expect(arithmeticOf(run)).toMatchObject({
      emissions: { kg: 0.4, factor: location },
      emissions_market: { kg: 0.05, factor: market },
      emissions_marginal: { kg: 0.9 },
    });
  });

  it('has no factor where nothing was used', () => {
    expect(arithmeticOf({ ...nothing, joules: 0, energy_usd: 0 }).energy_cost).toEqual({ usd: 0 });
  });

  it('says what a total is the sum of, and that it is not where it is not', () => {
    const of = (run: Partial<Ingredients>) => arithmeticOf({ ...nothing, ...run }).total_cost?.of;
    expect(of({ total_usd: 3, energy_usd: 1, compute_usd: 2 })).toEqual(['energy', 'compute']);
    expect(of({ total_usd: 2, compute_usd: 2 })).toEqual(['compute']);
    expect(of({ total_usd: 3.5, energy_usd: 1, compute_usd: 2 })).toEqual([]);
  });

  it('calls a single sample a rectangle', () => {
    const power = Series.regular([0, 0], 5, Float64Array.of(10));
    const integral = { method: 'rectangle', samples: 1, step_s: 5, span_s: 5 };
    expect(arithmeticOf({ ...nothing, joules: 50, power }).energy).toMatchObject({ integral });
  });

  it('tells intervals from instants, and leaves out what is missing', () => {
    const power = Series.regular([0, 0], 5, Float64Array.of(10, 10, Number.NaN, Number.NaN, 10, 10));
    const integral = (attributes: Ingredients['attributes']) =>
      arithmeticOf({ ...nothing, joules: 100, power, attributes }).energy?.integral;
    const counts = { samples: 4, missing: 2, step_s: 5 };
    expect(integral({})).toEqual({ method: 'trapezoids', ...counts, span_s: 10 });
    expect(integral({ 'run.sampling': 'interval' })).toEqual({ method: 'intervals', ...counts, span_s: 20 });
    expect(integral({ 'run.sampling': 'interval', 'run.sampling.power_watts': 'instant' })?.span_s).toBe(10);
  });

  it('finds any price of a record again', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-5, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (joules, value, pue) => {
          const attributes = attributesOf('price', { value, pue });
          const { energy_cost } = arithmeticOf({
            ...{ ...nothing, joules, attributes },
            energy_usd: (joules / 3.6e6) * pue * value,
          });
          expect(energy_cost?.factor?.value).toBe(value);
        },
      ),
    );
  });
});
