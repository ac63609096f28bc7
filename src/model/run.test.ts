import { type Attributes, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { describeRun } from './attributes.ts';
import type { Factor } from './factor.ts';
import { figure } from './figure.ts';
import { Run } from './run.ts';
import { factsIn } from './run-facts.ts';
import { Series } from './series.ts';
import { cpuUsage, hostPower, samplesOf } from './signals.ts';

const power = samplesOf(hostPower, Series.regular([1000, 5], 10, Float64Array.of(1, 2, 3)), 'meter');
const cost = { name: 'cost', unit: '{USD}', description: 'a price', scope: 'costs' };
const price: Factor = {
  ...{ id: 'price/x', quantity: 'price', value: 0.1, unit: 'USD/kWh', source: 'a table', state: 'static' },
};
const gauge = (name: string, endTimes: readonly number[] = [2000]): MetricData => ({
  descriptor: { name, unit: 'W', description: '', valueType: ValueType.DOUBLE },
  dataPointType: DataPointType.GAUGE,
  aggregationTemporality: AggregationTemporality.CUMULATIVE,
  dataPoints: endTimes.map((time) => ({ startTime: [0, 0], endTime: [time, 0], value: 1, attributes: {} })),
});
const foreign = (...metrics: MetricData[]) => [{ scope: { name: 'sdk' }, metrics }];

describe('a run in the shape of the SDK', () => {
  it('has a figure as one point at its end, with the labels that it knows and those of the figure', () => {
    const run = Run.of(
      { scenario: 'a', region: 'x', bitrate: '5k', 'run.start_time': 100, 'run.end_time': 160.5, 'run.fps': 30 },
      { figures: [figure(cost, 0.5, { region: 'y' })] },
    );
    expect(run.scopeMetrics).toMatchObject([
      {
        scope: { name: 'costs' },
        metrics: [
          {
            descriptor: { name: 'cost', unit: '{USD}', description: 'a price', valueType: ValueType.DOUBLE },
            dataPointType: DataPointType.GAUGE,
            dataPoints: [
              {
                value: 0.5,
                startTime: [100, 0],
                endTime: [160, 500_000_000],
                attributes: { scenario: 'a', region: 'y', bitrate: '5k' },
              },
            ],
          },
        ],
      },
    ]);
  });

  it('has samples as a gauge with a point a sample', () => {
    const series = Series.regular([100, 0], 0.5, Float64Array.of(1, 2));
    const [scope] = Run.of({}, { samples: [samplesOf(hostPower, series, 'meter')] }).scopeMetrics;
    const { name, unit, description } = hostPower;
    expect(scope).toEqual({
      scope: { name: 'meter' },
      metrics: [
        {
          descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
          dataPointType: DataPointType.GAUGE,
          aggregationTemporality: AggregationTemporality.CUMULATIVE,
          dataPoints: [
            { startTime: [100, 0], endTime: [100, 0], attributes: {}, value: 1 },
            { startTime: [100, 500_000_000], endTime: [100, 500_000_000], attributes: {}, value: 2 },
          ],
        },
      ],
    });
  });

  it('has figures of one definition as points of one gauge, and what came as metrics first', () => {
    const others = [figure(cost, 1, { kind: 'a' }), figure({ ...cost, scope: undefined }, 2), figure(cost, 3)];
    const run = Run.of({}, { samples: [power], figures: others, metrics: foreign(gauge('fan')) });
    expect(
      run.scopeMetrics.map(({ scope, metrics }) => [scope.name, ...metrics.map((one) => one.dataPoints.length)]),
    ).toEqual([
      ['sdk', 1],
      ['meter', 3],
      ['costs', 2],
      ['wattline', 1],
    ]);
    expect(run.pointCount).toBe(7);
  });

  it('has the record of each factor that a figure rests on among its attributes, and in these alone', () => {
    const run = Run.of({ scenario: 'a' }, { figures: [figure(cost, 1, {}, price), figure(cost, 2)] });
    expect(run.resource.attributes).toEqual({
      scenario: 'a',
      'factor.price.id': 'price/x',
      'factor.price.value': 0.1,
      'factor.price.unit': 'USD/kWh',
      'factor.price.source': 'a table',
      'factor.price.state': 'static',
    });
    expect(run.attributes).toEqual({ scenario: 'a' });
    const before = {
      'factor.price.value': 9,
      'factor.price.pue': 1.5,
      'factor.price.year': 2020,
      'factor.price2.value': 1,
    };
    const again = Run.of({ scenario: 'a', ...before }, { figures: run.figures });
    expect(again.resource.attributes).toEqual({ ...run.resource.attributes, 'factor.price2.value': 1 });
  });

  it('is the same run where it is one, and otherwise made of what an exporter or a clone has', () => {
    const run = Run.of(
      { scenario: 'a', 'run.end_time': 1 },
      { samples: [power], figures: [figure(cost, 1, { region: 'y' }, price)] },
    );
    expect(Run.from(run)).toBe(run);
    const clone = Run.from(structuredClone(run.toResourceMetrics()));
    expect(clone).not.toBe(run);
    expect(clone.labels).toEqual(run.labels);
    expect(clone.scopeMetrics).toEqual(run.scopeMetrics);
    expect(clone.resource.attributes).toEqual(run.resource.attributes);
    expect(clone.pointCount).toBe(run.pointCount);
    expect(clone.window).toEqual(run.window);
    expect(clone.samplesOf(hostPower)?.series.values).toEqual(power.series.values);
    expect(clone.samplesOf(hostPower)).toMatchObject({ scope: 'meter', sources: 1 });
    const resource = { attributes: { scenario: 'a', region: undefined as never }, schemaUrl: 'https://x' };
    const given = Run.from({ resource, scopeMetrics: [] });
    expect([given.attributes, given.resource.schemaUrl]).toEqual([{ scenario: 'a' }, 'https://x']);
    expect(Run.from(structuredClone(given.toResourceMetrics())).schemaUrl).toBe('https://x');
  });

  it('shows what it holds as JSON', () => {
    const run = Run.of(
      { scenario: 'a', 'run.end_time': 1 },
      { samples: [power], figures: [figure(cost, 1, {}, price)] },
    );
    expect(JSON.parse(JSON.stringify(run))).toEqual({
      resource: { attributes: run.resource.attributes },
      scopeMetrics: JSON.parse(JSON.stringify(run.scopeMetrics)),
    });
    expect(JSON.stringify(run)).toContain('"name":"cost"');
  });
});

describe('a longer run', () => {
  it('has more samples, figures, metrics and attributes, and shares the rest', () => {
    const run = Run.of({ scenario: 'a' }, { samples: [power] });
    const cpu = samplesOf(cpuUsage, power.series);
    const made = figure(cost, 1);
    const longer = run.with({
      samples: [cpu],
      figures: [made],
      metrics: foreign(gauge('fan')),
      attributes: { power: 'predicted' },
    });
    expect([run.samples, run.figures, run.metrics, run.attributes]).toEqual([[power], [], [], { scenario: 'a' }]);
    expect(longer.attributes).toEqual({ scenario: 'a', power: 'predicted' });
    expect(longer.labels).toEqual({ scenario: 'a', power: 'predicted' });
    expect(longer.samples).toEqual([power, cpu]);
    expect(longer.samples[0]).toBe(power);
    expect(longer.figures).toEqual([made]);
    expect(longer.pointCount).toBe(8);
    const same = run.with({});
    expect([same.samples, same.figures, same.attributes]).toEqual([run.samples, run.figures, run.attributes]);
    expect(same.samples).toBe(run.samples);
    expect(same.attributes).toBe(run.attributes);
  });

  it('keeps its attributes where new ones are null or undefined', () => {
    const gaps = { region: undefined, encoder: null } as unknown as Attributes;
    const longer = Run.of({ scenario: 'a', region: 'x' }).with({ attributes: { ...gaps, bitrate: '5k' } });
    expect(longer.attributes).toEqual({ scenario: 'a', region: 'x', bitrate: '5k' });
  });

  it('knows signals that come as metrics, and the facts that new attributes say', () => {
    const run = Run.of({});
    expect(run.samplesOf(hostPower)).toBeUndefined();
    const longer = run.with({ metrics: foreign(gauge('power_watts')), attributes: { 'run.duration': 5 } });
    expect(longer.samplesOf(hostPower)?.series.length).toBe(1);
    expect([run.duration, longer.duration]).toEqual([undefined, 5]);
  });
});

describe('a run with less', () => {
  const run = Run.of(
    { scenario: 'a', region: 'x', 'run.start_time': 10, 'run.end_time': 20 },
    {
      samples: [power, samplesOf(cpuUsage, power.series)],
      figures: [figure(cost, 1, { kind: 'a' }, price)],
      metrics: foreign(gauge('power_watts'), gauge('fan')),
    },
  );

  it('has other attributes in place of its own, and no record of factors', () => {
    const other = run.withAttributes({ scenario: 'b' });
    expect(other.resource.attributes).toEqual({ scenario: 'b' });
    expect([other.labels, other.startTime]).toEqual([{ scenario: 'b' }, undefined]);
    expect(other.samples).toBe(run.samples);
    // The figures keep the labels that they were made with.
    expect(other.scopeMetrics.length).toBe(run.scopeMetrics.length);
    expect(other.scopeMetrics).toEqual(expect.arrayContaining(run.scopeMetrics));
  });

  it('has no samples of some signals, whatever the shape that they came in', () => {
    const other = run.withoutSamples([hostPower]);
    expect(other.samplesOf(hostPower)).toBeUndefined();
    expect(other.samplesOf(cpuUsage)).toBe(run.samples[1]);
    expect(other.metrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name))).toEqual(['fan']);
    expect(other.figures).toBe(run.figures);
    expect(run.samplesOf(hostPower)).toBe(power);
  });

  it('has nothing but what it says of itself', () => {
    const { pointCount, resource, window } = run.bare();
    expect([pointCount, resource.attributes, window]).toEqual([0, run.attributes, run.window]);
  });
});

