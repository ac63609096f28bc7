import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from '../figures/measure.ts';
import { cpuUsage, hostPower } from '../model/signals.ts';
import { parseRun } from '../results/index.ts';
import { figuresOf } from './figures.ts';
import type { MeasuredRun } from './measured-run.ts';
import { toScenario } from './scenario.ts';
import { givenCurve } from './utilisation-curve.ts';

const curve = givenCurve(10, 50, 4);
const labels = { name: 'a run', program: 'tool', bitrate: undefined, streams: 2, region: 'eu-west-1' };
const run = (more: Partial<MeasuredRun>): MeasuredRun => ({
  startTime: 1_790_000_000.1234,
  duration: 4,
  times: [0, 1, 2, 3, 4],
  cpuSeconds: [0, 1, 3, 5, 6],
  joules: undefined,
  exitStatus: 0,
  stoppedBy: undefined,
  otherCores: 0.12345,
  leftBehind: 0,
  ...more,
});

describe('toScenario', () => {
  it('gives the receiver the CPU time and the energy that were counted', () => {
    const counts = fc.array(fc.double({ min: 0.01, max: 8, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(counts, fc.double({ min: 0.2, max: 3, noNaN: true }), (gains, gap) => {
        const times = [0, ...gains.map((_, i) => (i + 1) * gap)];
        const cpuSeconds = [0];
        for (const gain of gains) cpuSeconds.push((cpuSeconds.at(-1) as number) + gain);
        const joules = cpuSeconds.map((value) => value * 7);
        const measured = run({ duration: times.at(-1) as number, times, cpuSeconds, joules });
        const provenance = { interval: 1, cpuSource: 'proc' as const, raplZones: ['package-0'], curve };
        const { run: parsed } = parseRun(JSON.parse(JSON.stringify(toScenario(labels, measured, provenance))), {
          fallbackTime: 0,
        });
        const total = cpuSeconds.at(-1) as number;
        if (!parsed) throw new Error('refused');
        expect((measure(parsed, cpuUsage).value as number) / total).toBeCloseTo(1, 6);
        expect((measure(parsed, hostPower).value as number) / (7 * total)).toBeCloseTo(1, 6);
      }),
    );
  });

  it('says what was measured and what was modelled', () => {
    const modelled = toScenario(labels, run({}), { interval: 1, cpuSource: 'cgroup', curve });
    expect(modelled).toMatchObject({
      start_time: 1_790_000_000.123,
      end_time: 1_790_000_004.123,
      step_seconds: 1,
      cpu_source: 'cgroup',
      cpu_usage_cores: [1, 1.5, 2, 1.5, 1],
      power: 'modelled',
      power_source: 'model',
      power_model: { idle_watts: 10, max_watts: 50, logical_cpus: 4 },
      power_watts: [20, 25, 30, 25, 20],
      other_cpu_cores: 0.123,
    });
    const joules = [0, 100, 200, 300, 400];
    const measured = toScenario(labels, run({ joules, stoppedBy: 'SIGINT' }), {
      interval: 1,
      cpuSource: 'proc',
      raplZones: ['package-0', 'package-1'],
      curve,
    });
    expect(measured).toMatchObject({
      cpu_source: 'proc',
      power: 'measured',
      power_source: 'rapl',
      power_boundary: 'CPU packages of the host: package-0, package-1',
      power_watts: [100, 100, 100, 100, 100],
      stopped_by: 'SIGINT',
    });
    expect(measured).not.toHaveProperty('power_model');
  });
});

it('comes to the figures of the pipeline', () => {
  const scenario = toScenario(labels, run({}), { interval: 1, cpuSource: 'cgroup', curve });
  const figures = figuresOf(scenario, { usdPerKwh: 0.2, usdPerCoreHour: 0.5, kgPerKwh: 0.28 });
  expect(figures['CPU [core-h]']).toBeCloseTo(6 / 3600, 12);
  expect(figures['mean CPU [cores]']).toBeCloseTo(1.5, 12);
  expect(figures['energy [kJ]']).toBeCloseTo(0.1, 12);
  expect(figures['mean power [W]']).toBeCloseTo(25, 12);
  expect(figures['energy cost [USD]']).toBeCloseTo((100 / 3.6e6) * 0.2, 15);
  expect(figures['compute cost [USD]']).toBeCloseTo((6 / 3600) * 0.5, 15);
  expect(figures['total cost [USD]']).toBe(figures['energy cost [USD]'] + figures['compute cost [USD]']);
  expect(figures['emissions [kg CO2e]']).toBeCloseTo((100 / 3.6e6) * 0.28, 15);
});
