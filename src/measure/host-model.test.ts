import { describe, expect, it } from 'vitest';
import type { Run } from '../model/run.ts';
import { type FeatureName, type ModelOptions, type TrainedModel, trainTarget } from '../prediction/index.ts';
import { parseRun } from '../results/index.ts';
import { hostModelOf } from './host-model.ts';
import type { MeasuredRun } from './measured-run.ts';
import { toScenario } from './scenario.ts';
import { givenCurve } from './utilisation-curve.ts';

const options: ModelOptions = { model: 'linear', leastDifferent: 3, level: 0.9, outside: 'widen' };

/** Runs of a host with four CPUs that draws 20 W, and 10 W more for each core. */
const runs = [0, 1, 2, 3, 4].map((cores) => {
  const samples = { step_seconds: 5, power_watts: [20 + 10 * cores, 20 + 10 * cores], cpu_usage_cores: [cores, cores] };
  return parseRun({ name: `${cores}`, start_time: 1000 * (cores + 1), duration: 5, logical_cpus: 4, ...samples }, {})
    .run as Run;
});

function trained(feature: FeatureName, own: Partial<ModelOptions> = {}, groupBy: string[] = []): TrainedModel {
  const lesson = { feature, groupBy, kinds: ['measured'] } as const;
  const power = trainTarget(runs, 'power', lesson, { ...options, ...own }).trained;
  const card = { files: 1, trainedAt: '2026-11-30T21:00:00.000Z', wattlineVersion: '1.0.0' };
  return { feature, groupBy, targets: { ...(power && { power }) }, ...card };
}

describe('a model of the host', () => {
  it.each(['cpu_cores', 'cpu_utilisation'] as const)('by %s gives its power at a number of cores', (feature) => {
    const { at, record } = hostModelOf('models/host.json', trained(feature), {}, 4);
    expect(at(1.5).value).toBeCloseTo(35, 9);
    // Samples may count a little more than all cores.
    expect(at(4.1).value).toBeCloseTo(60, 9);
    expect(record).toMatchObject({ file: 'host.json', feature, curve: 'linear', runs: 5, learnt_from: ['measured'] });
  });

  it.each<[string, TrainedModel, number, RegExp]>([
    ['of another feature', trained('streams'), 4, /does not know power/],
    ['without power', { ...trained('cpu_cores'), targets: {} }, 4, /does not know power/],
    ['by streams', { ...trained('cpu_cores'), feature: 'streams' }, 4, /predicts by streams; train it with --feature/],
    ['of a smaller host that refuses', trained('cpu_cores', { outside: 'refuse' }), 8, /at 8 of 8 cores 8 is outside/],
    ['that the host exceeds', trained('cpu_cores', { most: 50 }), 4, /more than the 50 that are possible/],
  ])('%s is refused before anything is measured', (_, model, cpus, why) => {
    expect(() => hostModelOf('host.json', model, {}, cpus)).toThrow(why);
  });
});

describe('an entry of a results file by a model of the host', () => {
  const measured: MeasuredRun = {
    ...{ startTime: 1_790_000_000, duration: 4, times: [0, 1, 2, 3, 4], cpuSeconds: [0, 2, 4, 6, 8] },
    ...{ joules: undefined, exitStatus: 0, stoppedBy: undefined, otherCores: 0, leftBehind: 0 },
  };
  const provenance = { interval: 1, cpuSource: 'proc', curve: givenCurve(1, 2, 4) } as const;
  const entry = (cpus: number) => {
    const host = hostModelOf('host.json', trained('cpu_cores'), {}, cpus);
    return toScenario({ name: 'a run', program: 'tool' }, measured, { ...provenance, trained: host });
  };

  it('says which model it was, with the bounds of its power, which its run has too', () => {
    const scenario = entry(4);
    expect(scenario).toMatchObject({ power: 'modelled', power_model: { file: 'host.json', runs: 5 }, logical_cpus: 4 });
    expect(scenario.power_watts).toEqual([40, 40, 40, 40, 40]);
    const { run } = parseRun(JSON.parse(JSON.stringify(scenario)), {});
    expect(run?.power).toBe('modelled');
    const { attributes = {} } = run ?? {};
    expect(attributes['power.predicted_watts']).toBe(40);
    expect(attributes['power.predicted_watts_lower']).toBeLessThanOrEqual(40);
    expect(attributes['power.predicted_watts_upper']).toBeGreaterThanOrEqual(40);
    expect(attributes['power.interval_level']).toBeCloseTo(5 / 6, 9);
    expect(attributes).not.toHaveProperty('power.extrapolated');
  });

  it('takes power that was measured before that of a model', () => {
    const host = hostModelOf('host.json', trained('cpu_cores'), {}, 4);
    const joules = [0, 7, 14, 21, 28];
    const more = { ...provenance, raplZones: ['package-0'], trained: host };
    const scenario = toScenario({ name: 'a run', program: 'tool' }, { ...measured, joules }, more);
    expect(scenario).toMatchObject({ power: 'measured', power_watts: [7, 7, 7, 7, 7] });
    expect(scenario).not.toHaveProperty('power_model');
    expect(scenario).not.toHaveProperty('predicted_watts');
  });
});
