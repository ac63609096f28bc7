import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leftOutBy, scoreOf } from './evaluate.ts';
import type { ModelOptions, TrainingRun } from './model.ts';

const options: ModelOptions = { model: 'linear', leastDifferent: 2, level: 0.8, outside: 'widen' };
const at = (group: string, x: number, y: number): TrainingRun => ({ id: `${group} ${x}`, group, x, y });

describe('leaving out', () => {
  it('runs gives the errors of the lines through the others', () => {
    const runs = [at('', 0, 0), at('', 1, 1), at('', 2, 5)];
    const tried = leftOutBy('run', runs, options) ?? [];
    const errors = tried.map(({ run, prediction }) => run.y - (prediction.value ?? Number.NaN));
    // The line through the last two is below 0 at 0, where nothing is predicted below 0.
    expect(errors).toEqual([0, -1.5, 3]);
    expect(scoreOf(tried)).toMatchObject({
      runs: 3,
      predicted: 3,
      extrapolated: 2,
      drift: 0.5,
      meanAbsoluteError: 1.5,
    });
    expect(scoreOf(tried).relativeError).toBe(0.75);
  });

  it('groups predicts each as one never seen; a single group cannot be left out', () => {
    const runs = ['a', 'b', 'c'].flatMap((group) => [0, 1, 2, 3].map((x) => at(group, x, 10 + x)));
    expect(scoreOf(leftOutBy('group', runs, options) ?? [])).toMatchObject({
      runs: 12,
      predicted: 12,
      extrapolated: 12,
    });
    expect(scoreOf(leftOutBy('group', runs, options) ?? []).meanAbsoluteError).toBeCloseTo(0, 9);
    expect(leftOutBy('group', runs.slice(0, 4), options)).toBeUndefined();
  });

  it('leaves each run out once, however many there are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 60 }), (xs) => {
        const runs = xs.map((x, i) => ({ ...at('', x, x + (i % 3)), id: String(i) }));
        const tried = leftOutBy('run', runs, options) ?? [];
        expect(tried.map(({ run }) => run.id).sort()).toEqual(runs.map(({ id }) => id).sort());
        const { held, intervals, predicted } = scoreOf(tried);
        expect(held).toBeLessThanOrEqual(intervals);
        expect(intervals).toBeLessThanOrEqual(predicted);
      }),
      { numRuns: 30 },
    );
  });
});

it('a score of nothing has no errors, which is not 0', () => {
  const nothing = scoreOf([{ run: at('', 1, 1), prediction: { value: undefined, reason: 'no_model', problem: '' } }]);
  expect(nothing).toMatchObject({ runs: 1, predicted: 0, meanAbsoluteError: undefined, drift: undefined });
});
