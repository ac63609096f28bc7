import type { DataPoint } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findFigure } from 'wattline/figures';
import { figure, Run } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import plugin from './index.ts';

const YEAR = 365 * 24 * 3600;
const embodied = { total_kg: 1000 };

async function sciOf(given: FiguredRun | Run, config: object = { embodied }) {
  const { ctx, runs, skips, lines, ownMetric } = createTestContext({ id: 'sci' });
  const run = given instanceof Run ? given : figuredRun(given);
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  const result = runs[0] as Run;
  const metrics = result.scopeMetrics.flatMap((scope) => scope.metrics);
  const points = (metrics.find(({ descriptor }) => descriptor.name === 'sci')?.dataPoints ?? []) as DataPoint<number>[];
  return {
    run,
    result,
    embodiedKg: figures(result).embodied_emissions_kg as number,
    sci: Object.fromEntries(points.map(({ attributes, value }) => [attributes.functional_unit, value])),
    points,
    skips: skips.map(({ item, reason }) => [item, reason]),
    messages: skips.map(({ message }) => message),
    lines,
    ownMetric,
  };
}

const worked: FiguredRun = {
  scenario: '4 streams @ 5000k',
  co2Kg: 0.5,
  attributes: {
    'run.duration': YEAR / 1000,
    'run.total_frames': 100,
    'run.pixels_processed': 1000,
    'run.requests': 10,
    'run.orders': 4,
  },
};

const closeTo = (actual: number | undefined, expected: number) =>
  expect(Math.abs((actual as number) / expected - 1)).toBeLessThan(1e-12);

describe('embodied emissions of a run', () => {
  it('are its time over the lifespan, and its share, of those of the machine', async () => {
    const { embodiedKg, result } = await sciOf({ ...worked, attributes: { 'run.duration': 3600 } });
    closeTo(embodiedKg, 28.538812785388128 / 1000);
    expect(figureLabels(result, 'embodied_emissions_kg')).toEqual({ scenario: '4 streams @ 5000k' });
    const quarter = await sciOf(worked, { embodied: { ...embodied, lifespan_years: 1, share: 0.25 } });
    closeTo(quarter.embodiedKg, 0.25);
    const vcpus = { reserved_vcpus: 2, total_vcpus: 8 };
    const same = await sciOf(worked, { embodied: { ...embodied, lifespan_years: 1, share: vcpus } });
    expect(same.embodiedKg).toBe(quarter.embodiedKg);
  });

  it('carry the region that the run’s other figures carry', async () => {
    const { co2Kg: _, ...bare } = worked;
    const cost = { name: 'cost', unit: '{USD}', description: '' };
    const alone = figuredRun(bare).with({ figures: [figure(cost, 1, { region: 'x' })] });
    expect(figureLabels((await sciOf(alone)).result, 'embodied_emissions_kg')?.region).toBe('x');
  });
});

