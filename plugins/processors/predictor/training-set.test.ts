import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type LearntRun, TrainingSet } from './training-set.ts';

const run = (id: string, start: number, x = 1, y = 10): LearntRun => ({ id, group: '', start, x, y });
const learnt = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 500 }).map(String),
    group: fc.constantFrom('', 'a', 'b'),
    start: fc.constantFrom(Number.NEGATIVE_INFINITY, 1, 2, 3, 4, 5),
    x: fc.integer({ min: 0, max: 5 }),
    y: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
  { selector: ({ id }) => id, maxLength: 60 },
);

function setOf(runs: readonly LearntRun[], most: number): TrainingSet {
  const set = new TrainingSet(most);
  for (const one of runs) set.add(one);
  return set;
}

it('holds each run once, as it was the last time', () => {
  const set = setOf([run('a', 1), run('b', 2), run('a', 1)], 10);
  expect([set.size, set.changes]).toEqual([2, 2]);
  set.add(run('a', 1, 1, 20));
  expect([set.size, set.changes, set.get('a')?.y]).toEqual([2, 3, 20]);
});

it('keeps the runs with the latest start, undated ones last, whatever the order in which they come', () => {
  const latest = (runs: readonly LearntRun[], most: number) =>
    runs
      .toSorted((a, b) =>
        a.start === b.start ? Number(a.id > b.id) - Number(a.id < b.id) : a.start < b.start ? -1 : 1,
      )
      .slice(-most)
      .map(({ id }) => id)
      .sort();
  const order = learnt.chain((runs) =>
    fc.tuple(fc.constant(runs), fc.shuffledSubarray(runs, { minLength: runs.length })),
  );
  fc.assert(
    fc.property(order, fc.integer({ min: 1, max: 70 }), ([runs, shuffled], most) => {
      const set = setOf(shuffled, most);
      expect([...set].map(({ id }) => id).sort()).toEqual(latest(runs, most));
      expect(set.sorted()).toEqual(setOf(runs, most).sorted());
    }),
  );
});

it('gives a run that was replaced no other place among those that go', () => {
  const set = setOf([run('a', 1), run('b', 2), run('a', 1, 1, 20), run('c', 3)], 2);
  expect([...set].map(({ id }) => id)).toEqual(['b', 'c']);
});
