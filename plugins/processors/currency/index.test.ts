import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, type Run } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { figuredRun } from '../../../test/kit/figured-run.ts';
import { liveMetric } from '../../../test/kit/live-streams.ts';
import plugin from './index.ts';

const day = (date: string) => Date.parse(date) / 1000;
const table = [
  { date: '2026-04-01', EUR: 0.5, JPY: 150 },
  { date: '2026-01-01', EUR: 0.25, SEK: 10, source: 'a bank' },
];
const runOf = (end: number) => figuredRun({ scenario: 'a run', region: 'x', totalUsd: 8, energyUsd: 2, co2Kg: 1, end });

async function convert(run: Run, rates: object[] = table) {
  const { ctx, runs, skips, lines, ownMetric } = createTestContext();
  await plugin.create(ctx, plugin.configSchema.parse({ rates })).consume([run], new AbortController().signal);
  const result = runs[0] as Run;
  const own = result.scopeMetrics.filter(({ scope }) => scope.name === 'wattline/currency');
  const metrics = own.flatMap((scope) => scope.metrics);
  return { result, metrics, figures: figures(result), skips, lines, ownMetric };
}

describe('figures in other currencies', () => {
  it('are those in USD at the rate in force, beside them', async () => {
    const run = runOf(day('2026-04-01'));
    const { result, metrics, skips } = await convert(run);
    expect(figures(result)).toEqual({
      cost_energy_load_aware: 2,
      cost_total_load_aware: 8,
      co2_emissions_kg: 1,
      cost_energy_load_aware_eur: 1,
      cost_total_load_aware_eur: 4,
      cost_energy_load_aware_jpy: 300,
      cost_total_load_aware_jpy: 1200,
      cost_energy_load_aware_sek: 20,
      cost_total_load_aware_sek: 80,
    });
    expect(metrics.map(({ descriptor: { unit } }) => unit)).toEqual(
      ['{EUR}', '{JPY}', '{SEK}'].flatMap((unit) => [unit, unit]),
    );
    expect(figureLabels(result, 'cost_total_load_aware_eur')).toEqual({ scenario: 'a run', region: 'x' });
    expect(skips).toEqual([]);
  });

  it.each([
    ['2026-01-01', 2],
    ['2026-03-31T23:59:59.999Z', 2],
    ['2026-04-01', 4],
    ['2050-01-01', 4],
  ])('have the rate of the last date up to the end of the run: %s', async (end, expected) => {
    expect((await convert(runOf(day(end)))).figures.cost_total_load_aware_eur).toBe(expected);
  });

  it('are none of a run that does not say when it was', async () => {
    const { skips } = await convert(figuredRun({ totalUsd: 8, attributes: { 'run.read_time': day('2026-11-30') } }));
    expect([...new Set(skips.map(({ reason }) => reason))]).toEqual(['no_time']);
  });

  it('are none before the first rate, and each currency is counted', async () => {
    const { figures, skips } = await convert(runOf(day('2026-03-31')));
    expect(Object.keys(figures).filter((name) => /_(eur|jpy|sek)$/.test(name))).toEqual([
      'cost_energy_load_aware_eur',
      'cost_total_load_aware_eur',
      'cost_energy_load_aware_sek',
      'cost_total_load_aware_sek',
    ]);
    expect(skips).toEqual([
      {
        item: 'JPY',
        reason: 'no_rate',
        message: 'no figures in JPY: the first rate of JPY is from after the end of a run',
      },
    ]);
    const early = runOf(day('2025-12-31'));
    const none = await convert(early);
    expect(none.result).toBe(early);
    expect(none.skips.map(({ item }) => item)).toEqual(['EUR', 'JPY', 'SEK']);
  });

  it('keep what they are for each of, all points, and no `_usd` in their names', async () => {
    const run = runOf(day('2026-04-01'));
    const pixel = { name: 'cost_per_pixel', unit: '{USD}/{pixel}', description: 'Some USD' };
    const saved = { name: 'cost_savings_usd', unit: '{USD}', description: 'Some USD' };
    const own = [
      figure(pixel, 4, { method: 'location' }),
      figure(pixel, 6, { method: 'market' }),
      figure(saved, 2, { method: 'location' }),
    ];
    const counter = liveMetric(saved.name, 'counter', [{ at: 1, value: 2 }], saved.unit);
    const { metrics, lines } = await convert(
      run.with({ figures: own, metrics: [{ scope: { name: 'more' }, metrics: [counter] }] }),
      [{ date: '2026-01-01', EUR: 0.5 }],
    );
    expect(metrics.slice(2)).toMatchObject([
      {
        descriptor: { name: 'cost_per_pixel_eur', unit: '{EUR}/{pixel}', description: 'Some EUR' },
        dataPoints: [
          { value: 2, attributes: { method: 'location' } },
          { value: 3, attributes: { method: 'market' } },
        ],
      },
      { descriptor: { name: 'cost_savings_eur', unit: '{EUR}' }, dataPoints: [{ value: 1 }] },
    ]);
    expect(lines.map(({ name }) => name)).not.toContain('cost_per_pixel_eur');
  });

  it('are not made where nothing is in USD', async () => {
    const run = figuredRun({ scenario: 'a run', co2Kg: 1, end: day('2025-01-01') });
    const { result, skips } = await convert(run);
    expect(result).toBe(run);
    expect(skips).toEqual([]);
  });

  it('say which rate they rest on', async () => {
    const { result, lines, ownMetric } = await convert(runOf(day('2026-02-01')));
    const record = {
      'factor.exchange_rate.sek.id': 'exchange_rate/SEK/2026-01-01',
      'factor.exchange_rate.sek.value': 10,
      'factor.exchange_rate.sek.unit': '{SEK}/{USD}',
      'factor.exchange_rate.sek.source': 'a bank',
      'factor.exchange_rate.sek.year': 2026,
      'factor.exchange_rate.sek.state': 'static',
      'factor.exchange_rate.eur.value': 0.25,
    };
    expect(result.resource.attributes).toMatchObject(record);
    expect(lines.slice(-3)).toMatchObject([
      { name: 'sek_per_usd', value: 10 },
      { name: 'cost_energy_load_aware_sek', expression: 'cost_energy_load_aware * sek_per_usd', value: 20 },
      { name: 'cost_total_load_aware_sek', expression: 'cost_total_load_aware * sek_per_usd', value: 80 },
    ]);
    expect(await ownMetric('wattline_factor_value', { factor: 'exchange_rate/SEK/2026-01-01' })).toBe(10);
  });

  it('divide back into USD, and change by no later row', async () => {
    const rate = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
    const days = fc.array(fc.tuple(fc.integer({ min: 0, max: 364 }), rate), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(days, fc.integer({ min: 0, max: 364 }), async (rows, ended) => {
        const dateOf = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
        const byDay = new Map(rows);
        const rates = [...byDay].map(([index, EUR]) => ({ date: dateOf(index), EUR }));
        const run = runOf(day(dateOf(ended)) + 3600);
        const eur = (await convert(run, rates)).figures.cost_total_load_aware_eur;
        const inForce = [...byDay].filter(([index]) => index <= ended).sort(([a], [b]) => b - a)[0]?.[1];
        if (inForce === undefined) expect(eur).toBeUndefined();
        else expect(Math.abs((eur as number) / inForce - 8)).toBeLessThan(1e-12);
        const later = [...rates.filter(({ date }) => date <= dateOf(ended)), { date: dateOf(ended + 1), EUR: 77 }];
        expect((await convert(run, later)).figures.cost_total_load_aware_eur).toBe(eur);
      }),
      { numRuns: 50 },
    );
  });
});

it.each([
  ['no rows', []],
  ['no date', [{ EUR: 1 }]],
  ['no such date', [{ date: '2026-02-30', EUR: 1 }]],
  [
    'a date twice',
    [
      { date: '2026-01-01', EUR: 1 },
      { date: '2026-01-01', SEK: 1 },
    ],
  ],
  ['a rate of 0', [{ date: '2026-01-01', EUR: 0 }]],
  ['a rate as text', [{ date: '2026-01-01', EUR: '0.92' }]],
  ['small letters', [{ date: '2026-01-01', eur: 0.92 }]],
  ['a rate of the dollar', [{ date: '2026-01-01', USD: 1 }]],
])('refuses a table with %s', (_, rates) => {
  expect(plugin.configSchema.safeParse({ rates }).success).toBe(false);
});
