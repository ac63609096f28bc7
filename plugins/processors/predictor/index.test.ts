import { afterEach, describe, expect, it } from 'vitest';
import { measure } from 'wattline/figures';
import { Attribute, cpuUsage, hostPower, type Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { measuredRun as measured, powerSamples as power, runOf } from '../../../test/kit/runs-with-power.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { testedPredictor as predictor } from '../../../test/kit/tested-predictor.ts';
import co2 from '../co2/index.ts';
import cost from '../cost/index.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

it('leaves slices of streams as they are, and learns nothing from them', async () => {
  const { consume, skips, ownMetric } = predictor();
  const slices = [0, 1, 2, 3].map((streams) => measured(streams).with({ attributes: { [Attribute.streamId]: 'a' } }));
  const bare = runOf('6 streams', [], { [Attribute.streamId]: 'a' });
  expect(await consume(...slices, bare)).toEqual([...slices, bare]);
  expect(await ownMetric('wattline_predictor_training_runs', { processor: 'tested' })).toBe(0);
  expect(skips).toEqual([]);
});

it('has nothing to do with metrics of other programs', async () => {
  const { consume, skips } = predictor();
  const others = liveRun({ 'service.name': 'otelcol' }, liveMetric('queue.length', 'gauge', [{ at: 1, value: 7 }]));
  expect(await consume(others)).toEqual([others]);
  expect(skips).toEqual([]);
});

describe('a run without power', () => {
  it('gets the power that the measured runs before it make likely, constant over its duration', async () => {
    const { consume, skips, ownMetric } = predictor();
    const bare = runOf('6 streams', [], { 'run.duration': 60 });
    const runs = await consume(...[1, 2, 3, 4, 5].map((streams) => measured(streams)), bare);
    const predicted = runs[5] as Run;
    expect(predicted.samplesOf(hostPower)?.series?.values).toEqual(Float64Array.of(175, 175));
    expect(measure(predicted, hostPower)).toMatchObject({ value: 175 * 60, span: 60 });
    expect(predicted.samplesOf(hostPower)?.series?.time(0)).toEqual([1000, 0]);
    expect(predicted.resource.attributes).toMatchObject({ scenario: '6 streams', power: 'predicted' });
    expect(predicted.window).toEqual(bare.window);
    expect(bare.resource.attributes).not.toHaveProperty('power');
    expect(skips).toEqual([]);
    expect(await ownMetric('wattline_predictor_r2', { processor: 'tested' })).toBe(1);
    expect(await ownMetric('wattline_predictor_training_runs', { processor: 'tested' })).toBe(5);
  });

  it('is explained by its curve, range and interval, and as one without where that is so', async () => {
    const { consume, lines } = predictor();
    await consume(...[1, 2, 3, 4].map((streams) => measured(streams, streams, 25 + 25 * streams + (streams % 2))));
    await consume(runOf('3 streams', []), runOf('6 streams', []));
    const by = 'predicted, n to n W at a level of n; by a monotone cubic through n measured runs (R² n), for n streams';
    expect(lines.map(({ note }) => note?.replaceAll(/\d[\d.]*(e-?\d+)?/g, 'n'))).toEqual([
      by,
      `${by}; outside of what was learnt from, n to n streams`,
    ]);
    const bare = predictor({ min_distinct_streams: 2 });
    await bare.consume(measured(1), measured(2), runOf('6 streams', []));
    expect(bare.lines).toEqual([
      expect.objectContaining({
        expression: '25 + 25 * 6',
        value: 175,
        note: expect.stringMatching(
          /^predicted, without an interval, since too few runs are known; by a line through 2/,
        ),
      }),
    ]);
  });

  it('carries what was predicted, its bounds and their level', async () => {
    const { consume } = predictor();
    const around = Array.from({ length: 200 }, (_, index) =>
      measured(index % 5, index, 25 + 25 * (index % 5) + (index % 2 ? 4 : -4)),
    );
    const runs = await consume(...around, runOf('3 streams', [], { 'run.duration': 60 }));
    const { attributes } = runs.at(-1)?.resource ?? {};
    expect(attributes?.['power.predicted_watts']).toBeCloseTo(100, 0);
    expect(attributes?.['power.predicted_watts_lower']).toBeCloseTo(96, 0);
    expect(attributes?.['power.predicted_watts_upper']).toBeCloseTo(104, 0);
    expect(attributes?.['power.interval_level']).toBe(0.9);
    expect(attributes).not.toHaveProperty('power.extrapolated');
    expect(runs[0]?.resource.attributes).not.toHaveProperty('power.predicted_watts');
  });

  it('claims no more than so many runs carry, and as much as is wanted', async () => {
    const { consume } = predictor({}, '.', { interval_level: 0.6 });
    const runs = await consume(...[1, 2, 3].map((streams) => measured(streams)), runOf('2 streams', []));
    expect(runs.at(-1)?.attributes['power.interval_level']).toBe(0.6);
    const wanting = predictor({}, '.', { interval_level: 0.9 });
    const more = await wanting.consume(...[1, 2, 3].map((streams) => measured(streams)), runOf('2 streams', []));
    expect(more.at(-1)?.attributes['power.interval_level']).toBe(0.75);
  });

  it('says on every figure that its power is predicted, and the measured ones do not', async () => {
    const { ctx, runs } = createTestContext();
    const last = co2.create(ctx, co2.configSchema.parse({ region: 'us-east-1' }));
    const middle = cost.create({ ...ctx, next: last }, cost.configSchema.parse({ region: 'us-east-1' }));
    const first = plugin.create({ ...ctx, next: middle }, plugin.configSchema.parse({}));
    const cpu = samplesOf(cpuUsage, Series.regular([1000, 0], 5, Float64Array.of(1, 1)));
    for (const run of [1, 2, 3].map((streams) => measured(streams))) await first.consume([run], never);
    await first.consume([runOf('8 streams', [cpu])], never);
    const predicted = runs[3];
    const names = ['cost_total_load_aware', 'cost_energy_load_aware', 'cost_compute_load_aware', 'co2_emissions_kg'];
    expect(Object.keys(figures(predicted))).toEqual(expect.arrayContaining(names));
    for (const name of names) expect(figureLabels(predicted, name)).toMatchObject({ power: 'predicted' });
    expect(figures(predicted).cost_energy_load_aware).toBeCloseTo(((225 * 100) / 3.6e6) * 0.13, 15);
    expect(figureLabels(runs[0], 'cost_energy_load_aware')).not.toHaveProperty('power');
  });

  it('lasts no longer where the run’s own samples are means of intervals', async () => {
    const { consume } = predictor();
    await consume(measured(1), measured(2), measured(3));
    const [predicted] = await consume(runOf('4 streams', [], { 'run.duration': 10, 'run.sampling': 'interval' }));
    expect(measure(predicted as Run, hostPower).value).toBe(1250);
  });

  it('is told of every run where that is asked for, and what was measured stays', async () => {
    const { consume, lines } = predictor({}, '.', { predict: 'always' });
    const [first, , third] = await consume(measured(1), measured(2), measured(3));
    expect(lines.map(({ name, value }) => [name, value])).toEqual([['predicted_watts', 100]]);
    expect(first?.resource.attributes).not.toHaveProperty('power.predicted_watts');
    expect(third?.resource.attributes['power.predicted_watts']).toBeCloseTo(100, 9);
    expect(third?.resource.attributes).not.toHaveProperty('power');
    expect((third as Run).samplesOf(hostPower)?.series).toEqual(measured(3).samplesOf(hostPower)?.series);
  });

  it('lasts as long as it says, else from its start to its end', async () => {
    const { consume } = predictor();
    await consume(measured(1), measured(2), measured(3));
    const joules = async (attributes: object) =>
      measure((await consume(runOf('4 streams', [], attributes)))[0] as Run, hostPower).value;
    expect(await joules({ 'run.duration': 10 })).toBe(1250);
    expect(await joules({})).toBe(12_500);
    expect(await joules({ 'run.duration': 0 })).toBe(12_500);
  });

  it('knows its streams from the field, else from the name, else as none where nothing was encoded', async () => {
    const { consume } = predictor();
    await consume(measured(1), measured(2), measured(3));
    const watts = async (name: string, attributes: object) =>
      (await consume(runOf(name, [], attributes)))[0]?.samplesOf(hostPower)?.series.values[0];
    expect(await watts('4 streams', { [Attribute.streams]: 10 })).toBeCloseTo(275, 10);
    expect(await watts('4 streams', { [Attribute.streams]: -1 })).toBeCloseTo(125, 10);
    expect(await watts('idle', {})).toBeCloseTo(25, 10);
    expect(await watts('nothing', { encoder: 'none' })).toBeCloseTo(25, 10);
  });
});

describe('a run that goes on without power', () => {
  const known = [measured(1), measured(2), measured(3)];
  it.each([
    [
      'unknown streams',
      known,
      runOf('10 Mbps Stream', []),
      'unknown_streams',
      'neither `streams` nor its name says how many streams it had',
    ],
    [
      'no duration',
      known,
      runOf('4 streams', [], { 'run.end_time': 1000 }),
      'no_duration',
      'it has neither a duration nor start and end',
    ],
    [
      'refused power',
      known,
      runOf('4 streams', [], { [Attribute.refused]: ['power_watts'] }),
      'power_refused',
      'its measured power was refused, and is not made up for',
    ],
    [
      'too little to learn from',
      known.slice(1),
      runOf('4 streams', []),
      'no_model',
      'measured runs of too few different numbers of streams are known',
    ],
  ])('%s', async (_, before, run, reason, why) => {
    const { consume, skips } = predictor();
    const runs = await consume(...before, run);
    expect(runs.at(-1)).toBe(run);
    expect(skips).toEqual([{ item: 'power_watts', reason, message: expect.stringContaining(why) }]);
    expect(skips[0]?.message).toMatch(/^no power is predicted for (4 streams|10 Mbps Stream): /);
  });
});

describe('what it learns from', () => {
  it('is what has arrived before, in any order, and each run once', async () => {
    const { consume, skips, ownMetric } = predictor();
    const bare = runOf('6 streams', []);
    const runs = await consume(bare, measured(3), measured(1), measured(2), measured(2), measured(1), bare);
    expect(skips.map(({ reason }) => reason)).toEqual(['no_model']);
    expect((runs.at(-1) as Run).samplesOf(hostPower)?.series?.values[0]).toBeCloseTo(175, 10);
    expect(await ownMetric('wattline_predictor_training_runs')).toBe(3);
    expect(runs[1]?.resource.attributes).not.toHaveProperty('power');
  });

  it('is modelled power only where that is asked for, and predicted power never', async () => {
    const kinds = ['modelled', 'predicted'];
    const runs = kinds.flatMap((power) =>
      [1, 2, 3].map((streams) => measured(streams).with({ attributes: { power } })),
    );
    const bare = runOf('6 streams', []);
    const strict = predictor();
    expect(await strict.consume(...runs, bare)).toEqual([...runs, bare]);
    expect(strict.skips[0]?.message).toMatch(
      /^no power is predicted .+: measured runs .+, or modelled power in training\.power$/,
    );
    const { consume, ownMetric, lines } = predictor({ power: ['measured', 'modelled'] });
    const known = await consume(...runs, bare);
    expect(known.slice(0, -1)).toEqual(runs);
    expect(known.at(-1)?.power).toBe('predicted');
    expect(await ownMetric('wattline_predictor_training_runs')).toBe(3);
    expect(lines[0]?.note).toContain('through 3 measured or modelled runs');
  });

  it('is no run with broken, predicted or unattributable power', async () => {
    const { consume, ownMetric } = predictor();
    await consume(
      runOf('1 stream', [power(1, -1)]),
      runOf('2 streams', [power(50, 50)], { power: 'predicted' }),
      runOf('many streams', [power(50, 50)]),
      runOf('4 streams', []),
    );
    expect(await ownMetric('wattline_predictor_training_runs')).toBe(0);
  });

  it('is at least so many numbers of streams, and at most so many runs', async () => {
    const { consume, skips, ownMetric } = predictor({ min_distinct_streams: 2, max_runs: 2 });
    await consume(measured(1, 1, 1000), measured(2), measured(4));
    const [predicted] = await consume(runOf('6 streams', []));
    expect((predicted as Run).samplesOf(hostPower)?.series?.values[0]).toBe(175);
    expect(await ownMetric('wattline_predictor_training_runs')).toBe(2);
    expect(skips).toEqual([]);
  });
});

describe('training files', () => {
  let folder: TemporaryFolder | undefined;
  afterEach(() => folder?.remove());
  const results = (...streams: number[]) =>
    JSON.stringify({
      scenarios: streams.map((count) => ({
        name: `${count} streams`,
        step_seconds: 5,
        start_time: count,
        power_watts: [25 + 25 * count],
      })),
    });

  it('are read at the start, so that the first run can be predicted', async () => {
    folder = await temporaryFolder({
      'a/one.json': results(1, 2),
      'a/two.json': `${results(3)}\n{"name": "bad`,
      'b.json': results(9),
    });
    const { stage, consume, skips, runs, ownMetric } = predictor({ include: ['./a/*.json'] }, folder.path);
    await stage.start?.(never);
    expect(runs).toEqual([]);
    expect(await ownMetric('wattline_predictor_training_runs')).toBe(3);
    expect(skips).toEqual([
      { item: 'file', reason: 'malformed', message: expect.stringMatching(/a\/two\.json: the text is cut off/) },
    ]);
    const [predicted] = await consume(runOf('6 streams', []));
    expect((predicted as Run).samplesOf(hostPower)?.series?.values[0]).toBeCloseTo(175, 10);
  });

  it('that are not there are said to be missing', async () => {
    folder = await temporaryFolder();
    const { stage, logs } = predictor({ include: ['*.json'] }, folder.path);
    await stage.start?.(never);
    expect(logs).toEqual(['warn: no file matches *.json: the model knows nothing yet']);
  });
});
