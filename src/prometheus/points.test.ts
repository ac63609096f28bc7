import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunAdditions } from '../model/run-parts.ts';
import { cpuUsage, figure, hostPower, Run, type Samples, Series, samplesOf, toHrTime } from '../plugin/index.ts';
import { type PointOptions, pointsOf as pointsOfRun } from './points.ts';
import { type PointSeries, SeriesLabels, timeSpan } from './series.ts';

const cost = { name: 'cost_total_load_aware', unit: 'USD', description: 'a cost' };
const attributes = {
  scenario: 'one',
  region: 'us-east-1',
  bitrate: '2500k',
  encoder: 'h264',
  'run.end_time': 1_700_000_100.25,
  'run.resolution': '1920x1080',
  'run.streams': 2,
};
const labels = { scenario: 'one', region: 'us-east-1', bitrate: '2500k', encoder: 'h264' };
const options = { includeSamples: false, resourceLabels: [], extraLabels: {} };

const run = (additions: RunAdditions) => Run.of(attributes, additions);
const runOfMetric = (metric: MetricData) => run({ metrics: [{ scope: { name: 'test' }, metrics: [metric] }] });

/** What is sent of a run, in plain objects. */
function pointsOf(given: Run, wanted: PointOptions) {
  const { figures, samples, skipped } = pointsOfRun(given, wanted);
  const plain = ({ name, labels: { all }, times, values }: PointSeries) => {
    return { name, labels: all, times: Array.from(values, (_, index) => times.at(index)), values: Array.from(values) };
  };
  return {
    figures: figures.map(({ time, value, ...named }) => plain({ ...named, times: [time], values: [value] })),
    samples: samples.map(plain),
    skipped,
  };
}

describe('figures', () => {
  const costing = (...values: number[]) => run({ figures: values.map((value) => figure(cost, value)) });

  it('carry their labels and the end of the run in milliseconds', () => {
    const { figures, samples } = pointsOf(costing(0.5), options);
    expect(figures).toEqual([{ name: cost.name, labels, times: [1_700_000_100_250], values: [0.5] }]);
    expect(samples).toEqual([]);
  });

  it('say where the time that they are sent with is not that of their run', () => {
    const undated = Run.of({ scenario: 'one', 'run.read_time': 1_700_000_000 }, { figures: [figure(cost, 1)] });
    const { figures } = pointsOf(undated, options);
    const own = { scenario: 'one', dated: 'false' };
    expect(figures).toEqual([{ name: cost.name, labels: own, times: [1_700_000_000_000], values: [1] }]);
    const dated = undated.with({ attributes: { 'run.end_time': 5 } });
    expect(pointsOf(dated.with({ figures: [figure(cost, 2)] }), options).figures[0]?.labels).toEqual({
      scenario: 'one',
    });
  });

  it('get chosen resource attributes and fixed labels, and keep their own', () => {
    const { figures } = pointsOf(costing(0.5), {
      ...options,
      resourceLabels: ['run.resolution', 'run.streams', 'run.absent'],
      extraLabels: { site: 'lab', region: 'elsewhere', run_streams: 'many' },
    });
    expect(figures[0]?.labels).toEqual({ site: 'lab', run_resolution: '1920x1080', run_streams: '2', ...labels });
  });

  it('keep a label of their own that a histogram needs', () => {
    const value = { buckets: { boundaries: [1], counts: [2, 3] }, count: 5, sum: 9 };
    const metric: MetricData = {
      descriptor: { name: 'latency', unit: 's', description: '', valueType: ValueType.DOUBLE },
      dataPointType: DataPointType.HISTOGRAM,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [{ startTime: [1, 0], endTime: [2, 0], attributes: { le: 'x' }, value }],
    };
    const lines = pointsOf(runOfMetric(metric), options).figures.map(({ name, labels, values }) => [
      name,
      labels,
      values[0],
    ]);
    expect(lines).toEqual([
      ['latency_count', { ...labels, exported_le: 'x' }, 5],
      ['latency_sum', { ...labels, exported_le: 'x' }, 9],
      ['latency_bucket', { ...labels, exported_le: 'x', le: '1' }, 2],
      ['latency_bucket', { ...labels, exported_le: 'x', le: '+Inf' }, 5],
    ]);
  });

  it('that are not finite are left out and reported', () => {
    const { figures, skipped } = pointsOf(costing(Number.NaN, 1, Number.NEGATIVE_INFINITY), options);
    expect(figures.map(({ values }) => values)).toEqual([[1]]);
    expect(skipped).toEqual([
      { item: cost.name, reason: 'not_finite', message: expect.stringContaining('is NaN and is not sent') },
      { item: cost.name, reason: 'not_finite', message: expect.stringContaining('is -Infinity and is not sent') },
    ]);
  });

  it('that are exponential histograms are left out and reported', () => {
    const metric: MetricData = {
      descriptor: { ...cost, valueType: ValueType.DOUBLE },
      dataPointType: DataPointType.EXPONENTIAL_HISTOGRAM,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [],
    };
    const { figures, skipped } = pointsOf(runOfMetric(metric), options);
    expect(figures).toEqual([]);
    expect(skipped).toMatchObject([{ item: cost.name, reason: 'exponential_histogram' }]);
  });
});

