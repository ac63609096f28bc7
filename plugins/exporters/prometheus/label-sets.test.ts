import { expect, it } from 'vitest';
import { LabelOrders, LabelSets } from './label-sets.ts';

it('a label set is shared until no table has a row of it', () => {
  const sets = new LabelSets();
  const [first, second] = [{}, {}];
  const set = sets.of('a');
  set.place(first, 1);
  set.place(second, 2);
  expect([set.rowIn(first), set.rowIn(second), set.rowIn({})]).toEqual([1, 2, undefined]);
  sets.release(set, first);
  expect([set.rowIn(first), set.rowIn(second)]).toEqual([undefined, 2]);
  expect(sets.of('a')).toBe(set);
  sets.release(set, second);
  expect(sets.of('a')).not.toBe(set);
});

it('a label set that was released before does not take the next one of its key with it', () => {
  const sets = new LabelSets();
  const table = {};
  const before = sets.of('a');
  before.place(table, 0);
  sets.release(before, table);
  const after = sets.of('a');
  after.place(table, 0);
  sets.release(before, table);
  expect(sets.of('a')).toBe(after);
});

it('names in another order get the order in which they came first', () => {
  const orders = new LabelOrders();
  const came = [['b', 'a'], ['a', 'b', 'c'], ['a', 'b'], ['b', 'a'], ['c', 'b', 'a'], ['a'], []];
  expect(came.map((names) => orders.of(names).join())).toEqual(['b,a', 'a,b,c', 'b,a', 'b,a', 'a,b,c', 'a', '']);
  const usual = ['b', 'a'];
  expect(orders.of(usual)).toBe(usual);
});
