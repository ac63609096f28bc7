import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Run } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import plugin from './index.ts';

function compare(config: object = {}) {
  const { ctx, runs, skips, lines } = createTestContext();
  const stage = plugin.create(ctx, plugin.configSchema.parse({ baseline: 'old', ...config }));
  const consume = async (run: FiguredRun | Run) => {
    await stage.consume([run instanceof Run ? run : figuredRun(run)], new AbortController().signal);
    return figures(runs.at(-1));
  };
  return { consume, runs, lines, reasons: () => skips.map(({ item, reason }) => [item, reason]), skips };
}

const old: FiguredRun = { scenario: 'old', region: 'us-east-1', totalUsd: 8, co2Kg: 4 };
const fresh: FiguredRun = { ...old, scenario: 'new', totalUsd: 6, co2Kg: 5 };
const SAVINGS = ['cost_savings_usd', 'cost_savings_ratio', 'co2_savings_kg', 'co2_savings_ratio'];
const savingsIn = (costs: Record<string, number>) => SAVINGS.map((name) => costs[name]);

describe('what a run saves', () => {
  it('is the difference to the baseline, and the part of it', async () => {
    const { consume, runs, reasons } = compare();
    const baseline = figuredRun(old);
    await consume(baseline);
    expect(runs[0]?.figures).toBe(baseline.figures);
    expect(savingsIn(await consume({ ...fresh, encoder: 'x265', bitrate: '5k' }))).toEqual([2, 0.25, -1, -0.25]);
    for (const name of SAVINGS) {
      expect(figureLabels(runs[1], name)).toEqual({
        scenario: 'new',
        region: 'us-east-1',
        encoder: 'x265',
        bitrate: '5k',
        baseline: 'old',
        per: 'run',
      });
    }
    expect(reasons()).toEqual([]);
  });

  it.each([
    ['hour', { 'run.duration': 3600 }, { 'run.duration': 1800 }],
    ['watch_hour', { 'run.duration': 1800, 'run.streams': 4 }, { 'run.duration': 3600, 'run.streams': 1 }],
    ['pixel', { 'run.pixels_processed': 1000 }, { 'run.pixels_processed': 500 }],
  ])('is for the same work: half of the %ss of the baseline', async (per, whole, half) => {
    const { consume } = compare({ per });
    await consume({ ...old, attributes: whole });
    expect(savingsIn(await consume({ ...fresh, totalUsd: 3, co2Kg: 2.5, attributes: half }))).toEqual([
      1, 0.25, -0.5, -0.25,
    ]);
  });

  it('is by the baseline that came last, also where a former one is valued again', async () => {
    const { consume } = compare();
    const at = (start: number, more = {}) => ({ 'run.start_time': start, 'run.duration': 60, ...more });
    await consume({ ...old, totalUsd: 100, attributes: at(1_790_000_000) });
    await consume({ ...old, totalUsd: 8, attributes: at(1_790_000_060) });
    await consume({ ...old, totalUsd: 90, attributes: at(1_790_000_000, { 'run.restated': 1 }) });
    expect((await consume(fresh)).cost_savings_usd).toBe(2);
    await consume({ ...old, totalUsd: 9, attributes: at(1_790_000_060, { 'run.restated': 1 }) });
    expect((await consume(fresh)).cost_savings_usd).toBe(3);
  });

  it('is by the baseline that came last in its own region, also where only the figure names it', async () => {
    const { consume, skips } = compare();
    await consume(old);
    await consume({ ...old, region: 'eu-west-1', totalUsd: 100 });
    const { region: _, ...nowhere } = old;
    await consume({ ...nowhere, totalUsd: 20 });
    expect((await consume(fresh)).cost_savings_usd).toBe(2);
    expect((await consume({ ...fresh, region: 'eu-west-1' })).cost_savings_usd).toBe(94);
    const { region: __, ...lost } = fresh;
    expect((await consume(lost)).cost_savings_usd).toBe(14);
    await consume({ ...old, totalUsd: 16 });
    expect((await consume(fresh)).cost_savings_usd).toBe(10);
    expect((await consume({ ...fresh, region: 'eu-north-1' })).cost_savings_usd).toBeUndefined();
    expect(skips.map(({ item, message }) => [item, message])).toEqual([
      ['cost_savings_usd', 'no cost_savings_usd: no run of the baseline `old` in eu-north-1 has come before new'],
      ['co2_savings_kg', 'no co2_savings_kg: no run of the baseline `old` in eu-north-1 has come before new'],
    ]);
  });

  it('is as explained', async () => {
    const attributes = { 'run.duration': 1800, 'run.streams': 4 };
    const { consume, lines } = compare({ per: 'watch_hour' });
    await consume({ ...old, attributes: { 'run.duration': 3600, 'run.streams': 1 } });
    const found = await consume({ ...fresh, attributes });
    const value = (name: string) => lines.find((line) => line.name === name)?.value as number;
    const expression = (name: string) => lines.find((line) => line.name === name)?.expression;
    expect(expression('baseline_usd')).toBe('baseline_usd_per_watch_hour * stream_hours');
    expect(value('baseline_usd')).toBe(value('baseline_usd_per_watch_hour') * value('stream_hours'));
    expect(expression('cost_savings_usd')).toBe('baseline_usd - cost_total_load_aware');
    expect(value('cost_savings_usd')).toBe(value('baseline_usd') - 6);
    expect(expression('cost_savings_ratio')).toBe('cost_savings_usd / baseline_usd');
    for (const name of SAVINGS) expect(value(name)).toBe(found[name]);
  });

  it('scales with the price, and is the part of it that the ratio says', async () => {
    const amount = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(amount, amount, amount, amount, amount, async (before, now, hours, more, times) => {
        const savings = async (price: number) => {
          const { consume } = compare({ per: 'hour' });
          await consume({ ...old, totalUsd: before * price, attributes: { 'run.duration': hours } });
          return consume({ ...fresh, totalUsd: now * price, attributes: { 'run.duration': more } });
        };
        const one = await savings(1);
        const expected = (before / hours) * more;
        const within = 1e-9 * (expected + now);
        expect(Math.abs((one.cost_savings_usd as number) + now - expected)).toBeLessThan(within);
        expect(Math.abs((one.cost_savings_ratio as number) * expected + now - expected)).toBeLessThan(within);
        const scaled = await savings(times);
        expect(Math.abs((scaled.cost_savings_usd as number) / times + now - expected)).toBeLessThan(within);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a run has no savings, and is counted', () => {
  it.each([
    [
      'before any baseline',
      [fresh],
      [
        ['cost_savings_usd', 'no_baseline'],
        ['co2_savings_kg', 'no_baseline'],
      ],
    ],
    ['without cost', [old, { scenario: 'new', region: 'us-east-1', co2Kg: 1 }], [['cost_savings_usd', 'no_cost']]],
    [
      'without emissions',
      [old, { scenario: 'new', region: 'us-east-1', totalUsd: 1 }],
      [['co2_savings_kg', 'no_emissions']],
    ],
    [
      'where the baseline has no emissions',
      [{ scenario: 'old', region: 'us-east-1', totalUsd: 8 }, fresh],
      [
        ['co2_savings_kg', 'no_emissions'],
        ['co2_savings_kg', 'no_baseline'],
      ],
    ],
    ['where the baseline comes to 0', [{ ...old, totalUsd: 0 }, fresh], [['cost_savings_ratio', 'zero_baseline']]],
  ] as [string, FiguredRun[], string[][]][])('%s', async (_, runs, expected) => {
    const { consume, reasons } = compare();
    let last: Record<string, number> = {};
    for (const run of runs) last = await consume(run);
    expect(reasons()).toEqual(expected);
    for (const [item] of expected) expect(last[item as string]).toBeUndefined();
  });

  it.each([
    ['hour', {}, 'no_duration'],
    ['watch_hour', { 'run.duration': 1 }, 'unknown_streams'],
    ['watch_hour', { 'run.duration': 1, 'run.streams': 0 }, 'no_streams'],
    ['pixel', {}, 'no_pixel'],
  ])('where nothing is known per %s: %j', async (per, attributes, reason) => {
    const { consume, reasons } = compare({ per });
    await consume({ ...fresh, attributes });
    expect(reasons()).toEqual([
      ['cost_savings_usd', reason],
      ['co2_savings_kg', reason],
    ]);
  });
});

it('remembers the thousand regions that it has seen last', async () => {
  const { consume } = compare();
  for (let i = 0; i <= 1000; i++) {
    await consume({ ...old, region: `region ${i}` });
    if (i === 500) await consume({ ...old, region: 'region 0' });
  }
  expect((await consume({ ...fresh, region: 'region 1' })).cost_savings_usd).toBeUndefined();
  for (const kept of [0, 2, 1000]) {
    expect((await consume({ ...fresh, region: `region ${kept}` })).cost_savings_usd).toBe(2);
  }
});

it('needs a baseline', () => {
  expect(plugin.configSchema.safeParse({}).success).toBe(false);
  expect(plugin.configSchema.safeParse({ baseline: '' }).success).toBe(false);
});
