import { expect, it } from 'vitest';
import { figure } from '../model/figure.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, hostPower, samplesOf } from '../model/signals.ts';
import { measure } from './measure.ts';
import { runOfText, textOfRun } from './run-text.ts';

it('a run is the same after it was a text', () => {
  const power = Series.regular([1_766_947_958, 250_000_000], 5, Float64Array.of(0.1, Number.NaN, 1 / 3, 4, 0.1));
  const cpu = Series.irregular([1_766_947_958, 0], Float64Array.of(0, 3, 7), Float64Array.of(1, 2, 3));
  const cost = { name: 'cost_energy_load_aware', unit: '{USD}', description: 'a cost' };
  const factor = { id: 'price/x', quantity: 'price', value: 0.2, unit: 'USD/kWh', source: 'x', state: 'live' } as const;
  const attributes = {
    scenario: 'a',
    region: 'x',
    'run.start_time': 1_766_947_958.25,
    'run.duration': 20,
    tags: ['b'],
  };
  const run = Run.of(attributes, {
    samples: [samplesOf(hostPower, power), samplesOf(cpuUsage, cpu, 'wattline/live')],
    figures: [figure(cost, 1 / 3, { state: 'live' }, factor)],
  });
  const read = runOfText(textOfRun(run));
  expect(read.toResourceMetrics()).toEqual(run.toResourceMetrics());
  for (const signal of [hostPower, cpuUsage]) expect(measure(read, signal).value).toBe(measure(run, signal).value);
  const foreign = Run.from(structuredClone(run.toResourceMetrics()));
  const again = runOfText(textOfRun(foreign));
  expect(again.resource.attributes).toEqual(foreign.resource.attributes);
  expect(measure(again, hostPower).value).toBe(measure(foreign, hostPower).value);
  expect(again.metrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name))).toEqual([cost.name]);
});
