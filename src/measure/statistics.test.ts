import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differenceOf } from './statistics.ts';

it('compares run by run, so that a drift of the host that touches both does not count', () => {
  const drift = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 20 });
  fc.assert(
    fc.property(drift, fc.integer({ min: -100, max: 100 }), (values, more) => {
      const second = values.map((value) => value + more);
      expect(differenceOf(values, second)).toEqual({ mean: more, deviation: 0, runs: values.length });
    }),
  );
  expect(differenceOf([1, 2], [4])).toEqual({ mean: 3, deviation: undefined, runs: 1 });
});
