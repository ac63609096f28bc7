import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { hostPower, Run, Series, samplesOf } from 'wattline/plugin';
import { liveMetric, liveRun, timeAt } from '../../../test/kit/live-streams.ts';
import { readLive } from './reading.ts';

const NOW = 2000;
const resource = { 'service.name': 'a' };
const power = (value: number, at = 1000, unit = '') => liveMetric('hw.host.power', 'gauge', [{ at, value }], unit);

describe('what is read of a resource', () => {
  it('are the points of each meter, in the unit that is counted in, and what is left', () => {
    const other = liveMetric('http.requests', 'counter', [{ at: 1000, value: 1 }]);
    const scaled = liveMetric('scaph_socket_energy_microjoules', 'gauge', [
      { at: 1000, value: 5e6, attributes: { socket_id: '0' }, start: 10 },
      { at: 1000, value: 7e6, attributes: { socket_id: '1' } },
    ]);
    const read = readLive(liveRun(resource, scaled, other, power(5)), NOW);
    expect(read?.rest?.scopeMetrics).toEqual([{ scope: { name: 'test' }, metrics: [other] }]);
    expect(read?.readings.map(({ boundary, form, meters }) => [boundary, form, [...meters.values()]])).toEqual([
      [
        'package',
        'counter',
        [[{ time: timeAt(1000), value: 5, start: timeAt(10) }], [{ time: timeAt(1000), value: 7, start: undefined }]],
      ],
      ['host', 'gauge', [[{ time: timeAt(1000), value: 5, start: undefined }]]],
    ]);
    expect(readLive(liveRun(resource, power(5)), NOW)?.rest).toBeUndefined();
  });

  it('is nothing of runs, and of runs without a live metric', () => {
    for (const name of ['run.start_time', 'run.end_time', 'run.duration']) {
      expect(readLive(liveRun({ ...resource, [name]: 5 }, power(5)), NOW)).toBeUndefined();
    }
    expect(readLive(liveRun({ ...resource, 'run.id': 'a/1' }, power(5)), NOW)).toBeUndefined();
    const samples = samplesOf(hostPower, Series.regular([0, 0], 1, Float64Array.of(1, 2)));
    expect(readLive(Run.of(resource, { samples: [samples] }), NOW)).toBeUndefined();
    expect(readLive(liveRun(resource), NOW)).toBeUndefined();
  });

  it.each([
    ['invalid_value', power(-1)],
    ['invalid_value', power(Number.NaN)],
    ['invalid_value', power(Number.POSITIVE_INFINITY)],
    ['future_point', power(5, NOW + 601)],
    ['unexpected_unit', power(5, 1000, 'J')],
    ['unexpected_type', liveMetric('hw.host.power', 'delta', [{ at: 1000, value: 1 }])],
    ['unknown_zone', liveMetric('hw.power', 'gauge', [{ at: 1000, value: 1, attributes: { 'hw.type': 'fan' } }])],
    [
      'unexpected_type',
      {
        descriptor: { name: 'hw.energy', unit: 'J', description: '', valueType: ValueType.DOUBLE },
        dataPointType: DataPointType.HISTOGRAM,
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPoints: [],
      } as MetricData,
    ],
  ])('is not what cannot be used: %s', (reason, metric) => {
    const read = readLive(liveRun(resource, metric), NOW);
    expect(read?.readings).toEqual([]);
    expect(read?.skipped.map((one) => one.reason)).toEqual([reason]);
  });

  it.each([
    ['kW', 5000],
    ['mW', 0.005],
    ['watts', 5],
  ])('is converted from %s', (unit, expected) => {
    const read = readLive(liveRun(resource, power(5, 1000, unit)), NOW);
    expect(read?.readings.flatMap(({ meters }) => [...meters.values()].flat().map(({ value }) => value))).toEqual([
      expected,
    ]);
    expect(read?.skipped).toEqual([]);
  });

  it('is not what is a sum of others that are there too', () => {
    const sum = { at: 1000, value: 1, attributes: { id: '/' } };
    const read = readLive(liveRun(resource, liveMetric('container_cpu_usage_seconds_total', 'counter', [sum])), NOW);
    expect(read).toMatchObject({ readings: [], skipped: [] });
  });

  it('is by its name a counter or a gauge, whatever a scrape calls it', () => {
    const forms = [
      liveMetric('node_rapl_package_joules_total', 'gauge', [{ at: 1, value: 1 }]),
      liveMetric('hw.host.power', 'counter', [{ at: 1, value: 1 }]),
      liveMetric('hw.energy', 'delta', [{ at: 1, value: 1, attributes: { 'hw.type': 'gpu' } }]),
    ];
    expect(readLive(liveRun(resource, ...forms), NOW)?.readings.map(({ form }) => form)).toEqual([
      'counter',
      'gauge',
      'delta',
    ]);
  });
});
