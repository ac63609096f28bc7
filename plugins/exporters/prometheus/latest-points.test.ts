import { type Attributes, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, hostPower, Run, Series, type Skipped, samplesOf } from 'wattline/plugin';
import { parseExposition } from '../../../test/kit/exposition.ts';
import { LatestPoints, type LatestPointsOptions } from './latest-points.ts';

const definition = { name: 'cost', unit: '{USD}', description: 'a price' };
/** A run with one figure. */
function costing(value: number, end: number, attributes: Record<string, string> = { scenario: 'a' }): Run {
  const figures = [figure(definition, value)];
  return Run.of({ ...attributes, 'run.end_time': end, 'run.fps': value }, { figures });
}
/** A run of metrics that a sender has made. */
const runOf = (...metrics: MetricData[]) => Run.of({}, { metrics: [{ scope: { name: 'test' }, metrics }] });
const histogram = { buckets: { boundaries: [], counts: [1] }, count: 1, sum: 1 };
const metric = (name: string, type: DataPointType, more: object = {}): MetricData =>
  ({
    descriptor: { name, unit: '', description: '', valueType: ValueType.DOUBLE },
    dataPointType: type,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: false,
    dataPoints: [
      { startTime: [1, 0], endTime: [2, 0], attributes: {}, value: type === DataPointType.HISTOGRAM ? histogram : 1 },
    ],
    ...more,
  }) as unknown as MetricData;

