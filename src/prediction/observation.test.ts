import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atMost, merged, type Observation } from './observation.ts';

const observation: fc.Arbitrary<Observation> = fc.record({
  x: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.double({ min: 0, max: 1e6, noNaN: true })),
  y: fc.double({ min: 0, max: 1e6, noNaN: true }),
  weight: fc.integer({ min: 1, max: 9 }),
});
const many = fc.array(observation, { minLength: 1, maxLength: 120 });
const totalWeight = (points: readonly Observation[]) => points.reduce((sum, { weight = 1 }) => sum + weight, 0);

describe('merged observations', () => {
  it('have one point for each x, with the weighted mean of y', () => {
    const observations = [
      { x: 2, y: 5 },
      { x: 0, y: 1 },
      { x: 2, y: 8, weight: 2 },
    ];
    expect(merged(observations)).toEqual([
      { x: 0, y: 1, weight: 1 },
      { x: 2, y: 7, weight: 3 },
    ]);
  });

  it('take x for the same that differ by rounding alone', () => {
    const xs = merged([0.1 + 0.2, 0.3, 0, 10].map((x) => ({ x, y: 1 }))).map(({ x }) => x);
    expect(xs).toEqual([0, expect.closeTo(0.3, 15), 10]);
  });

  it('are the same bit for bit in whatever order the observations come', () => {
    fc.assert(
      fc.property(many, fc.infiniteStream(fc.nat()), (observations, numbers) => {
        const shuffled = observations
          .map((one) => ({ one, at: numbers.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);
        expect(merged(shuffled)).toEqual(merged(observations));
      }),
    );
  });
});

describe('a number of points at most', () => {
  it('leaves fewer as they are', () => {
    const points = merged([1, 2, 3].map((x) => ({ x, y: x })));
    expect(atMost(3, points)).toEqual(points);
    expect(atMost(3, [])).toEqual([]);
  });

  it('is kept, with no weight lost and the order of x', () => {
    fc.assert(
      fc.property(many, fc.integer({ min: 2, max: 32 }), (observations, most) => {
        const points = merged(observations);
        const fewer = atMost(most, points);
        expect(fewer.length).toBeLessThanOrEqual(most);
        expect(totalWeight(fewer)).toBe(totalWeight(points));
        expect(fewer.every(({ x }, i) => i === 0 || x > (fewer[i - 1]?.x as number))).toBe(true);
      }),
    );
  });

  it('keeps points both where much was measured and where x goes far', () => {
    const crowded = Array.from({ length: 1000 }, (_, i) => ({ x: i / 1000, y: i }));
    const fewer = atMost(16, merged([...crowded, { x: 64, y: 2000 }]));
    expect(fewer.at(-1)).toEqual({ x: 64, y: 2000, weight: 1 });
    expect(fewer.length).toBeGreaterThanOrEqual(8);
    for (const { weight } of fewer) expect(weight).toBeLessThanOrEqual(1001 / 8 + 1);
  });
});