describe('the software carbon intensity of a run', () => {
  const config = {
    embodied: { ...embodied, lifespan_years: 1, share: 0.5 },
    functional_units: ['stream_hour', 'frame', 'pixel', 'request', { name: 'order', attribute: 'run.orders' }],
  };

  it('is its emissions in grams for each functional unit', async () => {
    // 500 g in operation, and of 1000 kg in a year a thousandth of the half.
    const { sci, points, result, skips } = await sciOf({ ...worked, region: 'eu-west-1', encoder: 'x264' }, config);
    const hours = YEAR / 1000 / 3600;
    const expected = { stream_hour: 1000 / (4 * hours), frame: 10, pixel: 1, request: 100, order: 250 };
    expect(Object.keys(sci)).toEqual(Object.keys(expected));
    for (const [unit, value] of Object.entries(expected)) closeTo(sci[unit], value);
    const labels = { scenario: '4 streams @ 5000k', region: 'eu-west-1', encoder: 'x264' };
    expect(points.map(({ attributes }) => attributes)).toEqual(
      Object.keys(expected).map((functional_unit) => ({ ...labels, functional_unit })),
    );
    const metric = result.scopeMetrics.at(-1)?.metrics.at(-1);
    expect(metric?.descriptor).toMatchObject({ name: 'sci', unit: 'g{CO2e}' });
    expect(skips).toEqual([]);
  });

  it.each([
    [undefined, 500],
    ['location', 500],
  ])('counts emissions by location (%s), and never those by another method', async (method, grams) => {
    const { co2Kg: _, ...bare } = worked;
    const run = figuredRun(bare);
    const emissions = (kilograms: number, label: string | undefined) => {
      const definition = { name: 'co2_emissions_kg', unit: 'kg{CO2e}', description: '' };
      return figure(definition, kilograms, label === undefined ? {} : { method: label });
    };
    const others = [emissions(7, 'market'), emissions(9, 'marginal')];
    const free = { embodied: { total_kg: 0 }, functional_units: ['frame'] };
    const { sci } = await sciOf(run.with({ figures: [...others, emissions(0.5, method)] }), free);
    closeTo(sci.frame, grams / 100);
    const alone = await sciOf(run.with({ figures: others }), free);
    expect(alone.sci).toEqual({});
    expect(alone.skips).toEqual([['sci', 'no_emissions']]);
    expect(findFigure(alone.result, 'embodied_emissions_kg')?.value).toBe(0);
  });

  it('has no point for a unit of which there is none, which is counted', async () => {
    const { sci, skips, messages } = await sciOf(
      { ...worked, scenario: 'baseline', attributes: { 'run.duration': 60, 'run.total_frames': 0, 'run.requests': 5 } },
      config,
    );
    expect(Object.keys(sci)).toEqual(['request']);
    expect(skips.map(([, reason]) => reason)).toEqual(['no_streams', 'no_frame', 'no_pixel', 'no_order']);
    expect(new Set(skips.map(([item]) => item))).toEqual(new Set(['sci']));
    expect(messages[0]).toBe('no sci: the functional unit `stream_hour` is not known: baseline had no streams');
  });

  it('is unknown for a run of unknown duration, which goes on as it is', async () => {
    const { run, result, skips } = await sciOf({ ...worked, attributes: { 'run.total_frames': 3 } });
    expect(result).toBe(run);
    expect(skips).toEqual([
      ['embodied_emissions_kg', 'no_duration'],
      ['sci', 'no_duration'],
    ]);
  });

  it('grows with the emissions and shrinks with the units', async () => {
    const amount = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    await fc.assert(
      fc.asyncProperty(amount, amount, amount, amount, amount, async (co2Kg, total_kg, duration, frames, times) => {
        const intensity = async (scale: number, count: number) => {
          const attributes = { 'run.duration': duration, 'run.total_frames': count };
          const settings = { embodied: { total_kg: total_kg * scale }, functional_units: ['frame'] };
          return (await sciOf({ co2Kg: co2Kg * scale, attributes }, settings)).sci.frame as number;
        };
        const one = await intensity(1, frames);
        closeTo(await intensity(times, frames), one * times);
        closeTo(await intensity(1, frames * times), one / times);
        expect(one * frames).toBeGreaterThanOrEqual(co2Kg * 1000 * (1 - 1e-12));
      }),
      { numRuns: 50 },
    );
  });
});

it('says what the figures rest on', async () => {
  const config = { embodied: { ...embodied, source: 'a data sheet' }, functional_units: ['frame'] };
  const { result, lines, sci, embodiedKg, ownMetric } = await sciOf(worked, config);
  const perHour = await ownMetric('wattline_factor_value', { factor: 'embodied/sci' });
  closeTo(perHour, 28.538812785388128 / 1000);
  expect(result.resource.attributes).toMatchObject({
    'factor.embodied.id': 'embodied/sci',
    'factor.embodied.value': perHour,
    'factor.embodied.unit': 'kg{CO2e}/h',
    'factor.embodied.source': 'a data sheet',
    'factor.embodied.state': 'static',
  });
  const line = (name: string) => lines.find((each) => each.name === name);
  const value = (name: string) => line(name)?.value as number;
  expect(line('embodied_emissions_kg')?.expression).toBe(
    'machine_embodied_kg * (hours / machine_lifespan_hours) * machine_share',
  );
  const life = value('hours') / value('machine_lifespan_hours');
  closeTo(value('machine_embodied_kg') * life * value('machine_share'), embodiedKg);
  expect(line('sci_frame')?.expression).toBe('(co2_emissions_kg + embodied_emissions_kg) * 1000 / frame_count');
  closeTo(((0.5 + embodiedKg) * 1000) / value('frame_count'), value('sci_frame'));
  expect(value('sci_frame')).toBe(sci.frame);
});

it.each([
  ['no embodied emissions', {}],
  ['a share above 1', { embodied: { ...embodied, share: 1.5 } }],
  ['more vCPUs than there are', { embodied: { ...embodied, share: { reserved_vcpus: 9, total_vcpus: 8 } } }],
  ['a lifespan of 0', { embodied: { ...embodied, lifespan_years: 0 } }],
  ['no functional unit', { embodied, functional_units: [] }],
  ['an unknown functional unit', { embodied, functional_units: ['user'] }],
  ['a unit twice', { embodied, functional_units: ['frame', { name: 'frame', attribute: 'run.frames' }] }],
  ['a unit that is no word', { embodied, functional_units: [{ name: 'Order', attribute: 'run.orders' }] }],
])('refuses %s', (_, config) => {
  expect(plugin.configSchema.safeParse(config).success).toBe(false);
});
