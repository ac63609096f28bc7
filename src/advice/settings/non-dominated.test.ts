import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Candidate, dominates, nonDominated } from './non-dominated.ts';

const candidates = fc.array(
  fc.record({
    amounts: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
    vmaf: fc.integer({ min: 90, max: 94 }),
  }),
  { minLength: 1, maxLength: 7 },
);

/** All sets in which nobody dominates another, and that dominate whoever is not in them. */
function setsByForce(all: readonly Candidate[], tolerance: number): Candidate[][] {
  const subsets = Array.from({ length: 2 ** all.length }, (_, bits) => all.filter((_, i) => bits & (1 << i)));
  return subsets.filter((subset) =>
    all.every((one) => subset.includes(one) !== subset.some((other) => dominates(other, one, tolerance))),
  );
}

it('is the one set that trying all of them finds', () => {
  fc.assert(
    fc.property(candidates, fc.constantFrom(0, 1, 2), (all, tolerance) => {
      expect(setsByForce(all, tolerance)).toEqual([nonDominated(all, tolerance)]);
    }),
  );
});

it('does not add tolerances up', () => {
  const chain = [
    { amounts: [3], vmaf: 92 },
    { amounts: [2], vmaf: 91 },
    { amounts: [1], vmaf: 90 },
  ];
  // The second gives way to the third, and the first, which is 2 points better than that, stays.
  expect(nonDominated(chain, 1).map(({ vmaf }) => vmaf)).toEqual([92, 90]);
});