function latest(options: Partial<LatestPointsOptions> = {}) {
  const skips: Skipped[] = [];
  const skip = (skipped: Skipped) => skips.push(skipped);
  const points = new LatestPoints({
    ...{ resourceLabels: [], includeSamples: false, expiration: 0, withTimes: false },
    ...{ seriesLimit: 1e6, labelValueLengthLimit: 1000 },
    skip,
    ...options,
  });
  const text = async (now = 0) => (await points.pieces(now)).map((piece) => String(piece.text)).join('');
  const samples = async (now = 0) => parseExposition(await text(now));
  const values = async (now = 0) => (await samples(now)).map(({ value }) => value);
  const names = async () => [...(await text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  return { points, skips, samples, values, names };
}

describe('figures of a run that does not say when it was', () => {
  it('are told from those of others where a time is sent with them', async () => {
    const cost = { name: 'cost', unit: '', description: '' };
    const run = Run.of({ scenario: 'a', 'run.read_time': 100 }, { figures: [figure(cost, 1)] });
    for (const [withTimes, labels] of [
      [false, { scenario: 'a' }],
      [true, { scenario: 'a', dated: 'false' }],
    ] as const) {
      const { points, samples } = latest({ withTimes });
      points.add(run, 0);
      expect((await samples()).map((sample) => sample.labels)).toEqual([labels]);
    }
  });
});

describe('series beyond the limits', () => {
  const cost = { name: 'cost', unit: '', description: '' };
  const runOf = (scenario: string, value: number) => {
    return Run.of({ scenario, 'run.end_time': value }, { figures: [figure(cost, value)] });
  };

  it('are not exposed and are told, while those that are there go on', async () => {
    const { points, samples, skips } = latest({ seriesLimit: 2 });
    for (const [scenario, value] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
      ['a', 4],
      ['d', 5],
    ] as const) {
      points.add(runOf(scenario, value), 0);
    }
    expect((await samples()).map(({ labels, value }) => [labels.scenario, value])).toEqual([
      ['a', 4],
      ['b', 2],
    ]);
    expect(points.size).toBe(2);
    expect(skips).toEqual(
      Array(2).fill({
        item: 'metric',
        reason: 'series_limit',
        message:
          '`cost` is not exposed: there are 2 series, as many as `series_limit` allows; raise it, or drop labels that have many values',
      }),
    );
  });

  it('bring no family of their own', async () => {
    const { points, names, skips } = latest({ seriesLimit: 1 });
    for (const name of ['cost', 'other', 'third']) {
      const figures = [figure({ ...cost, name }, 1)];
      points.add(Run.of({ scenario: 'a', 'run.end_time': 1 }, { figures }), 0);
    }
    expect(await names()).toEqual(['cost']);
    expect(skips.map(({ reason }) => reason)).toEqual(['series_limit', 'series_limit']);
  });

  it('have room again once others have expired, also where a table is made anew', async () => {
    const { points, values } = latest({ seriesLimit: 3, expiration: 10 });
    for (const name of ['a', 'b', 'c']) points.add(runOf(name, 1), 0);
    points.add(runOf('a', 2), 20);
    expect(await values(20)).toEqual([2]);
    expect(points.size).toBe(1);
    for (const name of ['d', 'e', 'f']) points.add(runOf(name, 3), 20);
    expect(await values(20)).toEqual([2, 3, 3]);
  });

  it('are counted right where two scrapes overlap that drop what has expired', async () => {
    const { points } = latest({ expiration: 1000 });
    for (let i = 0; i < 20_000; i++) points.add(runOf(`${i}`, 1), i < 12_000 ? 0 : 10);
    await Promise.all([points.pieces(1005), points.pieces(1011)]);
    await points.pieces(1012);
    expect(points.size).toBe(0);
  });

  it('are those with a label that is longer than the limit too', async () => {
    const { points, values, skips } = latest({ labelValueLengthLimit: 5 });
    points.add(runOf('a'.repeat(6), 1), 0);
    points.add(runOf('a'.repeat(5), 2), 0);
    expect(await values()).toEqual([2]);
    const problem = 'a label of it is longer than the 5 characters of `label_value_length_limit`';
    expect(skips).toEqual([
      { item: 'metric', reason: 'label_too_long', message: `\`cost\` is not exposed: ${problem}` },
    ]);
  });
});

describe('metrics of services', () => {
  /** What a resource sends of its memory in bytes. */
  const using = (value: number, attributes: Attributes) => {
    const point = { startTime: [1, 0], endTime: [value, 0], attributes: {}, value };
    const metrics = [metric('process.memory.usage', DataPointType.GAUGE, { dataPoints: [point] })];
    return Run.of({ 'service.name': 'otelcol', ...attributes }, { metrics: [{ scope: { name: 'test' }, metrics }] });
  };

  it('have the attributes that tell their senders apart, so that none takes the place of another', async () => {
    const { points, samples, skips } = latest();
    for (const pid of [7, 8, 9])
      points.add(using(pid, { 'host.name': 'node-1', 'process.pid': pid, 'os.type': 'linux' }), 0);
    expect((await samples()).map(({ labels, value }) => [labels, value])).toEqual(
      [7, 8, 9].map((pid) => [{ scenario: 'otelcol', host_name: 'node-1', process_pid: String(pid) }, pid]),
    );
    expect(skips).toEqual([]);
  });

  it('that have the same labels all the same are refused and counted, all but the first', async () => {
    const { points, values, skips } = latest();
    for (const value of [1, 2, 3]) {
      for (const colour of ['green', 'blue']) points.add(using(value, { colour }), value * 10_000);
    }
    points.add(using(4, { colour: 'blue' }), 31_000);
    expect(await values()).toEqual([3]);
    expect(skips.map(({ reason }) => reason)).toEqual(Array(4).fill('ambiguous_series'));
    expect(skips[0]?.message).toBe(
      '`process.memory.usage` is not exposed: another resource with the labels of otelcol has the same series; name attributes that tell them apart in `resource_labels`',
    );
    points.add(using(5, { colour: 'blue' }), 30_000 + 5 * 60_000 + 1);
    expect(await values()).toEqual([5]);
  });

  it('are told apart by `resource_labels`', async () => {
    const { points, values, skips } = latest({ resourceLabels: ['colour'] });
    for (const [index, colour] of ['green', 'blue'].entries()) points.add(using(index + 1, { colour }), 0);
    expect(await values()).toEqual([1, 2]);
    expect(skips).toEqual([]);
  });
});

describe('of points with the same labels', () => {
  it('the one that ended last is kept, in whatever order they come', () => {
    return fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 }), async (ends) => {
        const { points, values } = latest();
        for (const end of ends) points.add(costing(end, end), 0);
        expect(await values()).toEqual([Math.max(...ends)]);
      }),
    );
  });

  it('the later arrival is kept where they ended at once', async () => {
    const { points, values } = latest();
    points.add(costing(1, 100), 0);
    points.add(costing(2, 100), 0);
    expect(await values()).toEqual([2]);
  });

  it('the order of the labels does not matter, nor do empty ones', async () => {
    const { points, values } = latest();
    const point = { startTime: [1, 0], endTime: [2, 0] };
    const with_ = (attributes: object, value: number) =>
      runOf(metric('m', DataPointType.GAUGE, { dataPoints: [{ ...point, attributes, value }] }));
    points.add(with_({ a: '1', b: '2' }, 1), 0);
    points.add(with_({ b: '2', a: '1' }, 2), 0);
    points.add(with_({ b: '2', a: '1', c: '' }, 3), 0);
    points.add(with_({ b: 2, a: 1 }, 4), 0);
    expect(await values()).toEqual([4]);
  });
});

