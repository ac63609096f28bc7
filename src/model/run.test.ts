import { ValueType } from '@opentelemetry/api';
import type { GaugeMetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { describeRun, labelsOf, regionOf } from './attributes.ts';
import { countPoints, extendRun, figureGauge, findFigure, makeRun, runDuration, runWindow } from './run.ts';
import { type SampledGauge, Series } from './series.ts';
import { hostPower, signalGauge } from './signals.ts';

const power = signalGauge(hostPower, Series.regular([1000, 5], 10, Float64Array.of(1, 2, 3)));
const figure = { name: 'cost', unit: '{USD}', description: 'a price' };

describe('figureGauge', () => {
  it('is one point at the end of the run, with the labels that the run knows and the extra ones', () => {
    const run = makeRun(
      { scenario: 'a', region: 'x', bitrate: '5k', 'run.start_time': 100, 'run.end_time': 160.5, 'run.fps': 30 },
      'test',
      [],
    );
    expect(figureGauge(figure, 0.5, run, { region: 'y' })).toMatchObject({
      descriptor: { ...figure, valueType: ValueType.DOUBLE },
      dataPoints: [
        {
          value: 0.5,
          startTime: [100, 0],
          endTime: [160, 500_000_000],
          attributes: { scenario: 'a', region: 'y', bitrate: '5k' },
        },
      ],
    });
  });
});

describe('extendRun', () => {
  it('adds metrics and attributes to a new batch, and shares the rest', () => {
    const run = makeRun({ scenario: 'a' }, 'test', [power]);
    const cost = figureGauge(figure, 1, run);
    const longer = extendRun(run, 'more', [cost], { power: 'predicted' });
    expect(run.scopeMetrics).toHaveLength(1);
    expect(run.resource.attributes).toEqual({ scenario: 'a' });
    expect(longer.resource.attributes).toEqual({ scenario: 'a', power: 'predicted' });
    expect(longer.scopeMetrics[0]).toBe(run.scopeMetrics[0]);
    expect(longer.scopeMetrics[1]).toEqual({ scope: { name: 'more' }, metrics: [cost] });
    expect(extendRun(run, 'more', []).scopeMetrics).toBe(run.scopeMetrics);
    expect(countPoints(longer)).toBe(4);
    expect(findFigure(longer, 'cost')).toBe(cost.dataPoints[0]);
    expect(findFigure(longer, 'hw.host.power')).toBeUndefined();
    expect(findFigure(run, 'cost')).toBeUndefined();
  });
});

describe('findFigure', () => {
  const run = makeRun({ scenario: 'a' }, 'test', [power]);
  const counted = (...methods: (string | undefined)[]) =>
    methods.map((method, index) => figureGauge(figure, index, run, method === undefined ? {} : { method }));

  it.each([
    ['the only point', [undefined], 0],
    ['the point without a method', ['market', undefined, 'marginal', 'location'], 1],
    ['the point by location where all have a method', ['marginal', 'market', 'location'], 2],
    ['nothing where there is neither', ['market', 'marginal'], undefined],
    ['nothing where a lone point is by another method', ['marginal'], undefined],
    ['nothing where two are without a method', [undefined, undefined, 'location'], undefined],
    ['nothing where two are by location', ['location', 'location'], undefined],
  ] as const)('is %s', (_, methods, expected) => {
    const gauges = counted(...methods);
    expect(findFigure(makeRun({}, 'test', gauges), 'cost')?.value).toBe(expected);
    const [first] = gauges as GaugeMetricData[] as [GaugeMetricData];
    const joined = { ...first, dataPoints: gauges.flatMap(({ dataPoints }) => dataPoints) };
    expect(findFigure(makeRun({}, 'test', [joined]), 'cost')?.value).toBe(expected);
    const spread = gauges.reduce((batch, gauge) => extendRun(batch, 'more', [gauge]), run);
    expect(findFigure(spread, 'cost')?.value).toBe(expected);
  });
});

describe('runWindow', () => {
  const windowOf = (attributes: Record<string, number>, metrics: SampledGauge[] = []) =>
    runWindow(makeRun(attributes, 'test', metrics));

  it('ends with the run, else after its duration, else with its last sample', () => {
    expect(windowOf({ 'run.start_time': 100, 'run.end_time': 160, 'run.duration': 30 })).toEqual({
      start: [100, 0],
      end: [160, 0],
    });
    expect(windowOf({ 'run.start_time': 100, 'run.duration': 30 })).toEqual({ start: [100, 0], end: [130, 0] });
    expect(windowOf({}, [power])).toEqual({ start: [1020, 5], end: [1020, 5] });
    const other = { ...power, dataPoints: [{ startTime: [0, 0], endTime: [2000, 0], value: 1, attributes: {} }] };
    expect(windowOf({}, [other as unknown as SampledGauge, power]).end).toEqual([2000, 0]);
  });

  it('ends now where nothing says when', () => {
    const before = Date.now() / 1000 - 1;
    expect(windowOf({}).end[0]).toBeGreaterThanOrEqual(Math.floor(before));
  });
});

describe('runDuration', () => {
  it.each([
    [{ 'run.duration': 30, 'run.start_time': 100, 'run.end_time': 160 }, 30],
    [{ 'run.start_time': 100, 'run.end_time': 160 }, 60],
    [{ 'run.duration': 0, 'run.start_time': 100, 'run.end_time': 160 }, 60],
    [{ 'run.duration': 0 }, undefined],
    [{ 'run.start_time': 160, 'run.end_time': 160 }, undefined],
    [{ 'run.start_time': 160 }, undefined],
    [{ 'run.duration': Number.NaN }, undefined],
  ])('of %j is %j', (attributes, expected) => {
    expect(runDuration(attributes)).toBe(expected);
  });
});

describe('labels', () => {
  it('fall back on what OpenTelemetry calls them, and leave out what is not known', () => {
    expect(labelsOf({ 'service.name': 'a', 'cloud.region': 'x', encoder: '', bitrate: 5, 'run.fps': 30 })).toEqual({
      scenario: 'a',
      region: 'x',
      bitrate: '5',
    });
    expect(labelsOf({ scenario: 'b', 'service.name': 'a', power: 'predicted' })).toEqual({
      scenario: 'b',
      power: 'predicted',
    });
    expect(regionOf({ region: '', 'cloud.region': 'x' })).toBe('x');
    expect(describeRun(makeRun({}, 'test', []))).toBe('a run without a scenario name');
  });
});
