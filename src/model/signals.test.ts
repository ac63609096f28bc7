import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { liveMetric } from '../../test/kit/live-streams.ts';
import { cpuUsage, hostPower, samplesIn } from './signals.ts';

const power = (values: Readonly<Record<number, number>>, unit = 'W', attributes: Attributes = {}) => {
  const points = Object.entries(values).map(([at, value]) => ({ at: Number(at), value, attributes }));
  return liveMetric('hw.host.power', 'gauge', points, unit);
};
const scope = (name: string, ...metrics: MetricData[]) => ({ scope: { name }, metrics });
const inNumbers = (...scopes: Parameters<typeof samplesIn>[0]) =>
  samplesIn(scopes).map(({ signal, series, sources, unknownUnit }) => [
    signal.name,
    Array.from({ length: series.length }, (_, i) => series.time(i)[0]),
    [...series.values],
    sources,
    ...(unknownUnit === undefined ? [] : [unknownUnit]),
  ]);

describe('the samples that came as metrics', () => {
  it('are the points of all metrics and scopes of a signal, in the order of time', () => {
    const [first, second, third] = [power({ 2: 20 }), power({ 1: 10, 4: 40 }), power({ 3: 30 })];
    const cores = liveMetric('cpu_usage_cores', 'gauge', [{ at: 1, value: 2 }]);
    expect(inNumbers(scope('a', first, cores, second), scope('b', third))).toEqual([
      [hostPower.name, [1, 2, 3, 4], [10, 20, 30, 40], 1],
      [cpuUsage.name, [1], [2], 1],
    ]);
  });

  it('are of several sources where their attributes differ, be it in another scope', () => {
    const [one, two] = ['0', '1'].map((id) => power({ [id]: 10 }, 'W', { 'hw.id': id }));
    expect(inNumbers(scope('a', one as MetricData), scope('b', two as MetricData))).toEqual([
      [hostPower.name, [0, 1], [10, 10], 2],
    ]);
  });

  it('are converted to the unit of their signal, each from its own', () => {
    expect(inNumbers(scope('a', power({ 0: 0.1 }, 'kW'), power({ 1: 100_000 }, 'mW'), power({ 2: 100 }, '')))).toEqual([
      [hostPower.name, [0, 1, 2], [100, 100, 100], 1],
    ]);
  });

  it('say what they were declared in where that cannot be converted', () => {
    expect(inNumbers(scope('a', power({ 0: 1 }), power({ 1: 100 }, 'J')))).toEqual([
      [hostPower.name, [0, 1], [1, 100], 1, 'J'],
    ]);
  });

  it('are none of histograms, of metrics without points, and of other metrics', () => {
    const histogram = {
      ...power({ 0: 1 }),
      dataPointType: DataPointType.HISTOGRAM,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    } as unknown as MetricData;
    const other = liveMetric('hw.power', 'gauge', [{ at: 1, value: 1 }]);
    expect(inNumbers(scope('a', histogram, power({}), other))).toEqual([]);
    const sum = liveMetric('hw.host.power', 'counter', [{ at: 1, value: 1 }]);
    expect(inNumbers(scope('a', sum))).toEqual([[hostPower.name, [1], [1], 1]]);
  });
});
