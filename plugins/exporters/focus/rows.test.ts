import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrate } from 'wattline/figures';
import { figure, RejectedError, Series, type Skipped } from 'wattline/plugin';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { problemsOf, type Row } from './column-rules.ts';
import { rowsOf } from './rows.ts';
import { configSchema } from './settings.ts';

const run = {
  scenario: '2 streams',
  region: 'us-east-1',
  encoder: 'libx264',
  bitrate: '2500k',
  start: 1_766_947_958,
  end: 1_766_948_000,
  power: [72, 72, 72],
  cpu: [4.5, 4.5, 4.5],
} as const satisfies FiguredRun;
/** 720 J and 45 core-seconds. */
const costs = { energyUsd: 0.0002 * 0.13, computeUsd: 0.0125 * 0.5, co2Kg: 0.0001 };

function rowsFrom(figured: FiguredRun, settings: object = {}) {
  const skips: Skipped[] = [];
  const config = configSchema.parse({ directory: '.', ...settings });
  const rows = rowsOf(figuredRun(figured), config, (skipped) => skips.push(skipped));
  const [energy, compute] = ['energy', 'compute'].map((sku) => rows.find(({ SkuId }) => SkuId === sku));
  return { rows, energy, compute, skips: skips.map(({ item, reason }) => [item, reason]), skipped: skips };
}

describe('a currency', () => {
  const eur = {
    cost_energy_load_aware_eur: [costs.energyUsd * 0.92, '{EUR}'],
    cost_compute_load_aware_eur: [costs.computeUsd * 0.92, '{EUR}'],
  } as const;
  const records = {
    'factor.price.value': 0.13,
    'factor.core_price.value': 0.5,
    'factor.exchange_rate.eur.value': 0.92,
  };

  /** The rows in EUR of a run with its costs in both currencies. */
  function rowsInEur(attributes: Attributes, figures: readonly string[] = Object.keys(eur)) {
    const converted = Object.entries(eur).filter(([name]) => figures.includes(name));
    const added = converted.map(([name, [value, unit]]) =>
      figure({ name, unit, description: '', scope: 'test' }, value),
    );
    const skips: Skipped[] = [];
    const figured = figuredRun({ ...run, ...costs, attributes }).with({ figures: added });
    const config = configSchema.parse({ directory: '.', currency: 'EUR' });
    return { rows: rowsOf(figured, config, (skipped) => skips.push(skipped)), skips };
  }

  it('is that of all costs and unit prices, at the meter too', () => {
    const { rows, skips } = rowsInEur(records);
    expect(skips).toEqual([]);
    expect(rows).toHaveLength(2);
    for (const [row, cost, price] of [
      [rows[0], eur.cost_energy_load_aware_eur[0], 0.13 * 0.92],
      [rows[1], eur.cost_compute_load_aware_eur[0], 0.5 * 0.92],
    ] as const) {
      expect(row).toMatchObject({ BillingCurrency: 'EUR', EffectiveCost: cost, ListCost: cost, ContractedCost: cost });
      expect(row?.ListUnitPrice).toBeCloseTo(price, 12);
    }
    const dearer = { ...records, 'energy.pue': 1.25, 'factor.price.pue': 1.25, 'factor.price.value': 0.13 / 1.25 };
    expect(rowsInEur(dearer).rows[0]?.PricingQuantity).toBeCloseTo(0.0002 * 1.25, 12);
  });

  it('is never mixed with USD: what has no figure in it has no row', () => {
    expect(rowsInEur(records, ['cost_energy_load_aware_eur']).rows).toHaveLength(1);
    const { rows, skips } = rowsInEur(records, []);
    expect(rows).toEqual([]);
    expect(skips).toEqual([
      {
        item: 'run',
        reason: 'no_cost',
        message:
          'no rows: 2 streams has neither `cost_energy_load_aware_eur` nor `cost_compute_load_aware_eur`; put the processors `cost` and `currency` with a rate of EUR before',
      },
    ]);
  });
});

