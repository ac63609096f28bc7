import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuUsage, filledCpu, filledPower, hostPower, Run, type Samples, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import plugin from './index.ts';

const START = 1_766_947_958;
const gap = Number.NaN;
const series = (values: readonly number[], step = 5) => Series.regular([START, 0], step, Float64Array.from(values));
const power = (...values: number[]) => samplesOf(hostPower, series(values));
const cpu = (...values: number[]) => samplesOf(cpuUsage, series(values));
const runOf = (samples: Samples[], attributes = {}) =>
  Run.of({ scenario: 'a run', 'run.start_time': START, 'run.duration': 120, ...attributes }, { samples });

async function energyOf(run: Run, config: object = {}) {
  const { ctx, runs, skips, lines, ownMetric } = createTestContext();
  await plugin.create(ctx, plugin.configSchema.parse(config)).consume([run], new AbortController().signal);
  const result = runs[0] as Run;
  const coverage = result.figures.filter(({ definition }) => definition.name === 'coverage_ratio');
  return {
    result,
    figures: figures(result),
    labels: (name: string) => figureLabels(result, name),
    coverage: Object.fromEntries(coverage.map(({ labels, value }) => [labels?.signal, value])),
    skips: skips.map(({ item, reason }) => [item, reason]),
    messages: skips.map(({ message }) => message),
    attributes: result.resource.attributes,
    lines,
    ownMetric,
  };
}

describe('coverage', () => {
  it('is the span that was integrated over the duration', async () => {
    const nine = Array<number>(9).fill(50);
    const { coverage, figures, skips, messages } = await energyOf(runOf([power(...nine), cpu(...nine.slice(0, 5))]));
    expect(coverage).toEqual({ power: 40 / 120, cpu: 20 / 120 });
    expect(figures).toMatchObject({ energy_joules: 2000, cpu_core_seconds: 1000 });
    expect(skips).toEqual(Array(2).fill(['coverage_ratio', 'low_coverage']));
    expect(messages[0]).toBe('`power_watts` of a run was measured for 40 s of 120 s');
  });

  it.each(['modelled', 'predicted'])('of %s power is not said to be measured', async (kind) => {
    const run = runOf([power(50, 50), cpu(1, 1)], { power: kind, 'run.duration': 60 });
    const { messages, lines, labels } = await energyOf(run);
    expect(messages).toEqual([
      `\`power_watts\` of a run was ${kind} for 5 s of 60 s`,
      '`cpu_usage_cores` of a run was measured for 5 s of 60 s',
    ]);
    expect(lines.map(({ name, note }) => [name, note])).toEqual([
      ['energy_joules', `${kind}, trapezoidal rule, 2 samples over 5 s`],
      ['coverage_ratio_power', `${kind} for 5 s of 60 s`],
      ['cpu_core_seconds', 'measured, trapezoidal rule, 2 samples over 5 s'],
      ['coverage_ratio_cpu', 'measured for 5 s of 60 s'],
    ]);
    expect(labels('energy_joules')).toMatchObject({ power: kind });
  });

  it('leaves out gaps', async () => {
    const { coverage } = await energyOf(runOf([power(50, 50, gap, gap, 50, 50)], { 'run.duration': 25 }));
    expect(coverage).toEqual({ power: 10 / 25 });
  });

  it('counts each sample for its interval where it is the mean of one', async () => {
    const attributes = { 'run.duration': 10, 'run.sampling': 'interval' };
    expect((await energyOf(runOf([power(50, 60)], attributes))).coverage).toEqual({ power: 1 });
  });

  it('does not count what was measured outside of the run, of which the energy stays and is said', async () => {
    const { coverage, figures, skips, messages } = await energyOf(runOf([power(1, 1, 1, 1)], { 'run.duration': 10 }));
    expect([coverage, figures.energy_joules]).toEqual([{ power: 1 }, 15]);
    expect(skips).toContainEqual(['coverage_ratio', 'samples_exceed_duration']);
    expect(messages[0]).toBe(
      '`power_watts` of a run was measured for 15 s, the run took 10 s, and 5 s of it are outside of the run',
    );
  });

  it('is that of the stated window, whatever is around it', async () => {
    const run = runOf([power(...Array<number>(9).fill(50))], { 'run.start_time': START + 10, 'run.duration': 60 });
    const { coverage, figures, skips } = await energyOf(run, { fill: 'mean' });
    expect(coverage).toEqual({ power: 30 / 60 });
    expect(skips).toContainEqual(['coverage_ratio', 'samples_exceed_duration']);
    expect(figures).not.toHaveProperty('energy_filled_joules');
  });

  it('is whole for a single sample that stands for its run, whenever it was taken', async () => {
    const late = samplesOf(hostPower, Series.irregular([START + 120, 0], Float64Array.of(0), Float64Array.of(50)));
    const { coverage, figures } = await energyOf(runOf([late]), { fill: 'mean' });
    expect([coverage, figures.energy_joules, figures.energy_filled_joules]).toEqual([{ power: 1 }, 6000, undefined]);
  });

  it('leaves out holes without a missing sample in them', async () => {
    const at = (...offsets: number[]) =>
      samplesOf(
        hostPower,
        Series.irregular([START, 0], Float64Array.from(offsets), new Float64Array(offsets.length).fill(100)),
      );
    const { coverage, figures, lines } = await energyOf(runOf([at(0, 1, 2, 3, 4, 7204)], { 'run.duration': 7204 }));
    expect([coverage, figures.energy_joules]).toEqual([{ power: 4 / 7204 }, 400]);
    expect(lines[0]?.note).toBe(
      'measured, trapezoidal rule, 6 samples over 4 s, without 7200 s of holes, where samples are more than two steps apart',
    );
  });

  it('has no fault in a slice of a stream that lacks a signal: a machine need not report all', async () => {
    const { figures, skips } = await energyOf(runOf([power(50, 50)], { 'run.duration': 5, 'stream.id': 'a' }));
    expect(figures).toMatchObject({ energy_joules: 250 });
    expect(skips).toEqual([]);
  });

  it('is of the time from the first sample to the last where nothing else says how long the run was', async () => {
    const run = Run.of({ scenario: 'a run' }, { samples: [power(50, 50, gap, gap, 50, 50)] });
    const { coverage, figures } = await energyOf(run);
    expect([coverage, figures.energy_joules]).toEqual([{ power: 10 / 25 }, 500]);
  });
});

