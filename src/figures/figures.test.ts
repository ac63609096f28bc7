import { type DataPoint, DataPointType, type GaugeMetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { figure } from '../model/figure.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, isSignal, samplesOf } from '../model/signals.ts';
import { figuresOf, findFigure, labelledFigures } from './figures.ts';

const cost = { name: 'cost', unit: '{USD}', description: 'a price' };
const power = samplesOf(hostPower, Series.regular([0, 0], 1, Float64Array.of(5)));

/** The same run with its figures as metrics, as an exporter or a clone has them. */
const asMetrics = (run: Run) => Run.from(structuredClone(run.toResourceMetrics()));

/** One metric with a point for each of the labels. */
function gaugeOf(labels: readonly Record<string, string>[]): GaugeMetricData {
  const points = labels.map((attributes, value): DataPoint<number> => {
    return { startTime: [0, 0], endTime: [0, 0], attributes, value };
  });
  const [metric] = Run.of({}, { figures: [figure(cost, 0)] }).scopeMetrics[0]?.metrics ?? [];
  return { ...(metric as GaugeMetricData), dataPointType: DataPointType.GAUGE, dataPoints: points };
}
const runOf = (metric: GaugeMetricData) => Run.of({}, { metrics: [{ scope: { name: 'test' }, metrics: [metric] }] });

describe('the figures of a run', () => {
  it('are the points of one metric where they are told apart', () => {
    const ofUnits = (...units: string[]) => runOf(gaugeOf(units.map((functional_unit) => ({ functional_unit }))));
    expect(figuresOf(ofUnits('frame', 'pixel')).map(({ name }) => name)).toEqual(['cost (frame)', 'cost (pixel)']);
    expect(figuresOf(ofUnits('frame', 'frame'))).toEqual([]);
  });

  it('are told apart by what only they say', () => {
    const co2 = { name: 'co2', unit: 'kg', description: '' };
    const figures = [
      figure(co2, 1, { method: 'location', state: 'live' }),
      figure(co2, 2, { method: 'market' }),
      figure(co2, 3, { region_known: 'false', fill: 'mean' }),
      figure(cost, 4, { included_in: 'compute' }),
    ];
    const run = Run.of({ scenario: 'a', region: 'eu-west-1' }, { samples: [power], figures });
    for (const one of [run, asMetrics(run)]) {
      expect(figuresOf(one).map(({ name, value, attributes }) => [name, value, attributes])).toEqual([
        ['co2', 1, { method: 'location', state: 'live' }],
        ['co2 (market)', 2, { method: 'market' }],
        ['co2 (mean)', 3, { region_known: 'false', fill: 'mean' }],
        ['cost', 4, { included_in: 'compute' }],
      ]);
    }
  });

  it('have the labels of the run and its window, whatever the shape that they came in', () => {
    const times = { 'run.start_time': 100, 'run.end_time': 160 };
    const figures = [figure(cost, 1, { region: 'y' }), figure({ ...cost, name: 'other' }, 2)];
    const run = Run.of({ scenario: 'a', ...times }, { samples: [power], figures });
    const expected = { value: 1, labels: { scenario: 'a', region: 'y' }, window: { start: [100, 0], end: [160, 0] } };
    for (const one of [run, asMetrics(run)]) {
      expect(labelledFigures(one, ({ name }) => name === 'cost')).toMatchObject([expected]);
      expect(labelledFigures(one, () => true).map(({ definition }) => definition.name)).toEqual(['cost', 'other']);
    }
  });
});

describe('findFigure', () => {
  it.each([
    ['the only point', [undefined], 0],
    ['the point without a method', ['market', undefined, 'marginal', 'location'], 1],
    ['the point by location where all have a method', ['marginal', 'market', 'location'], 2],
    ['nothing where there is neither', ['market', 'marginal'], undefined],
    ['nothing where a lone point is by another method', ['marginal'], undefined],
    ['nothing where two are without a method', [undefined, undefined, 'location'], undefined],
    ['nothing where two are by location', ['location', 'location'], undefined],
  ] as const)('is %s', (_, methods, expected) => {
    const labels = methods.map((method) => (method === undefined ? {} : { method }));
    const figures = labels.map((own, index) => figure(cost, index, own));
    const run = Run.of({ scenario: 'a' }, { samples: [power], figures });
    expect(findFigure(run, 'cost')?.value).toBe(expected);
    expect(findFigure(runOf(gaugeOf(labels)), 'cost')?.value).toBe(expected);
    const spread = figures.reduce((longer, one) => longer.with({ figures: [one] }), Run.of({}));
    expect(findFigure(spread, 'cost')?.value).toBe(expected);
  });

  it('finds no samples, and nothing that is not there', () => {
    const run = Run.of({}, { samples: [power] });
    expect([findFigure(run, 'hw.host.power'), findFigure(asMetrics(run), 'hw.host.power')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(findFigure(run, 'cost')).toBeUndefined();
    expect(run.scopeMetrics.flatMap(({ metrics }) => metrics).every(isSignal)).toBe(true);
  });
});