describe('a predicted run', () => {
  const bounded = {
    cost_energy_load_aware_lower: 0.00002,
    cost_energy_load_aware_upper: 0.00003,
    co2_emissions_kg_lower: 0.00008,
    co2_emissions_kg_upper: 0.00012,
    energy_joules_lower: 576,
    energy_joules_upper: 864,
  };
  const attributes = {
    power: 'predicted',
    'power.interval_level': 0.75,
    'power.extrapolated': true,
    'energy.pue': 1.5,
  };

  function rowsOfBounded(more: Attributes = {}, added: Readonly<Record<string, number>> = bounded, currency = 'USD') {
    const figures = Object.entries(added).map(([name, value]) =>
      figure({ name, unit: '1', description: '', scope: 'test' }, value),
    );
    const config = configSchema.parse({ directory: '.', currency });
    const figured = figuredRun({ ...run, ...costs, attributes: { ...attributes, ...more } }).with({ figures });
    return rowsOf(figured, config, () => {});
  }

  it('has the bounds of its energy, and the level of its interval', () => {
    const [energy, compute] = rowsOfBounded();
    expect(energy).toMatchObject({
      ...{
        x_EffectiveCostLower: 0.00002,
        x_EffectiveCostUpper: 0.00003,
        x_Extrapolated: 'true',
        x_IntervalLevel: 0.75,
      },
      ...{ x_CarbonKgLower: 0.00008, x_CarbonKgUpper: 0.00012, x_PowerKind: 'predicted', x_CpuKind: null },
    });
    expect(energy?.x_EnergyKwhLower).toBeCloseTo((576 / 3.6e6) * 1.5, 15);
    expect(energy?.x_EnergyKwhUpper).toBeCloseTo((864 / 3.6e6) * 1.5, 15);
    expect(compute).toMatchObject({ x_CpuKind: 'measured', x_Extrapolated: null, x_IntervalLevel: null });
  });

  it('has those of its CPU time where that is predicted, in the currency of the rows', () => {
    const cpu = { cpu: 'predicted', 'cpu.interval_level': 0.5 };
    const inEur = {
      ...{ cost_compute_load_aware_eur: 0.004, cost_compute_load_aware_lower_eur: 0.002 },
      ...{ cost_compute_load_aware_lower: 0.003, cost_compute_load_aware_upper_eur: 0.006 },
    };
    expect(rowsOfBounded(cpu, inEur, 'EUR')).toMatchObject([
      {
        ...{ ChargeDescription: 'Predicted CPU time of 2 streams (estimate)', x_CpuKind: 'predicted' },
        ...{ x_EffectiveCostLower: 0.002, x_EffectiveCostUpper: 0.006, x_IntervalLevel: 0.5, x_Extrapolated: 'false' },
        ...{ x_CarbonKgLower: null, x_EnergyKwhLower: null },
      },
    ]);
  });

  it('without an interval has none, and claims no level', () => {
    const [energy] = rowsOfBounded({}, {});
    expect(energy).toMatchObject({ x_EffectiveCostLower: null, x_CarbonKgUpper: null, x_IntervalLevel: null });
  });
});

