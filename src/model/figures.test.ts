import type { DataPoint } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { figuresOf } from './figures.ts';
import { figureGauge, makeRun } from './run.ts';
import { Series } from './series.ts';
import { hostPower, signalGauge } from './signals.ts';

it('the points of one metric are figures where they are told apart', () => {
  const gauge = figureGauge({ name: 'sci', unit: 'g', description: '' }, 1, makeRun({}, 'test', []));
  const [point] = gauge.dataPoints;
  const runOf = (...units: string[]) => {
    const dataPoints = units.map((functional_unit) => ({
      ...(point as DataPoint<number>),
      attributes: { functional_unit },
    }));
    return makeRun({}, 'test', [{ ...gauge, dataPoints }]);
  };
  expect(figuresOf(runOf('frame', 'pixel')).map(({ name }) => name)).toEqual(['sci (frame)', 'sci (pixel)']);
  expect(figuresOf(runOf('frame', 'frame'))).toEqual([]);
});

it('the figures of a run are told apart by what only they say', () => {
  const run = makeRun({ scenario: 'a', region: 'eu-west-1' }, 'test', []);
  const gauge = (name: string, value: number, extra = {}) =>
    figureGauge({ name, unit: 'kg', description: '' }, value, run, extra);
  const metrics = [
    gauge('co2', 1, { method: 'location', state: 'live' }),
    gauge('co2', 2, { method: 'market' }),
    gauge('co2', 3, { region_known: 'false', fill: 'mean' }),
    signalGauge(hostPower, Series.regular([0, 0], 1, Float64Array.of(5))),
  ];
  expect(
    figuresOf(makeRun({}, 'test', metrics)).map(({ name, value, attributes }) => [name, value, attributes]),
  ).toEqual([
    ['co2', 1, { method: 'location', state: 'live' }],
    ['co2 (market)', 2, { method: 'market' }],
    ['co2 (mean)', 3, { region_known: 'false', fill: 'mean' }],
  ]);
});
