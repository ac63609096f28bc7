import { expect, it } from 'vitest';
import { constantFactor, type Factor } from '../model/factor.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';
import { factorLine, integralLine, partLine } from './lines.ts';
import { type Integrated, measure } from './measure.ts';
import { weigh } from './weigh.ts';

const START = 1_766_947_958;
const gap = Number.NaN;
const measured = (values: readonly number[], attributes = {}) =>
  measure(
    Run.of(attributes, { samples: [samplesOf(hostPower, Series.regular([START, 0], 5, Float64Array.from(values)))] }),
    hostPower,
  ) as Integrated;
const line = (values: readonly number[], attributes = {}) =>
  integralLine('energy_joules', 'J', measured(values, attributes), 'modelled');

it('an integral is a sum that is short where the samples are even, and goes piece by piece around gaps', () => {
  expect(line([1, 2, 4])).toMatchObject({ expression: '(1 / 2 + 2 + 4 / 2) * 5', value: 22.5 });
  expect(line([1, 2], { 'run.sampling': 'interval' })).toMatchObject({ expression: '(1 + 2) * 5', value: 15 });
  expect(line([1, 2, gap, gap, 3, 3])).toMatchObject({ expression: '(1 + 2) / 2 * 5 + 3 * 5', value: 22.5 });
  expect(line([7])).toMatchObject({
    expression: '7 * 5',
    value: 35,
    note: 'modelled, a single sample, 1 sample over 5 s',
  });
});

it('a part of an integral is what lies between the times of its factor', () => {
  const factor = { value: 1 } as Factor;
  const series = { between: () => [{ from: START + 2, to: START + 7, factor }] };
  const power = measured([10, 20, 20]);
  const [part] = weigh(power, series).parts;
  expect(part && partLine('energy_joules_1', 'J', power, part)).toEqual({
    name: 'energy_joules_1',
    expression: '(14 + 20) / 2 * 3 + 20 * 2',
    value: 91,
    unit: 'J',
    note: 'from 2025-12-28T18:52:40.000Z to 2025-12-28T18:52:45.000Z',
  });
  const [always] = weigh(power, constantFactor(factor)).parts;
  expect(always && partLine('e', 'J', power, always).note).toBe('from the start to the end');
});

it('a factor is a number with its record', () => {
  const factor: Factor = {
    ...{ id: 'intensity/x', quantity: 'intensity', value: 0.3, unit: 'kg/kWh', source: 'a table' },
    ...{ year: 2025, method: 'location', state: 'cached' },
  };
  expect(factorLine('intensity', factor)).toEqual({
    name: 'intensity',
    value: 0.3,
    unit: 'kg/kWh',
    note: 'intensity/x: a table, 2025, location, cached',
  });
  const builtin: Factor = { ...factor, id: 'intensity/eu-north-1/builtin' };
  expect(factorLine('intensity', builtin, 'a service gave nothing').note?.split('\n')).toEqual([
    'intensity/eu-north-1/builtin: a table, 2025, location, cached',
    'a table says 0.02 kg/kWh: Electricity Maps, zone SE-SE3, yearly average, by way of CO2.js 0.19.0, 2025; `dataset: electricity_maps` takes it',
    'a service gave nothing',
  ]);
  const readAt = Date.parse('2026-11-30T12:00:00.900Z') / 1000;
  expect(factorLine('intensity', { ...factor, version: 'estimated', readAt }).note).toBe(
    'intensity/x: a table, 2025, location, cached, estimated, read 2026-11-30T12:00:00Z',
  );
});
