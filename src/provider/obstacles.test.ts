import { expect, it } from 'vitest';
import { Obstacles } from './obstacles.ts';

it('obstacles are known by place and period, the newest first', () => {
  const obstacles = new Obstacles();
  obstacles.add('DE', { first: 1, last: 5 }, 'refused');
  obstacles.add('DE', { first: 5, last: 9 }, 'no value');
  obstacles.add('FR', { first: 1, last: 9 }, 'elsewhere');
  const of = (first: number, last: number) => obstacles.of('DE', { first, last });
  expect([of(1, 4), of(4, 5), of(6, 7), of(9, 20)]).toEqual(['refused', 'no value', 'no value', 'no value']);
  expect([of(0, 0), of(10, 12), obstacles.of('SE', { first: 1, last: 9 })]).toEqual([undefined, undefined, undefined]);
});

it('the oldest obstacles make room', () => {
  const obstacles = new Obstacles();
  for (let period = 0; period <= 1000; period++) obstacles.add('DE', { first: period, last: period }, `of ${period}`);
  expect(obstacles.of('DE', { first: 0, last: 0 })).toBeUndefined();
  expect(obstacles.of('DE', { first: 1, last: 1 })).toBe('of 1');
  expect(obstacles.of('DE', { first: 0, last: 1000 })).toBe('of 1000');
});