describe('a run', () => {
  it('is a row of energy and a row of CPU time, estimated and not billed', () => {
    const { rows, energy, compute, skips } = rowsFrom({ ...run, ...costs });
    expect(rows).toHaveLength(2);
    expect(skips).toEqual([]);
    expect(energy).toMatchObject({
      BilledCost: 0,
      ChargeDescription: 'Energy of 2 streams (estimate)',
      ChargePeriodStart: '2025-12-28T18:52:38Z',
      ChargePeriodEnd: '2025-12-28T18:53:20Z',
      ConsumedQuantity: 0.0002,
      ConsumedUnit: 'kWh',
      EffectiveCost: costs.energyUsd,
      ListCost: costs.energyUsd,
      ContractedCost: costs.energyUsd,
      PricingQuantity: 0.0002,
      PricingUnit: 'kWh',
      RegionId: 'us-east-1',
      SkuPriceId: 'energy/us-east-1',
      HostProviderName: 'AWS',
      x_CarbonKg: 0.0001,
      x_EnergyKwh: 0.0002,
      x_PowerKind: 'measured',
    });
    expect(energy?.ListUnitPrice).toBeCloseTo(0.13, 12);
    expect(compute).toMatchObject({
      BilledCost: 0,
      ConsumedQuantity: 0.0125,
      ConsumedUnit: 'Core-Hours',
      EffectiveCost: 0.00625,
      ListUnitPrice: 0.5,
      PricingUnit: 'Core-Hours',
      x_CarbonKg: null,
      x_EnergyKwh: null,
      x_PowerKind: null,
    });
    expect(compute?.x_RunId).toBe(energy?.x_RunId);
  });

  it.each([
    ['modelled', 'Modelled energy of 2 streams (estimate)'],
    ['predicted', 'Predicted energy of 2 streams (estimate)'],
  ])('says that its power is %s, on the row of energy', (power, description) => {
    const { energy, compute } = rowsFrom({ ...run, ...costs, attributes: { power } });
    expect(energy).toMatchObject({ x_PowerKind: power, ChargeDescription: description });
    expect(compute).toMatchObject({ x_PowerKind: null, ChargeDescription: 'CPU time of 2 streams (estimate)' });
  });

  it('costs nothing for energy that the price of CPU time includes, and keeps its amount', () => {
    const attributes = { 'factor.price.value': 0.13, 'factor.price.id': 'price/us-east-1/builtin' };
    const included = { ...run, ...costs, includesEnergy: true, attributes };
    const { rows, energy, compute, skips } = rowsFrom(included, { invoiced: true });
    expect(skips).toEqual([]);
    expect(energy).toMatchObject({
      ...{ BilledCost: 0, EffectiveCost: 0, ListCost: 0, ContractedCost: 0, ListUnitPrice: 0, ContractedUnitPrice: 0 },
      ...{ ConsumedQuantity: 0.0002, PricingQuantity: 0.0002, x_EnergyKwh: 0.0002, x_CarbonKg: 0.0001 },
      ...{ ChargeDescription: 'Energy of 2 streams, included in the price of its CPU time', x_PriceFactorId: null },
    });
    expect(compute).toMatchObject({ EffectiveCost: costs.computeUsd, ChargeDescription: 'CPU time of 2 streams' });
    for (const row of rows) expect(problemsOf(row)).toEqual([]);
  });

  it('is billed where it is invoiced', () => {
    const { rows, energy } = rowsFrom({ ...run, ...costs }, { invoiced: true });
    for (const row of rows) expect(row.BilledCost).toBe(row.EffectiveCost);
    expect(energy?.ChargeDescription).toBe('Energy of 2 streams');
  });

  it('is one row where one cost is known', () => {
    expect(rowsFrom({ ...run, energyUsd: costs.energyUsd }).rows.map(({ SkuId }) => SkuId)).toEqual(['energy']);
    expect(rowsFrom({ ...run, computeUsd: 0.005 }).rows.map(({ SkuId }) => SkuId)).toEqual(['compute']);
  });

  it('is no row without cost, amount, use or time, and that is reported', () => {
    expect(rowsFrom(run)).toMatchObject({ rows: [], skips: [['run', 'no_cost']] });
    const { power: _, ...unmeasured } = run;
    const partial = rowsFrom({ ...unmeasured, ...costs });
    expect(partial.rows.map(({ SkuId }) => SkuId)).toEqual(['compute']);
    expect(partial.skips).toEqual([['cost_energy_load_aware', 'no_quantity']]);
    expect(partial.skipped[0]?.message).toBe('no row of `cost_energy_load_aware`: 2 streams has no `power_watts`');
    const idle = rowsFrom({ ...run, power: [0, 0], energyUsd: 0 });
    expect(idle).toMatchObject({ rows: [], skips: [['cost_energy_load_aware', 'nothing_used']] });
    const timeless = rowsFrom({
      scenario: 'x',
      ...costs,
      attributes: { 'run.read_time': 100 },
      power: [1, 2],
      cpu: [1, 2],
    });
    expect(timeless).toMatchObject({ rows: [], skips: [['run', 'no_time']] });
  });

  it('is refused with the rule that it breaks', () => {
    const negative = () => rowsFrom({ ...run, energyUsd: -1 });
    expect(negative).toThrow(RejectedError);
    expect(negative).toThrow(/^2 streams has no valid FOCUS row of energy: ContractedUnitPrice: .*; ListUnitPrice: /);
  });
});