describe('the window of a run', () => {
  const windowOf = (attributes: Attributes, more: Parameters<typeof Run.of>[1] = {}) => Run.of(attributes, more).window;

  it('ends with the run, else after its duration, else with its last sample', () => {
    expect(windowOf({ 'run.start_time': 100, 'run.end_time': 160, 'run.duration': 30 })).toEqual({
      start: [100, 0],
      end: [160, 0],
    });
    expect(windowOf({ 'run.start_time': 100, 'run.duration': 30 })).toEqual({ start: [100, 0], end: [130, 0] });
    expect(windowOf({}, { samples: [power] })).toEqual({ start: [1000, 5], end: [1020, 5] });
    const none = samplesOf(cpuUsage, Series.regular([3000, 0], 10, new Float64Array()));
    expect(windowOf({}, { samples: [none, power] }).end).toEqual([1020, 5]);
    const metrics = foreign(gauge('fan', [2000, 1500]));
    expect(windowOf({}, { samples: [power], metrics }).end).toEqual([1020, 5]);
    expect(windowOf({}, { metrics })).toEqual({ start: [2000, 0], end: [2000, 0] });
    expect(windowOf({ 'run.start_time': 100 }, { metrics })).toEqual({ start: [100, 0], end: [2000, 0] });
  });

  it('ends now where nothing says when', () => {
    const before = Date.now() / 1000 - 1;
    expect(windowOf({}).end[0]).toBeGreaterThanOrEqual(Math.floor(before));
  });
});

