import { expect, it } from 'vitest';
import { holds, type Row, spreadIn } from './row.ts';
import { spreadOf, spreadOfRounds } from './spread.ts';
import { formatTable } from './table.ts';

const row: Row = { id: 'a', measure: 'a', goal: '≤ 0.8 × b', value: spreadIn('×', [0.9, 0.6, 0.7]), most: 0.8 };

it('takes the middle of an odd number of values, and the mean of the two in the middle of an even one', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
});

it('compares what was measured in the same round', () => {
  expect(spreadOfRounds([2, 9, 4], [1, 3, 4], (a, b) => a / b)).toEqual({ median: 2, min: 1, max: 3 });
});

it('judges a goal by the median', () => {
  expect(holds(row)).toBe(true);
  expect(holds({ ...row, most: 0.65 })).toBe(false);
  expect(holds({ id: 'b', measure: 'b', value: spreadIn('%', [59]), least: 60 })).toBe(false);
  expect(holds({ id: 'c', measure: 'c', value: spreadIn('%', [1]) })).toBeUndefined();
});

it('says how far a row has moved since the last result', () => {
  const before = new Map([['a', { ...row, value: spreadIn('×', [1.4]) }]]);
  expect(formatTable([row], before)).toContain('| 1.4 × (−50 %)');
});
