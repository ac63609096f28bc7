import type { GaugeMetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { findSignal } from './find-signal.ts';
import { measure } from './measure.ts';
import { extendRun, makeRun } from './run.ts';
import { SampledGauge, Series } from './series.ts';
import { cpuUsage, hostPower, isSignal, signalGauge } from './signals.ts';

const START = [1766947958, 0] as [number, number];
const gauge = (name: string, values: readonly number[], offsets?: readonly number[]) => {
  const samples = Float64Array.from(values);
  const series = offsets
    ? Series.irregular(START, Float64Array.from(offsets), samples)
    : Series.regular(START, 5, samples);
  return new SampledGauge(name, 'W', '', series);
};
const run = (attributes: Record<string, number>, ...metrics: SampledGauge[]) =>
  makeRun({ scenario: 'a run', ...attributes }, 'test', metrics);

describe('measure', () => {
  it('integrates a signal under either of its names', () => {
    for (const name of ['hw.host.power', 'power_watts']) {
      expect(measure(run({}, gauge(name, [1, 2])), hostPower)).toMatchObject({ value: 7.5 });
    }
    for (const name of ['container.cpu.usage', 'cpu_usage_cores']) {
      expect(measure(run({}, gauge(name, [1, 2], [0, 2])), cpuUsage)).toMatchObject({ value: 3 });
    }
  });

  it('reads the same samples of two signals as each is to be read', () => {
    const series = Series.regular(START, 5, Float64Array.of(1, 2, 3));
    const attributes = { [cpuUsage.samplingAttribute]: 'interval' };
    const both = makeRun(attributes, 'test', [signalGauge(hostPower, series), signalGauge(cpuUsage, series)]);
    expect(measure(both, hostPower)).toMatchObject({ value: 20, span: 10 });
    expect(measure(both, cpuUsage)).toMatchObject({ value: 30, span: 15 });
    expect(measure(both, hostPower)).toMatchObject({ value: 20, span: 10 });
  });

  it('does not take the samples of two sources for one series', () => {
    const power = gauge('hw.host.power', [10, 20, 10, 20], [0, 1, 2, 3]);
    const points = (ids: readonly string[]) =>
      power.dataPoints.map((point, index) => ({
        ...point,
        attributes: { 'hw.id': ids[index % ids.length] as string },
      }));
    const of = (ids: readonly string[]) => {
      const { descriptor, dataPointType, aggregationTemporality } = power;
      const metric: GaugeMetricData = { descriptor, dataPointType, aggregationTemporality, dataPoints: points(ids) };
      return measure(makeRun({ scenario: 'a run' }, 'test', [metric]), hostPower);
    };
    expect(of(['a'])).toMatchObject({ value: 45 });
    expect(of(['a', 'b'])).toEqual({
      value: undefined,
      reason: 'invalid_power_watts',
      problem: '`power_watts` of a run mixes samples of 2 sources; send one, that of the host',
    });
  });

  it('takes a single sample without a step for the whole duration', () => {
    const sample = gauge('hw.host.power', [40], [0]);
    expect(measure(run({ 'run.duration': 60 }, sample), hostPower)).toMatchObject({ value: 2400 });
    expect(measure(run({ 'run.start_time': 100, 'run.end_time': 130 }, sample), hostPower)).toMatchObject({
      value: 1200,
    });
    expect(
      measure(run({ 'run.duration': 0, 'run.start_time': 100, 'run.end_time': 130 }, sample), hostPower),
    ).toMatchObject({
      value: 1200,
    });
  });

  it('takes samples for means of intervals where the run says so', () => {
    const batch = makeRun({ 'run.sampling': 'interval' }, 'test', [gauge('power_watts', [10, 20])]);
    expect(measure(batch, hostPower)).toMatchObject({ value: 150, span: 10, sampling: 'interval' });
  });

  it('reads each signal as the run says of it, where it says it of one', () => {
    const signals = [gauge('power_watts', [10, 20]), gauge('cpu_usage_cores', [1, 2])];
    const batch = makeRun({ 'run.sampling.cpu_usage_cores': 'interval' }, 'test', signals);
    expect(measure(batch, hostPower)).toMatchObject({ value: 75, sampling: 'instant' });
    expect(measure(batch, cpuUsage)).toMatchObject({ value: 15, sampling: 'interval' });
    const other = makeRun({ 'run.sampling': 'interval', 'run.sampling.power_watts': 'instant' }, 'test', signals);
    expect(measure(other, hostPower)).toMatchObject({ value: 75, sampling: 'instant' });
    expect(measure(other, cpuUsage)).toMatchObject({ value: 15, sampling: 'interval' });
  });

  it.each([
    ['nothing', [], 'no_power_watts', 'a run has no `power_watts`'],
    ['no sample', [gauge('power_watts', [])], 'no_power_watts', 'a run has no `power_watts`'],
    [
      'a lone sample',
      [gauge('power_watts', [40], [0])],
      'invalid_power_watts',
      '`power_watts` of a run is a single sample, which needs a step or a duration',
    ],
    [
      'a negative',
      [gauge('power_watts', [1, -2])],
      'invalid_power_watts',
      '`power_watts` of a run has -2 as sample 1, which is not a number of 0 or more',
    ],
    [
      'only missing ones',
      [gauge('power_watts', [1, Number.NaN, Number.NaN, 1], [0, 5, 10, 15])],
      'invalid_power_watts',
      '`power_watts` of a run has no two samples that are at most two steps apart',
    ],
    [
      'an infinite',
      [gauge('power_watts', [1 / 0])],
      'invalid_power_watts',
      '`power_watts` of a run has Infinity as sample 0, which is not a number of 0 or more',
    ],
    [
      'two at one time',
      [gauge('power_watts', [1, 2, 3], [0, 5, 5])],
      'invalid_power_watts',
      '`power_watts` of a run has two samples at the same time',
    ],
    [
      'a sum too large',
      [gauge('power_watts', [1e308, 1e308])],
      'invalid_power_watts',
      '`power_watts` of a run adds up to infinity',
    ],
  ])('has no value, and says why, for %s', (_, metrics, reason, problem) => {
    expect(measure(run({}, ...metrics), hostPower)).toEqual({ value: undefined, reason, problem });
  });
});

describe('findSignal', () => {
  it('passes over an empty metric, and takes the first of several', () => {
    const batch = extendRun(run({}, gauge('hw.host.power', []), gauge('hw.host.power', [7])), 'more', [
      gauge('power_watts', [9]),
    ]);
    expect(findSignal(batch, hostPower)?.values).toEqual(Float64Array.of(7));
    expect(findSignal(batch, cpuUsage)).toBeUndefined();
  });

  it('knows signals from figures', () => {
    expect(isSignal(signalGauge(hostPower, Series.regular(START, 1, Float64Array.of(1))))).toBe(true);
  });
});
