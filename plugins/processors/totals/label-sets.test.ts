import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LabelSet, LabelSets } from './label-sets.ts';

it('a counter is known by its name and labels, in whatever order', () => {
  const key = (labels: object) => new LabelSet({ ...labels }).keyOf('x');
  expect(key({ a: '1', b: '2' })).toBe(key({ b: '2', a: '1' }));
  expect(key({ a: '1' })).not.toBe(key({ a: '2' }));
  expect(new LabelSet({}).keyOf('x')).not.toBe(new LabelSet({}).keyOf('y'));
  // It is what a state of any version holds.
  expect(key({ scenario: 'a', boundary: 'host' })).toBe('counter/["x",[["boundary","host"],["scenario","a"]]]');
});

it('sets that are kept are those of the labels, whatever came before', () => {
  const anyLabels = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.oneof(fc.string({ maxLength: 2 }), fc.constant('long'.repeat(300))),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(anyLabels), fc.integer({ min: 1, max: 4 }), (all, most) => {
      const sets = new LabelSets(most);
      for (const labels of all) {
        expect(sets.of(labels).labels).toEqual(labels);
        for (const name of ['x', 'y', 'x']) expect(sets.of(labels).keyOf(name)).toBe(new LabelSet(labels).keyOf(name));
      }
    }),
  );
});
