import { describe, expect, it } from 'vitest';
import { createTestContext } from '../../test/kit/context.ts';
import { makeRun } from '../model/run.ts';
import { observeFactors, resolveRegion } from './region.ts';

const gauges = {
  value: { name: 'test_price', unit: '{USD}/kW.h', description: 'a price' },
  year: { name: 'test_price_year', unit: 'a', description: 'its year' },
};
const runIn = (region?: string) => makeRun({ scenario: 'a run', ...(region && { region }) }, 'test', []);

describe('observeFactors', () => {
  it('tells value and year of the factors of the table that were used, by region', async () => {
    const { ctx, ownMetric } = createTestContext();
    const note = observeFactors(ctx, gauges);
    for (const region of ['us-east-1', 'eu-central-1', undefined, 'made-up']) {
      const config = { region: 'eu-north-1', unknown_region: 'fallback' } as const;
      note(resolveRegion(runIn(region), config), ({ usd_per_kwh }) => usd_per_kwh);
    }
    const told = (name: string, region: string) => ownMetric(name, { processor: ctx.id, region });
    expect(await told('test_price', 'us-east-1')).toBe(0.13);
    expect(await told('test_price', 'eu-north-1')).toBe(0.08);
    expect(await told('test_price', 'eu-central-1')).toBe(0.155);
    expect(await told('test_price_year', 'eu-central-1')).toBe(2025);
    expect(await told('test_price', 'eu-west-1')).toBeUndefined();
    expect(await told('test_price', 'made-up')).toBeUndefined();
  });
});
