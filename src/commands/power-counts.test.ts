import { expect, it } from 'vitest';
import { hostPower, Run, Series, samplesOf } from '../plugin/index.ts';
import { PowerCounts } from './power-counts.ts';

const samples = [samplesOf(hostPower, Series.regular([1_790_000_000, 0], 5, Float64Array.of(10, 10)))];

it('says of how many runs the power was measured, modelled and predicted, in this order, and how many have none', () => {
  const counts = new PowerCounts();
  expect(String(counts)).toBe('');
  // A word without power says nothing.
  for (const power of [undefined, 'predicted']) counts.add(Run.of({ power }));
  for (const power of ['predicted', 'modelled', 'measured', undefined]) counts.add(Run.of({ power }, { samples }));
  expect(String(counts)).toBe('measured in 2 runs, modelled in 1 run, predicted in 1 run, none in 2 runs');
});
