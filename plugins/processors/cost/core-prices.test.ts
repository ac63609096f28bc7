import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listPrices } from 'wattline/figures';
import { cpuUsage, hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const series = (value: number) => Series.regular([1_782_864_000, 0], 3600, Float64Array.of(value, value));
/** An hour of 1000 W and two cores. */
const runOf = (attributes = {}) =>
  Run.of(
    { scenario: 'a run', region: 'us-east-1', ...attributes },
    { samples: [samplesOf(hostPower, series(1000)), samplesOf(cpuUsage, series(2))] },
  );

async function costsOf(run: Run, config: object = {}) {
  const { ctx, runs, skips, lines, ownMetric } = createTestContext();
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  return {
    costs: figures(runs[0]),
    record: (field: string) => runs[0]?.resource.attributes[`factor.core_price.${field}`],
    labels: (name: string) => figureLabels(runs[0], name),
    skips: skips.map(({ item, reason }) => [item, reason]),
    messages: skips.map(({ message }) => message),
    ...{ lines, ownMetric },
  };
}

describe('a price of CPU time that nobody gave', () => {
  it('is a default and says so', async () => {
    const { costs, record, ownMetric } = await costsOf(runOf());
    expect(costs.cost_compute_load_aware).toBe(2 * 0.5);
    expect(record('id')).toBe('core_price/default');
    expect(record('source')).toBe('Wattline default, no source given, unverified');
    expect(await ownMetric('wattline_factor_info', { factor: 'core_price/default', year: '2025' })).toBe(1);
  });

  it('is configured where the same number is written', async () => {
    const { costs, record } = await costsOf(runOf(), { usd_per_core_hour: 0.5 });
    expect(costs).toEqual((await costsOf(runOf())).costs);
    expect([record('id'), record('source')]).toEqual(['core_price/tested/configured', 'configuration']);
  });

  it('adds no label to the costs', async () => {
    const { labels } = await costsOf(runOf());
    for (const name of ['cost_energy_load_aware', 'cost_compute_load_aware', 'cost_total_load_aware']) {
      expect(labels(name)).toEqual({ scenario: 'a run', region: 'us-east-1' });
    }
  });
});

describe('list prices', () => {
  it('are those of the machine that the run names, else of the configured one', async () => {
    const own = runOf({ 'host.type': 'c7g.large' });
    for (const config of [{ list_prices: true }, { instance_type: 'm6i.xlarge' }]) {
      const { costs, record } = await costsOf(own, config);
      expect(costs.cost_compute_load_aware).toBeCloseTo(2 * 0.03625, 15);
      expect(record('id')).toBe('core_price/aws/us-east-1/c7g');
    }
    const azure = await costsOf(runOf({ 'azure.vm.size': 'Standard_E4s_v5' }), { list_prices: true });
    expect(azure.costs.cost_compute_load_aware).toBeCloseTo(2 * 0.063, 15);
    const { record } = await costsOf(runOf(), { instance_type: 'n2-standard-8' });
    expect([record('id'), record('year')]).toEqual(['core_price/gcp/us-east1/n2-standard', 2026]);
  });

  it('are not looked at unless asked for, and come after a price of your own', async () => {
    const run = runOf({ 'host.type': 'c7g.large' });
    expect((await costsOf(run)).record('id')).toBe('core_price/default');
    const own = { list_prices: true, instance_type: 'm6i.large', usd_per_core_hour: 0.02 };
    expect((await costsOf(run, own)).costs).toEqual({
      cost_compute_load_aware: 0.04,
      cost_energy_load_aware: 0.13,
      cost_total_load_aware: 0.17,
    });
    const overTime = { list_prices: true, core_price: [{ usd_per_core_hour: 0.03 }] };
    expect((await costsOf(run, overTime)).costs.cost_compute_load_aware).toBe(0.06);
  });

  it('are none where no type is named or known, and then there is no figure', async () => {
    const unnamed = await costsOf(runOf(), { list_prices: true });
    expect(Object.keys(unnamed.costs)).toEqual(['cost_energy_load_aware']);
    expect(unnamed.skips).toEqual([['cost_compute_load_aware', 'no_instance_type']]);
    const unknown = await costsOf(runOf({ 'host.type': 't3.micro' }), { instance_type: 'm6i.large' });
    expect(unknown.skips).toEqual([['cost_compute_load_aware', 'no_list_price']]);
    expect(unknown.messages[0]).toBe(
      'no cost_compute_load_aware: no list price of `t3.micro` is known, the machine of a run; give `usd_per_core_hour`',
    );
    expect(plugin.configSchema.safeParse({ instance_type: 't3.micro' }).success).toBe(false);
  });

  it('all stand in the README with where they are from', () => {
    const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
    for (const { cloud, region, date, source, licence } of listPrices) {
      expect(readme).toContain(`| ${cloud} | \`${region}\` | ${date} | ${licence} | <${source}> |`);
    }
    for (const { family, usd_per_hour, vcpus } of listPrices) {
      expect(readme).toContain(`\`${family}\` ${Number((usd_per_hour / vcpus).toPrecision(4))}`);
    }
  });
});

describe('a price of CPU time that includes energy', () => {
  it('is the total, and energy has its own figure, which says so', async () => {
    for (const config of [{ usd_per_core_hour: 0.05, includes_energy: true }, { instance_type: 'm6i.large' }]) {
      const { costs, labels, skips } = await costsOf(runOf(), config);
      expect(costs.cost_energy_load_aware).toBe(0.13);
      expect(costs.cost_total_load_aware).toBe(costs.cost_compute_load_aware);
      expect(labels('cost_energy_load_aware')).toMatchObject({ included_in: 'compute', region: 'us-east-1' });
      expect(labels('cost_compute_load_aware')).not.toHaveProperty('included_in');
      expect(labels('cost_total_load_aware')).not.toHaveProperty('included_in');
      expect(skips).toEqual([]);
    }
  });

  it('gives a total wherever CPU time is known, and none of energy alone', async () => {
    const config = { usd_per_core_hour: 0.05, includes_energy: true, partial_total: true };
    const compute = Run.of({ scenario: 'a' }, { samples: [samplesOf(cpuUsage, series(2))] });
    expect((await costsOf(compute, config)).costs.cost_total_load_aware).toBe(0.1);
    const energy = Run.of({ scenario: 'a', region: 'us-east-1' }, { samples: [samplesOf(hostPower, series(1000))] });
    expect((await costsOf(energy, config)).costs).toEqual({ cost_energy_load_aware: 0.13 });
  });

  it('is explained', async () => {
    const { lines } = await costsOf(runOf(), { usd_per_core_hour: 0.05, includes_energy: true });
    expect(lines.find(({ name }) => name === 'cost_total_load_aware')).toEqual({
      name: 'cost_total_load_aware',
      expression: 'cost_compute_load_aware',
      value: 0.1,
      unit: '{USD}',
      note: 'the price of CPU time includes the energy, which is not added',
    });
  });

  it('never makes a total that depends on the price of energy', async () => {
    const price = fc.double({ min: 0, max: 10, noNaN: true });
    await fc.assert(
      fc.asyncProperty(price, price, fc.boolean(), async (usd_per_kwh, usd_per_core_hour, includes_energy) => {
        const config = { usd_per_kwh, usd_per_core_hour, includes_energy };
        const { costs } = await costsOf(runOf(), config);
        const { cost_energy_load_aware: energy = 0, cost_compute_load_aware: compute = 0 } = costs;
        expect(costs.cost_total_load_aware).toBe(includes_energy ? compute : energy + compute);
      }),
      { numRuns: 50 },
    );
  });
});