describe('expiration', () => {
  it('drops a series that no run has renewed for so long', async () => {
    const { points, values } = latest({ expiration: 1000 });
    points.add(costing(1, 100, { scenario: 'a' }), 0);
    points.add(costing(2, 100, { scenario: 'b' }), 600);
    expect(await values(1000)).toEqual([1, 2]);
    expect(await values(1001)).toEqual([2]);
    points.add(costing(3, 100, { scenario: 'b' }), 1500);
    expect(await values(2500)).toEqual([3]);
    expect(await values(2501)).toEqual([]);
  });

  it('of 0 keeps all for ever', async () => {
    const { points, values } = latest();
    points.add(costing(1, 100), 0);
    expect(await values(1e15)).toEqual([1]);
  });
});

describe('what becomes series', () => {
  it('are figures, and samples only where they are asked for', async () => {
    const power = samplesOf(hostPower, Series.regular([100, 0], 5, Float64Array.of(1, 2, 3)));
    for (const includeSamples of [false, true]) {
      const { points, values } = latest({ includeSamples });
      points.add(Run.of({ scenario: 'a' }, { samples: [power] }), 0);
      expect(await values()).toEqual(includeSamples ? [3] : []);
    }
  });

  it('carry the labels of their run, samples and other metrics too, so that no two runs are taken for one', async () => {
    const { points, samples } = latest({ includeSamples: true });
    const power = (watts: number) => samplesOf(hostPower, Series.regular([100, 0], 5, Float64Array.of(watts)));
    points.add(Run.of({ scenario: 'a', region: 'us-east-1' }, { samples: [power(1)] }), 0);
    points.add(Run.of({ 'service.name': 'b', encoder: 'x' }, { samples: [power(2)] }), 0);
    expect(await samples()).toEqual([
      { name: 'hw_host_power_watts', labels: { scenario: 'a', region: 'us-east-1' }, value: 1 },
      { name: 'hw_host_power_watts', labels: { scenario: 'b', encoder: 'x' }, value: 2 },
    ]);
  });

  it('have the resource attributes that are asked for as labels', async () => {
    const { points, samples } = latest({ resourceLabels: ['run.fps', 'run.none'] });
    points.add(costing(30, 100), 0);
    expect((await samples())[0]?.labels).toEqual({ scenario: 'a', run_fps: '30' });
  });

  it('are sums and histograms too, under the name that Prometheus gives them', async () => {
    const { points, names } = latest();
    const monotonic = { isMonotonic: true };
    points.add(
      runOf(
        metric('a.requests', DataPointType.SUM, monotonic),
        metric('b_total', DataPointType.SUM, monotonic),
        metric('c', DataPointType.SUM),
        metric('d', DataPointType.HISTOGRAM),
      ),
      0,
    );
    expect(await names()).toEqual(['a_requests_total', 'b_total', 'c', 'd']);
  });
});

