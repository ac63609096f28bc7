import { describe, expect, it, onTestFinished } from 'vitest';
import { figure, type Run } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { figuredRun } from '../../../test/kit/figured-run.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

/** Serves these runs, and returns what the API answers. */
async function serve(config: object, runs: readonly Run[]) {
  const port = await freePort();
  const { ctx } = createTestContext({ status: () => ({ state: 'running', pipelines: [], stages: [] }) });
  const stage = plugin.create(ctx, plugin.configSchema.parse({ endpoint: `127.0.0.1:${port}`, ...config }));
  await stage.start?.(never);
  onTestFinished(async () => stage.shutdown?.(never));
  stage.observe?.(runs);
  // biome-ignore lint/suspicious/noExplicitAny: these are answers in JSON, whose shape the tests check
  const get = async (path: string): Promise<any> => (await fetch(`http://127.0.0.1:${port}/api/${path}`)).json();
  await expect.poll(async () => (await get('summary')).totals.runs).toBe(2);
  return get;
}

/** 0.001 kWh and 0.01 core-hours. */
const measured = {
  region: 'r',
  start: 0,
  end: 36,
  power: [720, 720],
  cpu: [7.2, 7.2],
  energyUsd: 0.0001,
  totalUsd: 0.0051,
};
const eur = (name: string, value: number, unit = '{EUR}') => figure({ name, unit, description: '' }, value);
const record = (use: string, value: number, unit: string) => ({
  ...{ [`factor.${use}.value`]: value, [`factor.${use}.unit`]: unit, [`factor.${use}.source`]: 'a source' },
});
const inEuro = figuredRun({
  ...{ ...measured, scenario: 'in euro', computeUsd: 0.005 },
  attributes: {
    ...record('price', 0.1, 'USD/kWh'),
    ...record('exchange_rate.eur', 0.5, '{EUR}/{USD}'),
    'energy.fill': 'mean',
  },
}).with({
  figures: [
    eur('cost_energy_load_aware_eur', 0.00005),
    eur('cost_compute_load_aware_eur', 0.0025),
    eur('cost_total_load_aware_eur', 0.00255),
    figure({ name: 'cost_energy_filled_eur', unit: '{EUR}', description: '' }, 7, { fill: 'mean' }),
  ],
});
const inUsd = figuredRun({ ...measured, scenario: 'in dollars' });
const stream = ['usd', 'eur'].map((currency, index) =>
  liveMetric(`cost_energy_load_aware_${currency}_total`, 'counter', [
    { at: Date.now() / 1000, start: Date.now() / 1000 - 60, value: index + 1, attributes: { scenario: 'a host' } },
  ]),
);
const all = [inEuro, inUsd, liveRun({}, ...stream)];

describe('the page in EUR', () => {
  it('has sums, shares and runs in EUR, of those runs that carry it', async () => {
    const get = await serve({ currency: 'EUR', budget: { cost: 10 } }, all);
    const { currency, totals, by_scenario, timeline, budget } = await get('summary');
    expect(currency).toBe('EUR');
    expect(totals).toMatchObject({ runs: 2, runs_with_total: 1, cost_total_eur: 0.00255, cost_energy_eur: 0.00005 });
    expect(by_scenario).toEqual([{ scenario: 'in euro', scenarios: 1, runs: 1, cost_total_eur: 0.00255 }]);
    expect(timeline.mean_total_eur).toEqual([expect.objectContaining({ share: 0, eur: 0.00255 })]);
    expect(timeline.sums[0]).toMatchObject({ cost_energy_eur: 0.00005, cost_compute_eur: 0.0025 });
    expect(budget).toEqual({ cost_eur: 10, co2_kg: null });
    const { runs } = await get('runs?sort=cost_total_eur');
    expect(runs.map(({ scenario, cost_total_eur }: never) => [scenario, cost_total_eur])).toEqual([
      ['in euro', 0.00255],
      ['in dollars', null],
    ]);
    expect(JSON.stringify([runs, totals, timeline])).not.toContain('usd');
  });

  it('has the arithmetic of a run in EUR, with the rate', async () => {
    const get = await serve({ currency: 'EUR' }, all);
    const { runs } = await get('runs');
    const runOf = async (name: string) =>
      get(`run?id=${runs.find(({ scenario }: { scenario: string }) => scenario === name).id}`);
    const { arithmetic, basis } = await runOf('in euro');
    expect(arithmetic.energy_cost).toEqual({
      eur: 0.00005,
      factor: { value: 0.1, unit: 'USD/kWh', source: 'a source' },
      rate: { value: 0.5, unit: '{EUR}/{USD}', source: 'a source' },
    });
    expect(arithmetic.compute_cost).toEqual({ eur: 0.0025 });
    expect(arithmetic.total_cost).toEqual({ eur: 0.00255, of: ['energy', 'compute'] });
    expect(basis.assumed).toEqual({ fill: 'mean', energy_eur: 7 });
    const other = await runOf('in dollars');
    expect(other.arithmetic).not.toHaveProperty('energy_cost');
    expect(other.arithmetic).not.toHaveProperty('total_cost');
  });

  it('has streams in EUR where their counters are', async () => {
    const get = await serve({ currency: 'EUR' }, all);
    expect((await get('streams')).totals).toMatchObject({ cost_per_hour_eur: 120, cost_energy_per_hour_eur: 120 });
    const usd = await serve({}, all);
    const { totals } = await usd('streams');
    expect(totals).toMatchObject({ cost_per_hour_usd: 60 });
    expect(totals).not.toHaveProperty('cost_per_hour_eur');
  });
});

it('is in any currency, also one that SQL has another meaning for', async () => {
  const get = await serve({ currency: 'ALL' }, all);
  expect((await get('summary')).totals.cost_total_all).toBeNull();
});

it.each([[{ currency: 'EUR', budget: { cost_usd: 5 } }], [{ currency: 'euro' }]])('refuses %o', (config) => {
  expect(plugin.configSchema.safeParse(config).success).toBe(false);
});
