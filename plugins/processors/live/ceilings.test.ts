import { expect, it } from 'vitest';
import { type Meaning, meaningOf } from 'wattline/figures';
import { ceilingOf, mostWithin } from './ceilings.ts';

const of = (name: string) => meaningOf(name) as Meaning;
const unknown = { watts: { host: 20_000, gpu: 2000 }, cores: 100 };

it('a meter of CPU time is bound by the cores of its host, and one core-second at once', () => {
  expect(mostWithin(ceilingOf(of('process.cpu.time'), 'process', unknown, 4), 10)).toBeCloseTo(45, 12);
  expect(mostWithin(ceilingOf(of('process.cpu.time'), 'process', unknown, undefined), 10)).toBeCloseTo(1101, 12);
});

it('a meter of energy or power is bound by what its boundary can draw', () => {
  const ceiling = (boundary: 'host' | 'package' | 'gpu') => ceilingOf(of('hw.energy'), boundary, unknown, 4);
  expect(mostWithin(ceiling('host'), 9)).toBe(200_000);
  expect(ceiling('gpu').rate).toBe(2000);
  expect(ceiling('package').rate).toBe(Number.POSITIVE_INFINITY);
});
