import { ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type GaugeMetricData,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, hostPower, samplesOf } from '../model/signals.ts';
import { measure } from './measure.ts';

const START = [1766947958, 0] as [number, number];
/** Samples as a sender has them that is no part of Wattline: five seconds apart, or at their own times. */
const gauge = (name: string, values: readonly number[], offsets?: readonly number[]): GaugeMetricData => {
  const dataPoints = values.map((value, index): DataPoint<number> => {
    const time: [number, number] = [START[0] + (offsets?.[index] ?? index * 5), START[1]];
    return { startTime: time, endTime: time, attributes: {}, value };
  });
  return {
    descriptor: { name, unit: /power/.test(name) ? 'W' : '{cpu}', description: '', valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints,
  };
};
const foreign = (...metrics: GaugeMetricData[]) => [{ scope: { name: 'test' }, metrics }];
const run = (attributes: Record<string, number | string>, ...metrics: GaugeMetricData[]) =>
  Run.of({ scenario: 'a run', ...attributes }, { metrics: foreign(...metrics) });
/** The same with the samples that a gauge has as samples of Wattline. */
const sampled = (series: Series) => Run.of({ scenario: 'a run' }, { samples: [samplesOf(hostPower, series)] });
const regular = (values: readonly number[]) => Series.regular(START, 5, Float64Array.from(values));
const irregular = (values: readonly number[], offsets: readonly number[]) =>
  Series.irregular(START, Float64Array.from(offsets), Float64Array.from(values));

describe('measure', () => {
  it('integrates a signal under either of its names', () => {
    expect(measure(sampled(regular([1, 2])), hostPower)).toMatchObject({ value: 7.5 });
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
    const both = Run.of(attributes, { samples: [samplesOf(hostPower, series), samplesOf(cpuUsage, series)] });
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
    const of = (ids: readonly string[]) => measure(run({}, { ...power, dataPoints: points(ids) }), hostPower);
    expect(of(['a'])).toMatchObject({ value: 45 });
    expect(of(['a', 'b'])).toEqual({
      value: undefined,
      reason: 'invalid_power_watts',
      problem: '`power_watts` of a run mixes samples of 2 sources; send one, that of the host',
    });
  });

  it('converts what is declared in another unit, and refuses what cannot be converted', () => {
    const power = gauge('hw.host.power', [1, 1], [0, 5]);
    const inUnit = (unit: string) =>
      measure(run({}, { ...power, descriptor: { ...power.descriptor, unit } }), hostPower);
    expect(inUnit('kW')).toMatchObject({ value: 5000 });
    expect(inUnit('J')).toEqual({
      value: undefined,
      reason: 'invalid_power_watts',
      problem: '`power_watts` of a run is in `J`, which cannot be converted to W',
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
    const means = Run.of({ 'run.sampling': 'interval' }, { samples: [samplesOf(hostPower, regular([10, 20]))] });
    expect(measure(means, hostPower)).toMatchObject({ value: 150, span: 10, sampling: 'interval' });
  });

  it('reads each signal as the run says of it, where it says it of one', () => {
    const signals = [gauge('power_watts', [10, 20]), gauge('cpu_usage_cores', [1, 2])];
    const one = run({ 'run.sampling.cpu_usage_cores': 'interval' }, ...signals);
    expect(measure(one, hostPower)).toMatchObject({ value: 75, sampling: 'instant' });
    expect(measure(one, cpuUsage)).toMatchObject({ value: 15, sampling: 'interval' });
    const other = run({ 'run.sampling': 'interval', 'run.sampling.power_watts': 'instant' }, ...signals);
    expect(measure(other, hostPower)).toMatchObject({ value: 75, sampling: 'instant' });
    expect(measure(other, cpuUsage)).toMatchObject({ value: 15, sampling: 'interval' });
  });

  it.each([
    ['no sample', [], undefined, 'no_power_watts', 'has no `power_watts`'],
    ['a lone sample', [40], [0], 'invalid_power_watts', 'is a single sample, which needs a step or a duration'],
    ['a negative', [1, -2], undefined, 'invalid_power_watts', 'has -2 as sample 1, which is not a number of 0 or more'],
    [
      'only missing ones',
      [1, Number.NaN, Number.NaN, 1],
      [0, 5, 10, 15],
      'invalid_power_watts',
      'has no two samples that are at most two steps apart, so that all of its 15 s are holes',
    ],
    [
      'one among missing ones',
      [Number.NaN, 1, Number.NaN],
      [0, 5, 10],
      'invalid_power_watts',
      'has a single sample that is not missing',
    ],
    ['nothing but missing ones', [Number.NaN], undefined, 'invalid_power_watts', 'has no sample that is not missing'],
    [
      'an infinite',
      [1 / 0],
      undefined,
      'invalid_power_watts',
      'has Infinity as sample 0, which is not a number of 0 or more',
    ],
    ['two at one time', [1, 2, 3], [0, 5, 5], 'invalid_power_watts', 'has two samples at the same time'],
    ['a sum too large', [1e308, 1e308], undefined, 'invalid_power_watts', 'adds up to infinity'],
  ])('has no value, and says why, for %s', (_, values, offsets, reason, what) => {
    const problem = reason === 'no_power_watts' ? `a run ${what}` : `\`power_watts\` of a run ${what}`;
    const series = offsets ? irregular(values, offsets) : regular(values);
    for (const of of [run({}, gauge('power_watts', values, offsets)), sampled(series)]) {
      expect(measure(of, hostPower)).toEqual({ value: undefined, reason, problem });
    }
  });

  it('has no value for a run that has no samples at all', () => {
    const problem = 'a run has no `power_watts`';
    expect(measure(run({}), hostPower)).toEqual({ value: undefined, reason: 'no_power_watts', problem });
  });
});

describe('the samples of a signal', () => {
  it('are those of all metrics of it, or the first that came as such', () => {
    const metrics = [
      ...foreign(gauge('hw.host.power', []), gauge('hw.host.power', [7])),
      ...foreign(gauge('power_watts', [9])),
    ];
    const several = Run.of({}, { metrics });
    expect(several.samplesOf(hostPower)?.series.values).toEqual(Float64Array.of(7, 9));
    expect(several.samplesOf(cpuUsage)).toBeUndefined();
    const more = several.with({ samples: [samplesOf(cpuUsage, regular([])), samplesOf(cpuUsage, regular([1]))] });
    expect(more.samplesOf(cpuUsage)?.series.values).toEqual(Float64Array.of(1));
  });
});