describe('samples', () => {
  const wanted = { ...options, includeSamples: true };
  const sampled = (samples: Samples) => run({ samples: [samples] });

  it('are sent only where they are wanted', () => {
    const power = samplesOf(hostPower, Series.regular([1_700_000_000, 0], 5, Float64Array.of(1, 2)));
    expect(pointsOf(sampled(power), options)).toMatchObject({ figures: [], samples: [] });
    expect(pointsOf(sampled(power), wanted).samples).toHaveLength(1);
  });

  it('are start + i · step, in milliseconds, under their Prometheus names and the labels of the run', () => {
    const start = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const step = fc.integer({ min: 1, max: 3_600_000 });
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(start, step, values, fc.constantFrom(hostPower, cpuUsage), (from, every, all, signal) => {
        const series = Series.regular(toHrTime(from / 1000), every / 1000, Float64Array.from(all));
        const { samples } = pointsOf(sampled(samplesOf(signal, series)), wanted);
        const name = signal === hostPower ? 'hw_host_power_watts' : 'container_cpu_usage';
        expect(samples).toEqual([{ name, labels, times: all.map((_, i) => from + i * every), values: all }]);
      }),
    );
  });

  it('carry the region of the figures where the run names none', () => {
    const { region, ...others } = attributes;
    const power = samplesOf(hostPower, Series.regular([10, 0], 1, Float64Array.of(1)));
    const regionOfSamples = (...regions: Record<string, string>[]) => {
      const figures = regions.map((extra) => figure(cost, 1, extra));
      return pointsOf(Run.of(others, { samples: [power], figures }), wanted).samples[0]?.labels.region;
    };
    expect(regionOfSamples({ region }, { region })).toBe(region);
    expect(regionOfSamples({ region }, { region: 'elsewhere' })).toBeUndefined();
    expect(regionOfSamples({ region }, {})).toBe(region);
    expect(regionOfSamples()).toBeUndefined();
  });

  it('that came as data points make a series for each set of labels', () => {
    const point = (seconds: number, id: string, value: number) => {
      const time: [number, number] = [seconds, 0];
      return { startTime: time, endTime: time, attributes: { 'hw.id': id }, value };
    };
    const metric: MetricData = {
      descriptor: { name: 'power_watts', unit: 'W', description: '', valueType: ValueType.DOUBLE },
      dataPointType: DataPointType.GAUGE,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints: [point(1, 'a', 10), point(1, 'b', 20), point(2, 'a', 11)],
    };
    expect(pointsOf(runOfMetric(metric), wanted).samples).toEqual([
      { name: 'hw_host_power_watts', labels: { ...labels, hw_id: 'a' }, times: [1000, 2000], values: [10, 11] },
      { name: 'hw_host_power_watts', labels: { ...labels, hw_id: 'b' }, times: [1000], values: [20] },
    ]);
  });

  it('that are missing are left out, and infinite ones are counted too', () => {
    const series = Series.regular([10, 0], 1, Float64Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY));
    const { samples, skipped } = pointsOf(sampled(samplesOf({ ...hostPower, name: 'gpu.power' }, series)), wanted);
    expect(samples).toEqual([{ name: 'gpu_power', labels, times: [10_000, 12_000], values: [1, 3] }]);
    expect(skipped).toMatchObject([{ item: 'gpu_power', reason: 'not_finite' }]);
  });
});

it('the time span is that of all points', () => {
  const labels = new SeriesLabels({});
  const series = (...times: number[]) => ({ name: 'a', labels, times, values: times });
  const point = (time: number) => ({ name: 'a', labels, time, value: 1 });
  expect(timeSpan([], [])).toBeUndefined();
  expect(timeSpan([], [series()])).toBeUndefined();
  expect(timeSpan([], [series(5), series(3, 9)])).toEqual({ oldest: 3, newest: 9 });
  expect(timeSpan([point(2), point(10)], [series(5)])).toEqual({ oldest: 2, newest: 10 });
});
