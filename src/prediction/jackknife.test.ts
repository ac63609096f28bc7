import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomNumbers } from '../../test/kit/random-numbers.ts';
import { fitCurve, valueAt } from './curves.ts';
import { type Interval, intervalAt, type LeftOut, leaveOut, leavingOut } from './jackknife.ts';
import type { Observation } from './observation.ts';

const observations = (least: number, most: number): fc.Arbitrary<Observation[]> =>
  fc.array(
    fc.record({
      x: fc.oneof(
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 20_000 }).map((thousandths) => thousandths / 1000),
      ),
      y: fc.double({ min: 0, max: 100, noNaN: true }),
    }),
    { minLength: least, maxLength: most },
  );
const models = fc.constantFrom('auto', 'linear', 'power', 'monotone');

describe('leaving observations out', () => {
  it('fits a curve without each, and keeps by how much that misses it, the smallest first', () => {
    const all = [1, 2, 3, 4, 5].map((x) => ({ x, y: x === 3 ? 90 : 25 + 25 * x }));
    const leftOut = leaveOut('linear', all) as LeftOut;
    expect(leftOut.curves).toHaveLength(5);
    const without = fitCurve(
      'linear',
      all.filter(({ x }) => x !== 3),
    );
    expect(leftOut.curves[2]).toEqual(without);
    expect(leftOut.misses.find(({ curve }) => curve === 2)?.error).toBe(90 - valueAt(without, 3));
    const sizes = leftOut.misses.map(({ error }) => Math.abs(error));
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  });

  it('takes the next simpler curve where too few different x are left', () => {
    const three = [0, 1, 4].map((x) => ({ x, y: 10 + x }));
    expect(leaveOut('auto', three)?.curves.map(({ kind }) => kind)).toEqual(['linear', 'linear', 'linear']);
    expect(leaveOut('auto', three.slice(1))).toBeUndefined();
    expect(leaveOut('auto', [])).toBeUndefined();
  });

  it('does not depend on the order of the observations', () => {
    fc.assert(
      fc.property(models, observations(0, 150), (model, all) => {
        expect(leaveOut(model, all.toReversed())).toEqual(leaveOut(model, all));
      }),
    );
  });

  it('of 10,000 fits 64 curves, one a step, and keeps no more than 2,048 misses', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ x: i % 997, y: 10 + (i % 997) + (i % 7) }));
    const steps = [...leavingOut('auto', many)].length;
    const { curves, misses } = leaveOut('auto', many) as LeftOut;
    expect(steps).toBe(65);
    expect(curves).toHaveLength(64);
    expect(misses.length).toBeLessThanOrEqual(2048);
    expect(misses.length).toBeGreaterThan(1024);
  });
});

describe('the interval of jackknife+', () => {
  it('is what the formula says of every observation', () => {
    const level = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    const x = fc.double({ min: 0, max: 30, noNaN: true });
    fc.assert(
      fc.property(models, observations(4, 150), x, level, (model, all, at, wanted) => {
        const leftOut = leaveOut(model, all);
        fc.pre(leftOut !== undefined);
        expect(intervalAt(leftOut, at, wanted)).toEqual(byFormula(leftOut, at, wanted));
      }),
    );
  });

  it('of more observations than are kept is no narrower, and wider by little', () => {
    const random = randomNumbers(1);
    const many = Array.from({ length: 5000 }, () => observe(random));
    const kept = leaveOut('linear', many) as LeftOut;
    const curve = kept.curves[0] as LeftOut['curves'][number];
    // Curves without a 64th of so many hardly differ, so that every miss can be told from one of them.
    const all = many.map(({ x, y }) => ({ curve: 0, error: y - valueAt(curve, x) }));
    const exact = byFormula({ curves: [curve], misses: all }, 1, 0.9);
    const { lower, upper } = intervalAt(kept, 1, 0.9);
    expect(upper - lower).toBeGreaterThan((exact.upper - exact.lower) * 0.99);
    expect(upper - lower).toBeLessThan((exact.upper - exact.lower) * 1.02);
  });

  it('claims no more than n / (n + 1), so that less than 9 observations are not enough for 90 %', () => {
    for (const n of [3, 5, 8, 9, 20]) {
      const all = Array.from({ length: n }, (_, x) => ({ x, y: 10 + x + (x % 2) }));
      const { level } = intervalAt(leaveOut('linear', all) as LeftOut, 2, 0.9);
      expect(level).toBe(Math.min(0.9, n / (n + 1)));
    }
  });

  it('of fewer than a level needs holds every observation', () => {
    fc.assert(
      fc.property(observations(4, 8), (all) => {
        const leftOut = leaveOut('auto', all);
        fc.pre(leftOut !== undefined && leftOut.misses.length === all.length);
        for (const { x, y } of all) {
          const { lower, upper } = intervalAt(leftOut, x, 0.9);
          expect(y).toBeGreaterThanOrEqual(lower - 1e-9);
          expect(y).toBeLessThanOrEqual(upper + 1e-9);
        }
      }),
    );
  });

  it.each([
    { n: 9, model: 'auto' },
    { n: 9, model: 'linear' },
    { n: 20, model: 'auto' },
    { n: 20, model: 'power' },
    { n: 100, model: 'auto' },
  ] as const)('at 90 % holds about that of what $n observations did not have, with $model', ({ n, model }) => {
    const random = randomNumbers(n);
    const [rounds, tests] = [200, 5];
    let held = 0;
    for (let round = 0; round < rounds; round++) {
      const leftOut = leaveOut(
        model,
        Array.from({ length: n }, () => observe(random)),
      ) as LeftOut;
      for (let test = 0; test < tests; test++) {
        const { x, y } = observe(random);
        const { lower, upper } = intervalAt(leftOut, x, 0.9);
        if (lower <= y && y <= upper) held++;
      }
    }
    const share = held / (rounds * tests);
    // What is guaranteed is 80 %. Those of one round are alike, so that the deviation is between that of 200 and of 1,000.
    expect(share).toBeGreaterThan(0.9 - 2.33 * Math.sqrt((0.9 * 0.1) / rounds));
    expect(share).toBeLessThan(0.99);
  });
});

/** The two ends as the paper has them, without any shortcut. */
function byFormula({ curves, misses }: LeftOut, x: number, wanted: number): Interval {
  const n = misses.length;
  const rank = Math.min(n, Math.ceil(wanted * (n + 1) - 1e-9));
  const values = misses.map(({ curve }) => valueAt(curves[curve] as LeftOut['curves'][number], x));
  const sorted = (sign: number) =>
    values.map((value, i) => value + sign * Math.abs(misses[i]?.error as number)).sort((a, b) => sign * (a - b));
  return {
    lower: Math.max(0, sorted(-1)[rank - 1] as number),
    upper: sorted(1)[rank - 1] as number,
    level: Math.min(wanted, n / (n + 1)),
  };
}

/** Watts over a load of 0 to 2, with noise of about 5 %. */
function observe(random: () => number): Observation {
  const x = 2 * random();
  const noise = random() + random() + random() - 1.5;
  return { x, y: 50 + 60 * Math.sqrt(x) + 10 * noise };
}