describe('a run without samples', () => {
  it('has no energy rather than none', async () => {
    const run = runOf([]);
    const { result, skips } = await energyOf(run, { fill: 'mean' });
    expect(result).toBe(run);
    expect(skips).toEqual([
      ['energy_joules', 'no_power_watts'],
      ['cpu_core_seconds', 'no_cpu_usage_cores'],
    ]);
  });
});

describe('what was not measured', () => {
  it('is left open unless the configuration says otherwise', async () => {
    const { figures, result } = await energyOf(runOf([power(50, 50)]));
    expect(figures).not.toHaveProperty('energy_filled_joules');
    expect(result.samplesOf(filledPower)?.series).toBeUndefined();
  });

  it('is the mean of what was, as a figure of its own, before, between and after', async () => {
    const run = runOf([power(40, 60, gap, gap, 60, 40), cpu(2, 2)], { 'run.start_time': START - 10 });
    const { figures, labels, result } = await energyOf(run, { fill: 'mean' });
    expect(figures.energy_joules).toBe(500);
    expect(figures.energy_filled_joules).toBe(50 * 110);
    expect(figures.cpu_filled_core_seconds).toBe(2 * 115);
    expect(labels('energy_filled_joules')).toEqual({ scenario: 'a run', fill: 'mean' });
    const series = result.samplesOf(filledPower)?.series as Series;
    expect(Array.from(series.values, (value, i) => [series.offset(i), value])).toEqual([
      [-10, 50],
      [0, gap],
      [5, 50],
      [20, gap],
      [25, 50],
      [110, gap],
    ]);
    expect(result.samplesOf(filledCpu)?.series?.length).toBe(4);
  });

  it('has bounds where it is a predicted power, and an end that is no power is counted', async () => {
    const ends = { 'power.predicted_watts_lower': -1, 'power.predicted_watts_upper': 90 };
    const predicted = runOf([power(50, 50)], { 'power.predicted_watts': 80, ...ends });
    const { figures, skips } = await energyOf(predicted, { fill: 'predicted' });
    expect(figures.energy_filled_joules_upper).toBe(90 * 115);
    expect(figures).not.toHaveProperty('energy_filled_joules_lower');
    expect(skips).toContainEqual(['energy_filled_joules_lower', 'invalid_filled_power_watts_lower']);
  });

  it('is what a predictor says, of power alone', async () => {
    const predicted = runOf([power(50, 50), cpu(2, 2)], { 'power.predicted_watts': 80 });
    const { figures } = await energyOf(predicted, { fill: 'predicted' });
    expect(figures.energy_filled_joules).toBe(80 * 115);
    expect(figures).not.toHaveProperty('cpu_filled_core_seconds');
    const { skips } = await energyOf(runOf([power(50, 50)]), { fill: 'predicted' });
    expect(skips).toContainEqual(['energy_filled_joules', 'no_prediction']);
    const whole = await energyOf(runOf([power(50, 50), cpu(2, 2)], { 'run.duration': 5 }), { fill: 'predicted' });
    expect(whole.skips).toEqual([]);
  });

  it('comes before samples that end with a run whose start is not said', async () => {
    const run = Run.of({ 'run.end_time': START + 5, 'run.duration': 120 }, { samples: [power(50, 50)] });
    const { figures, result } = await energyOf(run, { fill: 'mean' });
    expect(figures.energy_filled_joules).toBe(50 * 115);
    const series = result.samplesOf(filledPower)?.series as Series;
    expect([series.offset(0), series.offset(1)]).toEqual([-115, 0]);
  });

  it.each([
    ['from its start on', 0, [10, 30]],
    ['up to its end, where its samples are from there', 170, [-20, 0]],
  ])('is of its duration where it waited for longer than it ran: %s', async (_, begun, stretch) => {
    const window = { 'run.start_time': START, 'run.end_time': START + 180, 'run.duration': 30 };
    const step = samplesOf(hostPower, Series.regular([START + begun, 0], 10, Float64Array.of(50, 50)));
    const run = Run.of({ scenario: 'a run', ...window }, { samples: [step] });
    const { figures, result } = await energyOf(run, { fill: 'mean' });
    expect(figures.energy_filled_joules).toBe(50 * 20);
    const series = result.samplesOf(filledPower)?.series as Series;
    expect([series.offset(0), series.offset(1)]).toEqual(stretch);
  });

  it('is all of the run where its samples are from after it', async () => {
    const run = Run.of({ 'run.end_time': START - 5, 'run.duration': 120 }, { samples: [power(50, 50)] });
    const { coverage, result } = await energyOf(run, { fill: 'mean' });
    const series = result.samplesOf(filledPower)?.series as Series;
    expect([coverage, series.offset(0), series.offset(1)]).toEqual([{ power: 0 }, -125, -5]);
  });

  it('is not made up beside samples from outside of the run, which cover it already', async () => {
    const run = runOf([power(...Array<number>(25).fill(50))], { 'run.start_time': START - 5000 });
    const { figures, coverage, messages } = await energyOf(run, { fill: 'mean' });
    expect(coverage).toEqual({ power: 0 });
    expect(figures).not.toHaveProperty('energy_filled_joules');
    expect(messages).toContain('no energy_filled_joules: 120 s of the `power_watts` of a run are outside of the run');
  });

  it('never changes what was, and together they last as long as the run', async () => {
    const value = fc.oneof(fc.constant(gap), fc.double({ min: 0, max: 500, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 2, maxLength: 20 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 50 }),
        async (values, before, after) => {
          const duration = before + (values.length - 1) * 5 + after;
          const run = runOf([power(...values)], { 'run.start_time': START - before, 'run.duration': duration });
          const [none, mean] = [await energyOf(run), await energyOf(run, { fill: 'mean' })];
          expect(mean.figures.energy_joules).toBe(none.figures.energy_joules);
          expect(mean.coverage).toEqual(none.coverage);
          const [joules, filled] = [mean.figures.energy_joules, mean.figures.energy_filled_joules ?? 0];
          if (joules === undefined) return;
          const watts = joules / ((mean.coverage.power as number) * duration);
          expect(joules + filled).toBeCloseTo(watts * duration, 6);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the power usage effectiveness', () => {
  it('is 1 unless the configuration says otherwise', async () => {
    expect((await energyOf(runOf([power(1, 1)]))).attributes).not.toHaveProperty('energy.pue');
  });

  it('goes with the run, and its record with it', async () => {
    const { attributes, ownMetric, figures } = await energyOf(runOf([power(1, 1)]), { pue: 1.5 });
    expect(attributes).toMatchObject({ 'energy.pue': 1.5, 'factor.pue.id': 'pue/configured', 'factor.pue.value': 1.5 });
    expect(await ownMetric('wattline_factor_value', { factor: 'pue/configured' })).toBe(1.5);
    // Energy is what was measured, where it was measured.
    expect(figures.energy_joules).toBe(5);
  });

  it('is that of the region where the configuration asks for it', async () => {
    const { attributes } = await energyOf(runOf([power(1, 1)], { region: 'eu-central-1' }), { pue: 'region' });
    expect(attributes['energy.pue']).toBe(1.35);
    const unknown = await energyOf(runOf([power(1, 1)], { region: 'mars-1' }), { pue: 'region' });
    expect(unknown.attributes).not.toHaveProperty('energy.pue');
    expect(unknown.skips).toContainEqual(['energy.pue', 'unknown_region']);
  });

  it('is not applied to what was measured at the meter', async () => {
    const { attributes } = await energyOf(runOf([power(1, 1)], { boundary: 'facility' }), { pue: 1.5 });
    expect(attributes).not.toHaveProperty('energy.pue');
  });
});

it.each([
  ['pue', { pue: 140 }],
  ['regions.here.pue', { regions: { here: { pue: 3.1 } } }],
])('refuses a PUE that is not plausible at %s, unless the configuration says `plausible: any`', (path, config) => {
  const issues = plugin.configSchema.safeParse(config).error?.issues;
  expect(issues?.map((issue) => issue.path.join('.'))).toEqual([path]);
  expect(plugin.configSchema.safeParse({ ...config, plausible: 'any' }).success).toBe(true);
});
