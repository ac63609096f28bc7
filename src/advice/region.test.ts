import { describe, expect, it } from 'vitest';
import { advised, JULY, madeRun, packagedPipeline } from '../../test/kit/advice.ts';
import { findRegion, regionNames } from '../factors/regions.ts';
import { numbered } from './changed-runs.ts';
import { adviseOnRegions } from './region.ts';

const inRegion = (region: string, index = 0) =>
  madeRun({ start: JULY + 1000 * index, watts: 1000, cores: 1, attributes: { region } });
const reasonsOf = (silences: readonly { readonly reason: string }[]) => silences.map(({ reason }) => reason);

describe('regions', () => {
  it('are proposed where the same runs emit least, as a comparison of all finds', async () => {
    const value = await packagedPipeline();
    const runs = ['us-east-1', 'us-east-1', 'europe-west3'].map(inRegion);
    // Money is left aside: what a run saves of it elsewhere comes first.
    const { advice } = await advised(
      async (all, options) => {
        const { proposals, silences } = await adviseOnRegions(all, options);
        return { proposals: proposals.filter(({ aim }) => aim === 'co2'), silences };
      },
      runs,
      value,
    );
    const least = (cloud: string) =>
      regionNames
        .map((name) => findRegion(name, 'electricity_maps'))
        .filter((region) => region?.cloud === cloud && region.intensity)
        .toSorted((a, b) => (a?.intensity?.value ?? 0) - (b?.intensity?.value ?? 0))[0];
    const [aws, google] = [least('aws'), least('gcp')];
    const found = advice.map(({ id, saves }) => [id, saves.co2?.value]);
    const kwh = (1000 * 600) / 3.6e6;
    const [virginia, frankfurt] = ['us-east-1', 'europe-west3'].map(
      (name) => findRegion(name, 'electricity_maps')?.intensity?.value ?? 0,
    );
    const saved = (from: number | undefined, to: typeof aws) => kwh * ((from ?? 0) - (to?.intensity?.value ?? 0));
    expect(Object.fromEntries(found)).toEqual({
      [`region-us-east-1-to-${aws?.name}`]: expect.closeTo(2 * saved(virginia, aws), 12),
      [`region-europe-west3-to-${google?.name}`]: expect.closeTo(saved(frankfurt, google), 12),
    });
  });

  it('say of runs without a region that the configuration has put them where they are', async () => {
    const value = await packagedPipeline();
    const nowhere = madeRun({ start: JULY, watts: 1000, cores: 1, region: null });
    const assumed = '1 run without a region took place in us-east-1, that of the configuration';
    const taken = await advised(adviseOnRegions, [nowhere, inRegion('us-east-1', 1)], value);
    expect(taken.advice.map(({ assumes }) => assumes[0])).toEqual([assumed]);
    const named = await advised(adviseOnRegions, [inRegion('us-east-1')], value);
    expect(named.advice.flatMap(({ assumes }) => assumes)).not.toContainEqual(
      expect.stringContaining('without a region'),
    );
  });

  it('are those that somebody allows', async () => {
    const value = await packagedPipeline();
    const regions = ['eu-central-1', 'us-east-1', 'nowhere'];
    const { advice } = await advised(adviseOnRegions, [inRegion('us-east-1')], value, { regions });
    expect(advice.map(({ id }) => id)).toEqual(['region-us-east-1-to-eu-central-1']);
  });

  it('are compared in money only where the prices are of one source and year', async () => {
    const value = await packagedPipeline();
    const regions = ['us-east-2', 'eu-west-3'];
    const { advice, silences } = await advised(adviseOnRegions, [inRegion('us-east-1')], value, { regions });
    expect(advice.map(({ id, saves }) => [id, saves.usd])).toEqual([['region-us-east-1-to-eu-west-3', undefined]]);
    expect(silences.find(({ message }) => message.includes('money'))?.message).toContain(
      '0.13 USD/kWh (Wattline default, no source given, unverified, 2025) may not be compared with what others publish; a table says 0.0899 USD/kWh',
    );
    // Oregon and Ohio are both priced by the EIA.
    const american = await advised(adviseOnRegions, [inRegion('us-east-2')], value, {
      regions: ['us-west-2', 'us-gov-west-1', 'eu-west-3'],
    });
    for (const { id, saves } of american.advice) {
      if (id.includes('eu-west-3')) expect(saves.usd).toBeUndefined();
    }
    const own = await packagedPipeline(
      'processors.cost.regions={us-east-1: {usd_per_kwh: 0.2}, eu-west-3: {usd_per_kwh: 0.1}}',
    );
    const paid = await advised(adviseOnRegions, [inRegion('us-east-1')], own, { regions });
    const [cheaper] = paid.advice;
    expect([cheaper?.id, cheaper?.saves.usd?.value]).toEqual([
      'region-us-east-1-to-eu-west-3',
      expect.closeTo((1000 * 600 * 0.1) / 3.6e6, 12),
    ]);
  });

  it('are not weighed by a mixture of data sets, nor where the saving is within what the numbers are worth', async () => {
    const builtin = await packagedPipeline('processors.co2.dataset=builtin');
    const mixed = await advised(adviseOnRegions, [inRegion('us-east-1')], builtin);
    expect([mixed.advice, reasonsOf(mixed.silences)]).toEqual([[], ['not_comparable', 'not_comparable']]);
    const value = await packagedPipeline();
    const near = await advised(adviseOnRegions, [inRegion('us-east-1')], value, { regions: ['us-east-2'] });
    expect([near.advice, reasonsOf(near.silences)]).toEqual([[], ['not_comparable', 'not_comparable']]);
    const alike = await packagedPipeline('processors.co2.kg_per_kwh=0.3');
    expect((await advised(adviseOnRegions, [inRegion('us-east-1')], alike)).advice).toEqual([]);
  });

  it('are not told of runs whose factors are of several sources', async () => {
    const value = await packagedPipeline('processors.co2.regions={us-east-1: {kg_per_kwh: 0.3}}');
    const [stated, tabled] = await Promise.all(
      [value, await packagedPipeline()].map((one) => one(numbered([inRegion('us-east-1')]))),
    );
    const { proposals, silences } = await adviseOnRegions([...(stated ?? []), ...(tabled ?? [])], {
      value,
      idleLimit: 900,
      regions: ['eu-north-1'],
    });
    expect([proposals, silences[0]?.reason]).toEqual([[], 'not_comparable']);
    expect(silences[0]?.message).toContain('its runs have factors of several sources or years');
  });

  it('are none of those of a place of one’s own, unless they are named', async () => {
    const value = await packagedPipeline('processors.co2.regions={my-dc: {zone: DE}}');
    const { silences } = await advised(adviseOnRegions, [inRegion('my-dc')], value);
    expect(reasonsOf(silences)).toEqual(['unknown_region']);
    const named = await advised(adviseOnRegions, [inRegion('my-dc')], value, { regions: ['eu-west-3'] });
    expect(named.advice.map(({ id }) => id)).toEqual(['region-my-dc-to-eu-west-3']);
  });
});
