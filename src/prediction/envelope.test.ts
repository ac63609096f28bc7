import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valueAt } from './curves.ts';
import { boundsOf, type OutsideRule } from './envelope.ts';
import { fitModel, type ModelOptions, type Prediction, predict } from './model.ts';

/** y = 10 + 5x with a little noise, on x = 1…9. */
const runs = Array.from({ length: 9 }, (_, i) => {
  return { id: String(i), group: '', x: i + 1, y: 10 + 5 * (i + 1) + (i % 2 ? 0.5 : -0.5) };
});

const at = (x: number, outside: OutsideRule, more: Partial<ModelOptions> = {}) =>
  predict(fitModel(runs, { model: 'linear', leastDifferent: 2, level: 0.9, outside, ...more }), '', x);

function known(prediction: Prediction) {
  if (prediction.value === undefined || !prediction.interval) throw new Error('nothing is predicted');
  return { ...prediction, interval: prediction.interval };
}

const inside = fc.double({ min: 1, max: 9, noNaN: true });
const beyond = fc.oneof(
  fc.double({ min: 0, max: 0.999, noNaN: true }),
  fc.double({ min: 9.001, max: 500, noNaN: true }),
);

describe('a prediction', () => {
  it('outside of what was learnt from is said to be so, each time; inside of it never', () => {
    fc.assert(
      fc.property(beyond, (x) => {
        expect(known(at(x, 'flag')).extrapolated).toBe(true);
      }),
    );
    fc.assert(
      fc.property(inside, (x) => {
        expect(known(at(x, 'widen')).extrapolated).toBe(false);
      }),
    );
  });

  it('has each bound moved there by what the curve moves from the nearest end', () => {
    fc.assert(
      fc.property(beyond, (x) => {
        const [flagged, widened] = [known(at(x, 'flag')), known(at(x, 'widen'))];
        const { curve } = flagged.group;
        const moved = Math.abs(valueAt(curve, x) - valueAt(curve, x < 1 ? 1 : 9));
        expect(widened.interval.upper - flagged.interval.upper).toBeCloseTo(moved, 6);
        expect(widened.interval.lower).toBeCloseTo(Math.max(0, flagged.interval.lower - moved), 6);
      }),
    );
  });

  it('is the same inside whatever the rule, and refused outside where that is the rule', () => {
    fc.assert(
      fc.property(inside, (x) => {
        const [flagged, refused] = [known(at(x, 'flag')), known(at(x, 'refuse'))];
        expect([refused.value, refused.interval]).toEqual([flagged.value, flagged.interval]);
      }),
    );
    fc.assert(
      fc.property(beyond, (x) => {
        expect(at(x, 'refuse')).toMatchObject({ reason: 'extrapolated' });
      }),
    );
  });

  it('is refused above what is possible, at which its upper bound is cut off', () => {
    expect(at(9, 'widen', { most: 50 })).toMatchObject({ value: undefined, reason: 'impossible' });
    expect(known(at(9, 'widen', { most: 55.2 })).interval.upper).toBe(55.2);
  });

  it('claims 90 % from 9 runs on, and n / (n + 1) of fewer', () => {
    expect(known(at(5, 'flag')).interval.level).toBe(0.9);
    const few = fitModel(runs.slice(0, 5), { model: 'linear', leastDifferent: 2, level: 0.9, outside: 'flag' });
    expect(known(predict(few, '', 2)).interval.level).toBe(5 / 6);
  });
});

it('an interval holds the value, and is not below 0', () => {
  const number = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(number, number, number, number, (lower, wide, value, moved) => {
      const bounds = boundsOf({ outside: 'widen' }, { lower, upper: lower + wide, level: 0.9 }, value, moved);
      expect(bounds.lower).toBeGreaterThanOrEqual(0);
      expect(bounds.lower).toBeLessThanOrEqual(value);
      expect(bounds.upper).toBeGreaterThanOrEqual(value);
    }),
  );
});
