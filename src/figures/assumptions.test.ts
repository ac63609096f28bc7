import { describe, expect, it } from 'vitest';
import { defaultCorePrice, listPriceOf } from '../factors/core-prices.ts';
import { fallbackRegion, findRegion } from '../factors/regions.ts';
import { type Factor, factorAttributes } from '../model/factor.ts';
import { assumptionsOf } from './assumptions.ts';
import { effectiveFactor } from './weigh.ts';

const regional = (name: string, quantity: 'price' | 'intensity') => findRegion(name)?.[quantity] as Factor;
const of = (...factors: readonly Factor[]) => assumptionsOf(Object.assign({}, ...factors.map(factorAttributes)));

describe('what figures assume', () => {
  it('is each default that they rest on, with the setting that takes its place', () => {
    expect(of(defaultCorePrice, regional('us-east-1', 'price'), regional('us-east-1', 'intensity'))).toEqual([
      'CPU time is priced at 0.5 USD a core-hour, Wattline’s default; set `usd_per_core_hour` or `list_prices`',
      'Energy is priced at 0.13 USD/kWh, Wattline’s default for us-east-1, where a table says 0.0899; set `usd_per_kwh`',
      'Energy is taken to emit 0.45 kg CO₂e/kWh, Wattline’s default for us-east-1, where a table says 0.418; set `dataset: electricity_maps` or `kg_per_kwh`',
    ]);
    expect(of(regional('eu-north-1', 'intensity'))).toEqual([
      'Energy is taken to emit 0.12 kg CO₂e/kWh, Wattline’s default for eu-north-1, where a table says 0.02; set `dataset: electricity_maps` or `kg_per_kwh`',
    ]);
    expect(of(fallbackRegion.price, fallbackRegion.intensity)).toEqual([
      'Energy is priced at 0.12 USD/kWh, Wattline’s default for regions that are not known; set `usd_per_kwh`',
      'Energy is taken to emit 0.5 kg CO₂e/kWh, Wattline’s default for regions that are not known; set `kg_per_kwh`',
    ]);
  });

  it('is a default that holds for a part of the time too', () => {
    const spot: Factor = { ...regional('us-east-1', 'price'), id: 'price/spot', value: 0.33, source: 'a market' };
    const parts = [spot, regional('us-east-1', 'price')].map((factor) => ({ factor, from: 0, to: 1, value: 1 }));
    expect(of(effectiveFactor(parts) as Factor)).toEqual([
      'Energy is priced at 0.23 USD/kWh, in part by Wattline’s default for us-east-1, where a table says 0.0899; set `usd_per_kwh`',
    ]);
  });

  it('is nothing that was configured or has a source', () => {
    const own: Factor = { ...defaultCorePrice, id: 'core_price/cost/configured', source: 'configuration' };
    const listed = listPriceOf('m6i.large') as Factor;
    expect(of(own, regional('eu-central-1', 'price'), regional('eu-west-3', 'intensity'))).toEqual([]);
    expect(of(listed)).toEqual([]);
    expect(assumptionsOf({ 'factor.core_price.value': 1, scenario: 'Wattline default' })).toEqual([]);
  });
});