describe('the duration of a run', () => {
  it.each([
    [{ 'run.duration': 30, 'run.start_time': 100, 'run.end_time': 160 }, 30],
    [{ 'run.start_time': 100, 'run.end_time': 160 }, 60],
    [{ 'run.duration': 0, 'run.start_time': 100, 'run.end_time': 160 }, 60],
    [{ 'run.duration': 0 }, undefined],
    [{ 'run.start_time': 160, 'run.end_time': 160 }, undefined],
    [{ 'run.start_time': 160 }, undefined],
    [{ 'run.duration': Number.NaN }, undefined],
  ])('of %j is %j', (attributes, expected) => {
    expect(Run.of(attributes).duration).toBe(expected);
  });
});

describe('labels', () => {
  it('fall back on what OpenTelemetry calls them, and leave out what is not known', () => {
    const labelsOf = (attributes: Attributes) => Run.of(attributes).labels;
    expect(labelsOf({ 'service.name': 'a', 'cloud.region': 'x', encoder: '', bitrate: 5, 'run.fps': 30 })).toEqual({
      scenario: 'a',
      region: 'x',
      bitrate: '5',
    });
    expect(labelsOf({ scenario: 'b', 'service.name': 'a', power: 'predicted' })).toEqual({
      scenario: 'b',
      power: 'predicted',
    });
    expect(Run.of({ region: '', 'cloud.region': 'x' }).region).toBe('x');
    expect(labelsOf({ region: '', 'cloud.region': 'x' })).toEqual({ region: 'x' });
    expect(describeRun(Run.of({}))).toBe('a run without a scenario name');
  });

  it('of figures are those of the run where they add nothing to them', () => {
    const run = Run.of({ scenario: 'a', region: 'x' });
    expect(run.labelsOf(figure(cost, 1))).toBe(run.labels);
    expect(run.labelsOf(figure(cost, 1, { region: 'x' }))).toBe(run.labels);
  });

  it('of figures are one object where figures add the same', () => {
    const run = Run.of({ scenario: 'a', region: 'x' });
    const first = run.labelsOf(figure(cost, 1, { state: 'live' }));
    expect(first).toEqual({ scenario: 'a', region: 'x', state: 'live' });
    expect(run.labelsOf(figure(cost, 2, { state: 'live' }))).toBe(first);
    expect(run.labelsOf(figure(cost, 3, { state: 'live', count: 2 }))).toEqual({ ...first, count: '2' });
    expect(run.labelsOf(figure(cost, 4, { state: 'live' }))).toEqual(first);
  });
});