describe('the unit price', () => {
  const factors = (value: number, more = {}) => ({
    'factor.price.value': value,
    'factor.price.id': 'price/x',
    ...more,
  });

  it('is that of the record, of the energy at the meter or at the machine as the record says', () => {
    const attributes = { 'energy.pue': 1.25, ...factors(0.13) };
    const atMeter = { ...attributes, 'factor.price.pue': 1.25 };
    const meter = rowsFrom({ ...run, energyUsd: 0.00025 * 0.13, attributes: atMeter }).energy;
    expect(meter).toMatchObject({ ListUnitPrice: 0.13, PricingQuantity: 0.00025, ConsumedQuantity: 0.0002 });
    const machine = rowsFrom({ ...run, energyUsd: 0.0002 * 0.13, attributes }).energy;
    expect(machine).toMatchObject({ ListUnitPrice: 0.13, PricingQuantity: 0.0002 });
    for (const row of [meter, machine]) expect(row).toMatchObject({ x_EnergyKwh: 0.00025, x_PriceFactorId: 'price/x' });
  });

  it('is that of the cost where the stated one is of something else', () => {
    const { energy } = rowsFrom({ ...run, energyUsd: 0.0001, attributes: factors(0.13) });
    expect(energy).toMatchObject({ ListUnitPrice: 0.5, PricingQuantity: 0.0002 });
    const attributes = { 'energy.pue': 1.25, ...factors(0.13) };
    const guessed = rowsFrom({ ...run, energyUsd: 0.00025 * 0.13, attributes }).energy;
    expect(guessed).toMatchObject({ ListUnitPrice: 0.13 * 1.25, PricingQuantity: 0.0002 });
  });

  it('is 0 where it is free', () => {
    expect(rowsFrom({ ...run, energyUsd: 0 }).energy).toMatchObject({ ListUnitPrice: 0, EffectiveCost: 0 });
  });

  it('is dynamic where it is the price of the hour', () => {
    for (const [state, category] of [
      ['live', 'Dynamic'],
      ['cached', 'Dynamic'],
      ['fallback', 'Standard'],
      ['static', 'Standard'],
    ]) {
      const attributes = factors(0.13, { 'factor.price.state': state });
      expect(rowsFrom({ ...run, ...costs, attributes }).energy?.PricingCategory).toBe(category);
    }
  });
});

describe('who and where', () => {
  it('is what the configuration says', () => {
    const { rows } = rowsFrom(
      { ...run, ...costs },
      {
        billing_account_id: '42',
        billing_account_name: 'Video',
        provider_name: 'Platform',
        invoice_issuer_name: 'Finance',
        host_provider_name: 'Basement',
        service_name: 'Encoding',
        service_category: 'Media',
      },
    );
    for (const row of rows) {
      expect(row).toMatchObject({
        BillingAccountId: '42',
        BillingAccountName: 'Video',
        ProviderName: 'Platform',
        PublisherName: 'Platform',
        ServiceProviderName: 'Platform',
        InvoiceIssuerName: 'Finance',
        HostProviderName: 'Basement',
        ServiceName: 'Encoding',
        ServiceCategory: 'Media',
      });
    }
  });

  it('is what the run says of its machine', () => {
    const attributes = {
      'cloud.provider': 'gcp',
      'cloud.account.id': 'project-1',
      'host.id': 'h1',
      'host.name': 'node-1',
      'container.id': 'c1',
    };
    expect(rowsFrom({ ...run, ...costs, attributes }, { host_provider_name: 'Basement' }).energy).toMatchObject({
      HostProviderName: 'Google Cloud',
      SubAccountId: 'project-1',
      ResourceId: 'h1',
      ResourceName: 'node-1',
      ResourceType: 'Host',
    });
    const container = { 'cloud.provider': 'hetzner', 'container.id': 'c1' };
    expect(rowsFrom({ ...run, ...costs, attributes: container }).energy).toMatchObject({
      HostProviderName: 'hetzner',
      ResourceId: 'c1',
      ResourceName: null,
      ResourceType: 'Container',
    });
  });

  it('is the provider itself where nobody knows the cloud', () => {
    const { region: _, ...somewhere } = run;
    expect(rowsFrom({ ...somewhere, ...costs }).energy).toMatchObject({
      HostProviderName: 'Wattline',
      RegionId: null,
      RegionName: null,
      SkuPriceId: 'energy',
    });
  });

  it('is tagged by attributes and by the configuration, in a fixed order', () => {
    const attributes = { 'run.streams': 2, 'run.codecs': ['a', 'b'], 'service.name': 'encoder', team: 'mine' };
    const settings = {
      tags: ['team', 'run.streams', 'run.codecs', 'scenario', 'absent'],
      extra_tags: { team: 'x', app: 'y' },
    };
    const { scenario: _, ...unnamed } = run;
    expect(rowsFrom({ ...unnamed, ...costs, attributes }, settings).energy?.Tags).toBe(
      '{"app":"y","run.codecs":"[\\"a\\",\\"b\\"]","run.streams":2,"scenario":"encoder","team":"mine"}',
    );
    expect(rowsFrom({ ...run, ...costs }, { tags: [] }).energy?.Tags).toBeNull();
  });
});

