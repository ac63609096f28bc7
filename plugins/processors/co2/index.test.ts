import { describe, expect, it } from 'vitest';
import { cpuUsage, hostPower, Run, type Samples, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const power = (values: readonly number[], step = 10) =>
  samplesOf(hostPower, Series.regular([1766947958, 0], step, Float64Array.from(values)));
const runOf = (samples: Samples[], attributes = {}) => Run.of({ scenario: 'a run', ...attributes }, { samples });

async function emissionsOf(run: Run, config: object = { region: 'us-east-1' }) {
  const { ctx, runs, skips } = createTestContext();
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  return {
    kilograms: figures(runs[0]).co2_emissions_kg,
    labels: figureLabels(runs[0], 'co2_emissions_kg'),
    skips: skips.map(({ item, reason }) => [item, reason]),
    run: runs[0],
  };
}

describe('the emissions of a run', () => {
  it('are its kWh times the intensity of its region', async () => {
    const first = await emissionsOf(runOf([power([50, 52.5, 53, 51, 52.5])]));
    expect(first.kilograms).toBeCloseTo(0.0002596875, 18);
    expect(first.labels).toEqual({ scenario: 'a run', region: 'us-east-1' });
    expect((await emissionsOf(runOf([power([90, 95, 98, 100, 95])]))).kilograms).toBeCloseTo(0.000481875, 18);
    expect((await emissionsOf(runOf([power([10_000, 10_000], 3600)]))).kilograms).toBe(4.5);
  });

  it('take the region of the run before the configured one, and kg_per_kwh before both', async () => {
    const run = runOf([power([1000, 1000], 3600)], { region: 'eu-north-1' });
    expect((await emissionsOf(run)).kilograms).toBe(0.12);
    expect(await emissionsOf(run, { kg_per_kwh: 0.02 })).toMatchObject({
      kilograms: 0.02,
      labels: { region: 'eu-north-1' },
    });
    expect((await emissionsOf(run, { kg_per_kwh: 0 })).kilograms).toBe(0);
  });

  it('are by the dataset that is asked for, and by regions of one’s own', async () => {
    const run = runOf([power([1000, 1000], 3600)], { region: 'eu-north-1' });
    expect((await emissionsOf(run, { dataset: 'electricity_maps' })).kilograms).toBe(0.02);
    const own = { 'my-dc': { zone: 'FR' }, 'dark-dc': { usd_per_kwh: 0.2 } };
    const inOwn = (region: string) => emissionsOf(runOf([power([1000, 1000], 3600)], { region }), { regions: own });
    expect((await inOwn('my-dc')).kilograms).toBe(0.031);
    expect(await inOwn('dark-dc')).toMatchObject({
      kilograms: undefined,
      skips: [['co2_emissions_kg', 'no_intensity']],
    });
  });

  it('fall back for an unknown region only where that is asked for, and a label tells', async () => {
    const run = runOf([power([1000, 1000], 3600)], { region: 'mars-1' });
    expect(await emissionsOf(run)).toMatchObject({
      kilograms: undefined,
      skips: [['co2_emissions_kg', 'unknown_region']],
    });
    expect(await emissionsOf(run, { unknown_region: 'fallback' })).toMatchObject({
      kilograms: 0.5,
      labels: { region: 'mars-1', region_known: 'false' },
      skips: [],
    });
  });
});

it.each([
  ['without power', [], {}, 'no_power_watts'],
  ['with broken power', [power([1, Number.NaN])], {}, 'invalid_power_watts'],
  ['without a region', [power([1, 2])], {}, 'no_region'],
])('a run %s has no figure, goes on as it is, and is counted', async (_, metrics, config, reason) => {
  const cpu = samplesOf(cpuUsage, Series.regular([1, 0], 1, Float64Array.of(1, 2)));
  const run = runOf([...metrics, cpu]);
  const result = await emissionsOf(run, config);
  expect(result.run).toBe(run);
  expect(result.skips).toEqual([['co2_emissions_kg', reason]]);
});

describe('what is not plausible', () => {
  const run = runOf([power([1000, 1000], 3600)], { region: 'us-east-1' });
  const refusal = (config: object) =>
    plugin.configSchema.safeParse(config).error?.issues.map(({ path }) => path.join('.'));

  it.each([
    ['kg_per_kwh', { kg_per_kwh: 382 }],
    ['intensity.0.kg_per_kwh', { intensity: [{ kg_per_kwh: 3.01 }] }],
    ['intensity.0.tariff.default', { intensity: [{ time_zone: 'UTC', tariff: { default: 382 } }] }],
    ['regions.us-east-1.kg_per_kwh', { regions: { 'us-east-1': { kg_per_kwh: 382 } } }],
    ['market.kg_per_kwh', { market: { kg_per_kwh: 20, source: 'a contract' } }],
  ])('is refused at %s, unless the configuration says `plausible: any`', (path, config) => {
    expect(refusal(config)).toEqual([path]);
    expect(refusal({ ...config, plausible: 'any' })).toBeUndefined();
  });

  it('is no matter of `co2` where it is a price of the shared table of regions', () => {
    expect(refusal({ regions: { 'us-east-1': { usd_per_kwh: 31, eur_per_kwh: 31 } } })).toEqual([
      'regions.us-east-1.eur_per_kwh',
    ]);
    expect(refusal({ regions: { 'us-east-1': { usd_per_kwh: 31, pue: 140 } } })).toBeUndefined();
    expect(refusal({ regions: { 'us-east-1': { eur_per_kwh: 0.31 } } })).toBeUndefined();
  });

  it('is no PUE of a run either', async () => {
    const wasteful = run.with({ attributes: { 'energy.pue': 3.5 } });
    const { kilograms, skips } = await emissionsOf(wasteful);
    expect([kilograms, skips]).toEqual([undefined, [['co2_emissions_kg', 'implausible_pue']]]);
    expect((await emissionsOf(wasteful, { plausible: 'any' })).kilograms).toBeCloseTo(0.45 * 3.5, 12);
  });
});
