import { describe, expect, it } from 'vitest';
import { hostPower, type Run } from 'wattline/plugin';
import { measuredRun as measured, runOf } from '../../../test/kit/runs-with-power.ts';
import { testedPredictor as predictor } from '../../../test/kit/tested-predictor.ts';

describe('outside of what was learnt from', () => {
  const known = [1, 2, 3, 4].map((streams) => measured(streams, streams, 20 * streams + (streams % 2)));
  const last = async (more: object, scenario = '8 streams') => {
    const tested = predictor({}, '.', more);
    const run = (await tested.consume(...known, runOf(scenario, []))).at(-1) as Run;
    const { 'power.predicted_watts_lower': lower, 'power.predicted_watts_upper': upper } = run.attributes;
    return { ...tested, run, width: Number(upper) - Number(lower) };
  };

  it('a prediction says so, and has a wider interval unless that is not wanted', async () => {
    const flagged = await last({ outside_range: 'flag' });
    const widened = await last({});
    expect(flagged.run.attributes['power.extrapolated']).toBe(true);
    expect(widened.run.attributes['power.extrapolated']).toBe(true);
    expect(widened.width).toBeGreaterThan(flagged.width);
    expect(await widened.ownMetric('wattline_predictor_extrapolated_total', { target: 'power' })).toBe(1);
    const inside = await last({}, '3 streams');
    expect(inside.run.attributes).not.toHaveProperty('power.extrapolated');
    expect(await inside.ownMetric('wattline_predictor_extrapolated_total')).toBeUndefined();
  });

  it.each([
    [
      'outside of the range',
      { outside_range: 'refuse' },
      'extrapolated',
      '8 is outside of what was learnt from, 1 to 4',
    ],
    ['more than is possible', { max_watts: 100 }, 'impossible', 'more than the 100 that are possible'],
  ])('there is none where it is %s and that is refused', async (_, more, reason, why) => {
    const { run, skips } = await last(more);
    expect(run.samplesOf(hostPower)).toBeUndefined();
    expect(skips).toEqual([{ item: 'power_watts', reason, message: expect.stringContaining(why) }]);
  });

  it('the bound is what is possible', async () => {
    const { run } = await last({ max_watts: 170 });
    expect(run.attributes['power.predicted_watts_upper']).toBe(170);
  });
});

describe('groups', () => {
  const settings = { group_by: ['encoder'] };
  const by = (encoder: string, factor: number, count = 4) =>
    Array.from({ length: count }, (_, i) => measured(i + 1, i + 1, factor * (i + 1))).map((run) =>
      run.with({ attributes: { encoder, scenario: `${encoder} ${run.scenario}` } }),
    );
  const wattsOf = (run: Run | undefined) => run?.samplesOf(hostPower)?.series.values[0];

  it('are learnt from each for itself', async () => {
    const { consume, ownMetric } = predictor({}, '.', settings);
    await consume(...by('libx264', 10), ...by('av1', 30));
    const [x264, av1] = await consume(
      runOf('3 streams', [], { encoder: 'libx264' }),
      runOf('3 streams', [], { encoder: 'av1' }),
    );
    expect([wattsOf(x264), wattsOf(av1)]).toEqual([30, 90]);
    const labels = { group: 'encoder=av1' };
    expect(await ownMetric('wattline_predictor_r2', labels)).toBe(1);
    expect(await ownMetric('wattline_predictor_measured_watts', { ...labels, streams: '3' })).toBe(90);
  });

  it('of few runs borrow the shape of the others, which is said', async () => {
    const { consume, lines } = predictor({}, '.', settings);
    await consume(...by('libx264', 10), ...by('hevc', 20), ...by('av1', 30, 1));
    const [run] = await consume(runOf('3 streams', [], { encoder: 'av1' }));
    expect(wattsOf(run)).toBeGreaterThan(30);
    expect(lines.at(-1)?.note).toContain('the shape is that of 3 groups');
  });
});
