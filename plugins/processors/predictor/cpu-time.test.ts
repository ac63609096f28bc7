import { describe, expect, it } from 'vitest';
import { cpuUsage, type Run, Series, samplesOf } from 'wattline/plugin';
import { createTestContext, figureLabels, figures } from '../../../test/kit/context.ts';
import { measuredRun as measured, runOf } from '../../../test/kit/runs-with-power.ts';
import { testedPredictor as predictor } from '../../../test/kit/tested-predictor.ts';
import cost from '../cost/index.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

describe('CPU time', () => {
  const cpu = (cores: number) => samplesOf(cpuUsage, Series.regular([1766947958, 0], 5, Float64Array.of(cores, cores)));
  const known = [1, 2, 3].map((streams) => measured(streams).with({ samples: [cpu(2 * streams)] }));

  it('is predicted too of a run that has neither, and is said to be', async () => {
    const { consume } = predictor();
    const run = (await consume(...known, runOf('2 streams', []))).at(-1) as Run;
    expect(run.cpu).toBe('predicted');
    expect(run.samplesOf(cpuUsage)?.series.values[0]).toBeCloseTo(4, 9);
    expect(run.attributes).toMatchObject({
      'cpu.predicted_cores': expect.closeTo(4, 9),
      'cpu.predicted_cores_lower': expect.any(Number),
      'cpu.predicted_cores_upper': expect.any(Number),
      'cpu.interval_level': 0.75,
    });
  });

  it('is neither made up beside measured power nor in place of what was measured, nor where it is not wanted', async () => {
    const { consume } = predictor();
    const runs = await consume(...known, measured(2, 7), runOf('2 streams', [cpu(1)]));
    expect(runs.map((run) => run.cpu)).toEqual(Array(5).fill(undefined));
    expect(runs.at(-1)?.samplesOf(cpuUsage)?.series.values).toEqual(Float64Array.of(1, 1));
    const without = predictor({}, '.', { targets: ['power'] });
    const run = (await without.consume(...known, runOf('2 streams', []))).at(-1);
    expect([run?.power, run?.cpu]).toEqual(['predicted', undefined]);
  });

  it('needs predicted power', () => {
    expect(() => plugin.configSchema.parse({ targets: ['cpu'] })).toThrow('expected `power` among them');
  });

  it('is not learnt from predictions', async () => {
    const { consume, ownMetric } = predictor();
    await consume(...known.map((run) => run.with({ attributes: { cpu: 'predicted' } })));
    expect(await ownMetric('wattline_predictor_cpu_training_runs')).toBe(0);
    expect(await ownMetric('wattline_predictor_training_runs')).toBe(3);
  });

  it('makes a total cost', async () => {
    const { ctx, runs } = createTestContext();
    const last = cost.create(ctx, cost.configSchema.parse({ region: 'us-east-1' }));
    const first = plugin.create({ ...ctx, next: last }, plugin.configSchema.parse({}));
    for (const run of [...known, runOf('2 streams', [])]) await first.consume([run], never);
    expect(figures(runs.at(-1))).toHaveProperty('cost_total_load_aware');
    expect(figureLabels(runs.at(-1), 'cost_total_load_aware')).toMatchObject({ power: 'predicted' });
  });
});