describe('figures, samples and metrics of one name', () => {
  const gauge = (value: number) => {
    const dataPoints = [{ startTime: [1, 0], endTime: [2, 0], attributes: { scenario: 'c' }, value }];
    return metric('cost', DataPointType.GAUGE, { dataPoints });
  };

  it('are one family, in the order in which they first came', async () => {
    const { points, samples, names, skips } = latest({ includeSamples: true });
    const power = samplesOf(hostPower, Series.regular([100, 0], 5, Float64Array.of(1, 2)));
    points.add(costing(3, 100).with({ samples: [power] }), 0);
    points.add(runOf(gauge(4)), 0);
    expect(await names()).toEqual(['hw_host_power_watts', 'cost']);
    expect((await samples()).map(({ labels, value }) => [labels.scenario, value])).toEqual([
      ['a', 2],
      ['a', 3],
      ['c', 4],
    ]);
    expect(skips).toEqual([]);
  });

  it('are told by their types, as those of metrics are', async () => {
    const { points, names, skips } = latest();
    points.add(runOf(metric('cost', DataPointType.HISTOGRAM)), 0);
    points.add(costing(1, 100), 0);
    expect(await names()).toEqual(['cost']);
    expect(skips.map(({ reason }) => reason)).toEqual(['type_conflict']);
  });
});

describe('what cannot be exposed is counted', () => {
  it.each([
    ['unsupported_type', [metric('a', DataPointType.EXPONENTIAL_HISTOGRAM)], []],
    [
      'delta_temporality',
      [metric('a', DataPointType.SUM, { aggregationTemporality: AggregationTemporality.DELTA })],
      [],
    ],
    ['no_name', [metric('.', DataPointType.GAUGE)], []],
    ['type_conflict', [metric('a', DataPointType.GAUGE), metric('a', DataPointType.HISTOGRAM)], ['a']],
    [
      'type_conflict',
      [metric('a', DataPointType.SUM, { isMonotonic: true }), metric('a_total', DataPointType.GAUGE)],
      ['a_total'],
    ],
    ['name_conflict', [metric('a', DataPointType.HISTOGRAM), metric('a.count', DataPointType.GAUGE)], ['a']],
    ['name_conflict', [metric('a_sum', DataPointType.GAUGE), metric('a', DataPointType.HISTOGRAM)], ['a_sum']],
  ])('%s', async (reason, metrics, left) => {
    const { points, skips, names } = latest();
    points.add(runOf(...metrics), 0);
    expect(await names()).toEqual(left);
    expect(skips).toEqual([{ item: 'metric', reason, message: expect.stringMatching(/^`.+` is not exposed: /) }]);
  });

  it('names of the exporter itself stay free, before and after data with them come', async () => {
    const { points, skips, names } = latest();
    points.add(runOf(metric('own', DataPointType.GAUGE), metric('other', DataPointType.GAUGE)), 0);
    points.reserve([metric('own', DataPointType.GAUGE)]);
    points.add(runOf(metric('own', DataPointType.GAUGE)), 0);
    points.reserve([metric('own', DataPointType.GAUGE)]);
    expect(await names()).toEqual(['other']);
    expect(skips.map(({ reason, message }) => [reason, message])).toEqual(
      Array(2).fill(['name_conflict', '`own` is not exposed: Wattline itself has the series own']),
    );
  });
});

describe('a family without a series', () => {
  const gauge = (name: string, more?: object) => metric(name, DataPointType.GAUGE, more);

  it('is dropped once its last series has expired, so that others may have its names', async () => {
    const { points, names, skips } = latest({ expiration: 1000 });
    points.add(runOf(metric('x', DataPointType.HISTOGRAM)), 0);
    points.add(runOf(gauge('x_count')), 0);
    expect(skips.map(({ reason }) => reason)).toEqual(['name_conflict']);
    await points.pieces(5000);
    expect([points.size, points.families]).toEqual([0, 0]);
    points.add(runOf(gauge('x_count'), gauge('x')), 5000);
    expect(await names()).toEqual(['x_count', 'x']);
    expect(skips).toHaveLength(1);
  });

  it('is not kept where none of its points has a place', () => {
    const { points } = latest({ labelValueLengthLimit: 3 });
    const long = { dataPoints: [{ startTime: [1, 0], endTime: [2, 0], attributes: { a: 'long' }, value: 1 }] };
    for (let i = 0; i < 100; i++)
      points.add(runOf(gauge(`empty_${i}`, { dataPoints: [] }), gauge(`long_${i}`, long)), 0);
    expect(points.families).toBe(0);
    points.add(runOf(gauge('long_1')), 0);
    expect([points.families, points.size]).toEqual([1, 1]);
  });
});
