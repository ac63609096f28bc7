import { expect, it } from 'vitest';
import { type Meaning, meaningOf } from 'wattline/figures';
import { ceilingOf, mostWithin } from './ceilings.ts';

const of = (name: string) => meaningOf(name) as Meaning;
const unknown = { watts: {}, cores: 100 };

it('a meter of CPU time is bound by the cores of its host, and one core-second at once', () => {
  expect(mostWithin(ceilingOf(of('process.cpu.time'), 'process', unknown, 4), 10)).toBeCloseTo(45, 12);
  expect(mostWithin(ceilingOf(of('process.cpu.time'), 'process', unknown, undefined), 10)).toBeCloseTo(1101, 12);
});

it('a meter of energy or power is bound by what its boundary can draw, as configured', () => {
  const watts = (boundary: 'host' | 'package' | 'gpu', options = unknown) =>
    ceilingOf(of('hw.energy'), boundary, options, 4).rate;
  expect([watts('host'), watts('package'), watts('gpu')]).toEqual([20_000, 1500, 2000]);
  expect(watts('gpu', { ...unknown, watts: { gpu: 5000 } })).toBe(5000);
});
