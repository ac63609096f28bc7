import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, Run } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import plugin from './index.ts';

const NAMES = ['cost_per_pixel', 'cost_per_watch_hour', 'cost_per_hour', 'cost_per_month'] as const;

async function unitCostsOf(given: FiguredRun | Run, config: object = {}) {
  const { ctx, runs, skips, lines } = createTestContext();
  const run = given instanceof Run ? given : figuredRun(given);
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  const result = runs[0] as Run;
  return { run, result, costs: figures(result), skips: skips.map(({ item, reason }) => [item, reason]), lines };
}

const two: FiguredRun = {
  scenario: '2 streams @ 2500k',
  totalUsd: 0.014206965277777778,
  attributes: { 'run.duration': 120.5, 'run.pixels_processed': 8_957_952_000 },
};
const four: FiguredRun = {
  scenario: '4 streams @ 5000k',
  totalUsd: 0.03673643055555556,
  attributes: { 'run.duration': 180.3, 'run.pixels_processed': 13_436_928_000 },
};

const closeTo = (actual: number | undefined, expected: number) =>
  expect(Math.abs((actual as number) / expected - 1)).toBeLessThan(1e-12);

describe('the unit costs of a run', () => {
  it.each([
    [two, 1.5859613087654e-12, 0.21222022821576764],
    [four, 2.7339902807811e-12, 0.18337652523571826],
  ])('are its total over its pixels, its watch hours and its hours: %j', async (run, perPixel, perWatchHour) => {
    const { costs, skips } = await unitCostsOf(run);
    closeTo(costs.cost_per_pixel, perPixel);
    closeTo(costs.cost_per_watch_hour, perWatchHour);
    const hours = (run.attributes?.['run.duration'] as number) / 3600;
    closeTo(costs.cost_per_hour, (run.totalUsd as number) / hours);
    closeTo(costs.cost_per_month, ((run.totalUsd as number) / hours) * 730);
    expect(skips).toEqual([]);
  });

  it('have a month as long as configured', async () => {
    const { costs } = await unitCostsOf(two, { hours_per_month: 160 });
    closeTo(costs.cost_per_month, (costs.cost_per_hour as number) * 160);
    expect(plugin.configSchema.safeParse({ hours_per_month: 0 }).success).toBe(false);
  });

  it('are of the total with the figures to add that the run has, and their labels', async () => {
    const run = figuredRun(two);
    const filled = { name: 'cost_filled', unit: '{USD}', description: '' };
    const longer = run.with({ figures: [figure(filled, 3, { fill: 'mean' })] });
    const config = { add: ['cost_of_nothing', 'cost_filled'] };
    const { costs, result, lines } = await unitCostsOf(longer, config);
    closeTo(costs.cost_per_pixel, (3 + (two.totalUsd as number)) / 8_957_952_000);
    expect(figureLabels(result, 'cost_per_hour')).toEqual({ scenario: '2 streams @ 2500k', fill: 'mean' });
    expect(lines.find(({ name }) => name === 'cost_per_hour')?.expression).toBe(
      '(cost_total_load_aware + cost_filled) / hours',
    );
    const without = await unitCostsOf(run, config);
    closeTo(without.costs.cost_per_pixel, 1.5859613087654e-12);
    expect(figureLabels(without.result, 'cost_per_hour')).toEqual({ scenario: '2 streams @ 2500k' });
  });

  it('are of no energy twice: what another cost includes is not added', async () => {
    const filled = { name: 'cost_energy_filled', unit: '{USD}', description: '' };
    const run = figuredRun(two).with({ figures: [figure(filled, 3, { fill: 'mean', included_in: 'compute' })] });
    const { costs, result } = await unitCostsOf(run, { add: ['cost_energy_filled'] });
    closeTo(costs.cost_per_pixel, (two.totalUsd as number) / 8_957_952_000);
    expect(figureLabels(result, 'cost_per_hour')).toEqual({ scenario: '2 streams @ 2500k' });
  });

  it('carry the labels and the units of money', async () => {
    const { result } = await unitCostsOf({ ...two, region: 'eu-west-1', encoder: 'x264', bitrate: '5k' });
    for (const name of NAMES) {
      const labels = { scenario: '2 streams @ 2500k', region: 'eu-west-1', encoder: 'x264', bitrate: '5k' };
      expect(figureLabels(result, name)).toEqual(labels);
    }
    expect(result.scopeMetrics.at(-1)?.metrics.map(({ descriptor }) => descriptor.unit)).toEqual([
      '{USD}/{pixel}',
      '{USD}/{watch_hour}',
      '{USD}/h',
      '{USD}/{month}',
    ]);
  });

  it('are explained by numbers of the run', async () => {
    const { costs, lines } = await unitCostsOf(two);
    const known = new Map<string, number>([['cost_total_load_aware', two.totalUsd as number]]);
    for (const { name, expression, value } of lines) {
      const recomputed = expression === undefined ? value : evaluate(expression, known);
      closeTo(recomputed, value);
      known.set(name, value);
    }
    for (const name of NAMES) expect(known.get(name)).toBe(costs[name]);
  });

  it('grow with the cost, and shrink with the work', async () => {
    const amount = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    const run = fc.record({ usd: amount, duration: amount, pixels: amount, streams: fc.integer({ min: 1, max: 99 }) });
    await fc.assert(
      fc.asyncProperty(run, amount, fc.integer({ min: 1, max: 9 }), async (of, times, more) => {
        const costs = async ({ usd, duration, pixels, streams }: typeof of) => {
          const attributes = { 'run.duration': duration, 'run.pixels_processed': pixels, 'run.streams': streams };
          return (await unitCostsOf({ totalUsd: usd, attributes })).costs;
        };
        const one = await costs(of);
        const dearer = await costs({ ...of, usd: of.usd * times });
        for (const name of NAMES) closeTo(dearer[name], (one[name] as number) * times);
        const longer = await costs({ ...of, usd: of.usd * times, duration: of.duration * times });
        for (const name of NAMES.slice(1)) closeTo(longer[name], one[name] as number);
        const wider = await costs({ ...of, streams: of.streams * more, pixels: of.pixels * more });
        for (const name of NAMES.slice(0, 2)) closeTo(wider[name], (one[name] as number) / more);
        expect(wider.cost_per_hour).toBe(one.cost_per_hour);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a run lacks the figures', () => {
  const without = (...names: string[]) => NAMES.filter((name) => !names.includes(name));

  it('of what it does not know, and each is counted', async () => {
    const timed = ['cost_per_watch_hour', 'cost_per_hour', 'cost_per_month'];
    const pixels = { 'run.pixels_processed': 5 };
    const cases: [FiguredRun, string[], [string, string][]][] = [
      [{ ...two, attributes: { 'run.duration': 9 } }, ['cost_per_pixel'], [['cost_per_pixel', 'no_pixel']]],
      [{ ...two, attributes: pixels }, timed, timed.map((name) => [name, 'no_duration'])],
      [{ ...two, scenario: 'baseline' }, ['cost_per_watch_hour'], [['cost_per_watch_hour', 'no_streams']]],
      [{ ...two, scenario: 'a run' }, ['cost_per_watch_hour'], [['cost_per_watch_hour', 'unknown_streams']]],
    ];
    for (const [run, missing, expected] of cases) {
      const { costs, skips } = await unitCostsOf(run);
      expect(Object.keys(costs).filter((name) => name.startsWith('cost_per_'))).toEqual(without(...missing));
      expect(skips).toEqual(expected);
    }
  });

  it('where it has no total, and goes on as it is', async () => {
    const { totalUsd: _, ...bare } = two;
    const { run, result, skips } = await unitCostsOf({ ...bare, energyUsd: 1 });
    expect(result.figures).toBe(run.figures);
    expect(skips).toEqual(NAMES.map((name) => [name, 'no_cost']));
  });

  it('but has those of a total of 0', async () => {
    const { costs } = await unitCostsOf({ ...two, totalUsd: 0 });
    expect(NAMES.map((name) => costs[name])).toEqual([0, 0, 0, 0]);
  });
});

/** The value of `a op b`, where each is a number or a known name. */
function evaluate(expression: string, known: ReadonlyMap<string, number>): number {
  const [left, operator, right] = expression.split(' ').map((word) => known.get(word) ?? word);
  return operator === '*' ? Number(left) * Number(right) : Number(left) / Number(right);
}
