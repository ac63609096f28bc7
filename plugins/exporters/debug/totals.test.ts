import { expect, it } from 'vitest';
import { Totals } from './totals.ts';

const sumsOf = (runs: readonly (readonly [name: string, unit: string, value: number])[][]) => {
  const totals = new Totals();
  for (const figures of runs) {
    totals.nextRun();
    for (const [name, unit, value] of figures) totals.add(name, unit, value);
  }
  return totals.sums.map(({ column, value, runs }) => [column, value, runs]);
};

it('adds figures up whatever runs have, in whatever order', () => {
  const [a, b, c] = [
    ['a', '{USD}', 1],
    ['b', 'kg', 10],
    ['c', 'J', 100],
  ] as const;
  expect(sumsOf([[a, b], [b, a], [c, b], [], [a, b, c]])).toEqual([
    ['a [USD]', 3, 3],
    ['b [kg]', 40, 4],
    ['c [J]', 200, 2],
  ]);
});

it('counts the later one of two in a column, and no ratios', () => {
  const run = [
    ['a', 'kg', 1],
    ['a', 'kg{CO2e}', 5],
    ['r', 'kg/s', 7],
  ] as const;
  expect(sumsOf([[...run], [...run]])).toEqual([['a [kg]', 10, 2]]);
});
