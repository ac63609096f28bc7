import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, type Observation, predict } from './linear-model.ts';

const line: Observation[] = [1, 2, 3, 4, 5].map((streams) => [streams, 25 + 25 * streams]);
const watts = fc.double({ min: 0, max: 10_000, noNaN: true });
const cloud = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 64 }), watts), { minLength: 2, maxLength: 50 })
  .filter((observations) => new Set(observations.map(([streams]) => streams)).size > 1);

describe('fit', () => {
  it('finds y = 25 + 25x on x = 1…5, and predicts 175 at 6', () => {
    const model = fit(line);
    expect(model).toMatchObject({ intercept: 25, slope: 25, r2: 1, observations: 5 });
    expect(predict(model, 6)).toBe(175);
  });

  it('explains a nearly straight line almost wholly', () => {
    const model = fit(line.map(([streams, power]) => [streams, power + (streams % 2 ? 1 : -1)]));
    expect(model.r2).toBeGreaterThan(0.99);
    expect(model.r2).toBeLessThan(1);
  });

  it('gives the textbook values', () => {
    const model = fit([
      [1, 1],
      [2, 3],
      [4, 3],
    ]);
    expect(model.slope).toBeCloseTo(4 / 7, 14);
    expect(model.intercept).toBeCloseTo(1, 14);
    expect(model.r2).toBeCloseTo(4 / 7, 14);
  });

  it('finds a flat line where the power is always the same', () => {
    expect(fit([1, 2, 3].map((streams) => [streams, 40.1] as const))).toMatchObject({
      intercept: 40.1,
      slope: 0,
      r2: 1,
      observations: 3,
    });
  });

  it('finds any line again from points on it', () => {
    const streams = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(streams, watts, fc.double({ min: -100, max: 100, noNaN: true }), (numbers, intercept, slope) => {
        const model = fit(numbers.map((number) => [number, intercept + slope * number]));
        const scale = 1e-9 * (1 + intercept + Math.abs(slope) * 1000);
        expect(Math.abs(model.intercept - intercept)).toBeLessThan(scale);
        expect(Math.abs(model.slope - slope)).toBeLessThan(scale);
      }),
    );
  });

  it('leaves errors that add up to nothing, and explains a share from 0 to 1, whatever the order', () => {
    fc.assert(
      fc.property(cloud, (observations) => {
        const model = fit(observations);
        const errors = observations.map(([streams, power]) => power - (model.intercept + model.slope * streams));
        expect(Math.abs(errors.reduce((sum, error) => sum + error, 0))).toBeLessThan(1e-6);
        expect(model.r2).toBeGreaterThanOrEqual(0);
        expect(model.r2).toBeLessThanOrEqual(1);
        expect(fit(observations.toReversed()).slope).toBeCloseTo(model.slope, 6);
      }),
    );
  });
});

describe('predict', () => {
  it('is never below 0', () => {
    const falling = fit([
      [1, 20],
      [2, 10],
    ]);
    expect(predict(falling, 2.5)).toBe(5);
    expect(predict(falling, 10)).toBe(0);
    fc.assert(
      fc.property(cloud, fc.integer({ min: 0, max: 10_000 }), (observations, streams) => {
        expect(predict(fit(observations), streams)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
