import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { Run } from './run.ts';
import { isRun, metersOf, withTimesOfSamples } from './stream.ts';

function gauge(name: string, ...seconds: number[]): MetricData {
  return {
    descriptor: { name, unit: '', description: '', valueType: 1 },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: seconds.map((time) => ({ startTime: [0, 0], endTime: [time, 0], attributes: {}, value: 100 })),
  };
}

const sent = (attributes: Attributes, ...metrics: MetricData[]) =>
  Run.from({ resource: { attributes }, scopeMetrics: [{ scope: { name: 'meter' }, metrics }] });

describe('a resource', () => {
  it.each([
    [{ 'run.id': 'job-7' }, true],
    [{ 'run.start_time': 1_700_000_000 }, true],
    [{ 'run.end_time': '1700000000' }, true],
    [{ 'run.duration': '12.5' }, true],
    [{ 'run.duration': 'soon' }, false],
    [{ 'run.start_time': '' }, false],
    [{ 'service.name': 'encoder', 'host.name': 'node-1' }, false],
  ])('with %j is a run: %s', (attributes, expected) => {
    expect(isRun(sent(attributes, gauge('hw.host.power', 1)))).toBe(expected);
  });
});

describe('meters', () => {
  it('are parted from what else a resource sent', () => {
    const run = sent(
      { 'host.name': 'a' },
      gauge('hw.host.power', 1),
      gauge('queue.length', 1),
      gauge('power_watts', 1),
    );
    const parts = metersOf(run);
    expect(parts?.meters.map(({ descriptor }) => descriptor.name)).toEqual(['hw.host.power', 'power_watts']);
    expect(parts?.rest?.scopeMetrics.flatMap(({ metrics }) => metrics)).toEqual([gauge('queue.length', 1)]);
    expect(parts?.rest?.attributes).toEqual({ 'host.name': 'a' });
  });

  it('leave nothing behind where there is nothing else', () => {
    expect(metersOf(sent({}, gauge('system.cpu.time', 1)))?.rest).toBeUndefined();
    expect(metersOf(sent({}, gauge('queue.length', 1)))).toBeUndefined();
  });
});

describe('a run that says no times', () => {
  it('took place when its samples did', () => {
    const run = withTimesOfSamples(
      sent({ 'run.id': 'job-7' }, gauge('hw.host.power', 100, 110), gauge('power_watts', 90)),
    );
    expect([run.startTime, run.endTime, run.duration]).toEqual([90, 110, 20]);
  });

  it('stays as it is where it says one, or has no samples', () => {
    for (const run of [sent({ 'run.end_time': 5 }, gauge('hw.host.power', 1, 2)), sent({ 'run.id': 'x' })]) {
      expect(withTimesOfSamples(run)).toBe(run);
    }
  });
});