describe('rows of random runs', () => {
  const samples = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 2, maxLength: 30 });
  const price = fc.double({ min: 0, max: 10, noNaN: true });
  const random = fc.record({
    scenario: fc.string({ unit: 'grapheme' }),
    region: fc.constantFrom('us-east-1', 'europe-west1', 'nowhere-1', undefined),
    start: fc.integer({ min: 0, max: 4_000_000_000 }),
    duration: fc.double({ min: 0, max: 1e6, noNaN: true }),
    power: samples,
    cpu: samples,
    prices: fc.record({ kwh: price, core: price, kg: price }),
    pue: fc.option(fc.double({ min: 1, max: 3, noNaN: true }), { nil: undefined }),
    isStated: fc.boolean(),
    includesEnergy: fc.boolean(),
  });

  it('keep all rules, and add up to the figures of the runs', () => {
    fc.assert(
      fc.property(fc.array(random, { minLength: 1, maxLength: 5 }), (runs) => {
        const expected = { cost: 0, kwh: 0, kg: 0, cores: 0, billable: 0 };
        const rows: Row[] = [];
        for (const { scenario, region, start, duration, power, cpu, prices, pue, isStated, includesEnergy } of runs) {
          const kwh = integralOf(power) / 3.6e6;
          const coreHours = integralOf(cpu) / 3600;
          const figures = {
            energyUsd: kwh * (pue ?? 1) * prices.kwh,
            computeUsd: coreHours * prices.core,
            co2Kg: kwh * (pue ?? 1) * prices.kg,
          };
          const attributes = {
            ...(pue !== undefined && { 'energy.pue': pue }),
            ...(isStated && {
              'factor.price.value': prices.kwh,
              'factor.core_price.value': prices.core,
              ...(pue !== undefined && { 'factor.price.pue': pue }),
            }),
          };
          const known = { scenario, start, end: start + duration, power, cpu, attributes, includesEnergy, ...figures };
          rows.push(...rowsFrom({ ...known, ...(region !== undefined && { region }) }).rows);
          expected.cost += (includesEnergy ? 0 : figures.energyUsd) + figures.computeUsd;
          expected.kwh += kwh * (pue ?? 1);
          expected.kg += kwh > 0 ? figures.co2Kg : 0;
          expected.cores += coreHours;
          expected.billable += Number(kwh > 0) + Number(coreHours > 0);
        }
        for (const row of rows) expect(problemsOf(row)).toEqual([]);
        const sumOf = (read: (row: Row) => number | null) => rows.reduce((sum, row) => sum + (read(row) ?? 0), 0);
        const isClose = (actual: number, wanted: number) =>
          expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-12 * Math.abs(wanted));
        isClose(
          sumOf((row) => row.EffectiveCost),
          expected.cost,
        );
        isClose(
          sumOf((row) => row.ListCost),
          expected.cost,
        );
        isClose(
          sumOf((row) => row.x_EnergyKwh),
          expected.kwh,
        );
        isClose(
          sumOf((row) => row.x_CarbonKg),
          expected.kg,
        );
        isClose(
          sumOf((row) => (row.ConsumedUnit === 'Core-Hours' ? row.ConsumedQuantity : 0)),
          expected.cores,
        );
        expect(sumOf((row) => row.BilledCost)).toBe(0);
        expect(rows).toHaveLength(expected.billable);
      }),
    );
  });
});

function integralOf(values: readonly number[]): number {
  const series = Series.regular([0, 0], 5, Float64Array.from(values));
  return integrate(series, { sampling: 'instant', duration: undefined })?.value ?? 0;
}
