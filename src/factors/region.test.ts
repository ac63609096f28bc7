import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTestContext } from '../../test/kit/context.ts';
import type { Factor } from '../model/factor.ts';
import { Run } from '../model/run.ts';
import {
  datasetSetting,
  observeFactors,
  type RegionConfig,
  regionIsKnown,
  regionSettings,
  resolveRegion,
} from './region.ts';

const gauges = {
  value: { name: 'test_price', unit: '{USD}/kW.h', description: 'a price' },
  year: { name: 'test_price_year', unit: 'a', description: 'its year' },
};
const schema = z
  .strictObject({ ...regionSettings, dataset: datasetSetting, limit: z.number().optional() })
  .check(regionIsKnown);
const runIn = (region?: string) => Run.of({ scenario: 'a run', ...(region && { region }) });
const resolve = (region?: string, config: object = {}) => resolveRegion(runIn(region), schema.parse(config));

describe('the region of a run', () => {
  it('is the one that it names, else the configured one', () => {
    expect(resolve('eu-west-3', { region: 'us-east-1' })).toMatchObject({
      region: { name: 'eu-west-3' },
      place: { region: 'eu-west-3', country: 'FRA', zone: 'FR' },
      labels: { region: 'eu-west-3' },
    });
    expect(resolve(undefined, { region: 'us-east-1' }).region?.name).toBe('us-east-1');
    expect(resolve()).toEqual({
      labels: {},
      reason: 'no_region',
      problem: 'a run names no region, and none is configured',
    });
  });

  it('has the intensity of the configured dataset', () => {
    expect(resolve('eu-north-1').region?.intensity?.value).toBe(0.12);
    expect(resolve('eu-north-1', { dataset: 'electricity_maps' }).region?.intensity?.value).toBe(0.02);
  });

  it('may be one of the configuration', () => {
    const regions = { 'my-dc': { usd_per_kwh: 0.2, zone: 'FR' }, 'us-east-1': { usd_per_kwh: 0.05 } };
    const { region, place } = resolve('my-dc', { regions });
    expect([region?.price?.value, region?.intensity?.value]).toEqual([0.2, 0.031]);
    expect(place).toMatchObject({ region: 'my-dc', zone: 'FR' });
    expect(resolve('us-east-1', { regions }).region?.price?.value).toBe(0.05);
    expect(resolve(undefined, { region: 'my-dc', regions }).region?.price?.value).toBe(0.2);
    expect(resolve('constructor', { regions }).region).toBeUndefined();
  });

  it('is unknown where nobody knows the name, which is still where the run took place', () => {
    expect(resolve('mars-1')).toEqual({
      place: { region: 'mars-1', country: undefined, zone: undefined },
      labels: { region: 'mars-1' },
      reason: 'unknown_region',
      problem:
        'the region `mars-1` of a run is not known; `wattline regions` lists those that are, and `regions` takes others',
    });
    expect(resolve('mars-1', { unknown_region: 'fallback' })).toMatchObject({
      region: { price: { value: 0.12 }, intensity: { value: 0.5 } },
      labels: { region: 'mars-1', region_known: 'false' },
    });
  });
});

describe('the region that a cloud names', () => {
  const resolveIn = (attributes: object, config: object = {}) =>
    resolveRegion(Run.of({ scenario: 'a run', ...attributes }), schema.parse(config));

  it('is that of this cloud, or unknown', () => {
    const name = { 'cloud.region': 'eu-west-2' };
    expect(resolveIn(name).region?.country).toBe('GBR');
    expect(resolveIn({ ...name, 'cloud.provider': 'aws' }).region?.country).toBe('GBR');
    const other = resolveIn({ ...name, 'cloud.provider': 'outscale' });
    expect(other.region).toBeUndefined();
    expect(other.problem).toMatch(/^the region `eu-west-2` of a run is not known in the cloud `outscale`; /);
    const regions = { 'eu-west-2': { zone: 'FR' } };
    expect(resolveIn({ ...name, 'cloud.provider': 'outscale' }, { regions }).region?.zone).toBe('FR');
  });

  it('comes after the one that the run or the configuration names', () => {
    const own = { region: 'eu-west-2', 'cloud.region': 'eu-west-2', 'cloud.provider': 'outscale' };
    expect(resolveIn(own).region?.country).toBe('GBR');
    expect(resolveIn({ 'cloud.provider': 'hetzner' }, { region: 'eu-central-1' }).region?.country).toBe('DEU');
  });
});

describe('the settings', () => {
  const problemsOf = (config: unknown) =>
    schema.safeParse(config).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  it('take every region that is known, and no other', () => {
    expect(problemsOf({ region: 'westeurope' })).toBeUndefined();
    const unknown = 'region: expected a region that `wattline regions` lists, or one of `regions`';
    expect(problemsOf({ region: 'mars-1' })).toEqual([unknown]);
    expect(problemsOf({ region: 'mars-1', regions: { 'mars-2': {} } })).toEqual([unknown]);
    expect(problemsOf({ region: 'mars-1', regions: { 'mars-1': {} } })).toBeUndefined();
  });

  it('say that a region is unknown beside other problems', () => {
    expect(problemsOf({ region: 'mars-1', limit: 'high' })).toHaveLength(2);
    expect(problemsOf({ region: 'mars-1', limits: 1 })).toHaveLength(2);
    expect(problemsOf({ region: ['us-east-1'] })).toHaveLength(1);
    expect(problemsOf(null)).toHaveLength(1);
    expect(problemsOf({ region: 'mine', regions: { mine: { usd_per_kwh: -1 } } })).toHaveLength(1);
  });

  it.each([
    [{ usd_per_kwh: -0.1 }],
    [{ kg_per_kwh: -0.1 }],
    [{ pue: 0.9 }],
    [{ country: 'DE' }],
    [{ zone: '' }],
    [{ price: 1 }],
    [{ year: 26 }],
  ])('refuse %j as a region', (own) => {
    expect(problemsOf({ regions: { mine: own } })).toHaveLength(1);
  });
});

describe('observeFactors', () => {
  it('tells value and year of the factors that were used, by region, and none that is not known', async () => {
    const { ctx, ownMetric } = createTestContext();
    const note = observeFactors(ctx, gauges);
    const config: RegionConfig = {
      region: 'eu-north-1',
      unknown_region: 'fallback',
      regions: { mine: { usd_per_kwh: 0.3 } },
    };
    for (const region of ['us-east-1', 'eu-central-1', undefined, 'made-up', 'mine']) {
      const place = resolveRegion(runIn(region), config);
      note(place, place.region?.price as Factor);
    }
    const told = (name: string, region: string) => ownMetric(name, { processor: ctx.id, region });
    expect(await told('test_price', 'us-east-1')).toBe(0.13);
    expect(await told('test_price', 'eu-north-1')).toBe(0.08);
    expect(await told('test_price', 'eu-central-1')).toBe(0.155);
    expect(await told('test_price', 'mine')).toBe(0.3);
    expect(await told('test_price_year', 'eu-central-1')).toBe(2025);
    expect(await told('test_price_year', 'mine')).toBeUndefined();
    expect(await told('test_price', 'eu-west-1')).toBeUndefined();
    expect(await told('test_price', 'made-up')).toBeUndefined();
  });
});