it('the attributes of a run that was read are made once, when they are asked for', () => {
  let made = 0;
  const attributes = { scenario: 'a', region: 'x' };
  const source = () => {
    made++;
    return attributes;
  };
  const run = Run.read(factsIn(attributes), source, [power]);
  expect([run.labels, run.pointCount, made]).toEqual([attributes, 3, 0]);
  expect([run.attributes, run.resource.attributes, made]).toEqual([attributes, attributes, 1]);
});

it('a run that is replayed stays so in whatever is made of it, and says the same as before', () => {
  const run = Run.of({ scenario: 'a' }, { samples: [power], figures: [figure(cost, 1)] });
  const replayed = run.asReplayed();
  expect([run.replayed, replayed.replayed]).toEqual([false, true]);
  expect(replayed.toJSON()).toEqual(run.toJSON());
  const made = [
    replayed.bare(),
    replayed.with({ figures: [figure(cost, 1)] }),
    replayed.with({ attributes: { region: 'x' } }),
    replayed.withAttributes({}),
    replayed.withoutSamples([hostPower]),
  ];
  for (const one of made) expect(one.replayed).toBe(true);
});

it('the peer of a run stays with whatever is made of it, and is in none of its attributes', () => {
  const run = Run.from({ resource: { attributes: { scenario: 'a' } }, scopeMetrics: foreign(gauge('x')) }, '10.0.0.5');
  const made = [
    run,
    run.bare(),
    run.with({ figures: [figure(cost, 1)] }),
    run.with({ attributes: { region: 'x' } }),
    run.withAttributes({}),
    run.withoutSamples([hostPower]),
  ];
  for (const one of made) {
    expect(one.peer).toBe('10.0.0.5');
    expect(JSON.stringify([one, one.labels])).not.toContain('10.0.0.5');
  }
  expect(Run.of({}).peer).toBeUndefined();
});
