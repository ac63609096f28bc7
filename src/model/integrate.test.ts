import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrate, meanOf } from './integrate.ts';
import { Series } from './series.ts';

const START = [1766947958, 125121355] as [number, number];
const watts = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e6, noNaN: true }));
const samples = fc.array(watts, { minLength: 2, maxLength: 100 });
const seconds = fc.double({ min: 1e-3, max: 3600, noNaN: true });

const regular = (values: readonly number[], step: number) => Series.regular(START, step, Float64Array.from(values));
const irregular = (values: readonly number[], offsets: readonly number[]) =>
  Series.irregular(START, Float64Array.from(offsets), Float64Array.from(values));
const every = (step: number, count: number) => Array.from({ length: count }, (_, i) => i * step);

/** Equal within the rounding of the largest intermediate sum. */
function expectClose(actual: number | undefined, expected: number, scale: number): void {
  expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-12 * scale);
}

describe('integrate', () => {
  it('is the trapezoidal rule', () => {
    expect(integrate(regular([1, 2.5, 3.5, 3, 2, 1.5, 1], 5))).toBe(67.5);
    expect(integrate(regular([1, 2, 3, 2.5, 2], 5))).toBe(45);
    expect(integrate(irregular([1, 3, 3], [0, 2, 12]))).toBe(34);
  });

  it('gives P · t for constant power', () => {
    fc.assert(
      fc.property(watts, seconds, fc.integer({ min: 2, max: 1000 }), (power, step, count) => {
        const energy = power * step * (count - 1);
        const values = Array<number>(count).fill(power);
        expectClose(integrate(regular(values, step)), energy, energy);
        expectClose(integrate(irregular(values, every(step, count))), energy, energy);
      }),
    );
  });

  it('scales with the values and with time', () => {
    fc.assert(
      fc.property(samples, seconds, fc.integer({ min: -8, max: 8 }), (values, step, exponent) => {
        const factor = 2 ** exponent;
        const energy = integrate(regular(values, step)) as number;
        expect(
          integrate(
            regular(
              values.map((value) => value * factor),
              step,
            ),
          ),
        ).toBe(energy * factor);
        expect(integrate(regular(values, step * factor))).toBe(energy * factor);
      }),
    );
  });

  it('is the same whether even spacing is said or shown', () => {
    fc.assert(
      fc.property(samples, seconds, (values, step) => {
        const energy = integrate(regular(values, step)) as number;
        expectClose(integrate(irregular(values, every(step, values.length))), energy, energy);
      }),
    );
  });

  it('does not change where a run is split in two at a sample', () => {
    fc.assert(
      fc.property(samples, fc.array(seconds, { minLength: 99, maxLength: 99 }), fc.nat(), (values, gaps, place) => {
        const cut = 1 + (place % (values.length - 1));
        const offsets = values.map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 0));
        const whole = integrate(irregular(values, offsets)) as number;
        const first = integrate(irregular(values.slice(0, cut + 1), offsets.slice(0, cut + 1))) as number;
        const second = integrate(irregular(values.slice(cut), offsets.slice(cut))) ?? 0;
        expectClose(first + second, whole, whole);
      }),
    );
  });

  it('takes a single sample for a rectangle of one step, or of the duration', () => {
    expect(integrate(regular([40], 5))).toBe(200);
    expect(integrate(regular([40], 5), 60)).toBe(200);
    expect(integrate(irregular([40], [0]), 60)).toBe(2400);
    expect(integrate(irregular([40], [0]))).toBeUndefined();
  });

  it('has no value without samples', () => {
    expect(integrate(regular([], 5), 60)).toBeUndefined();
    expect(meanOf(regular([], 5))).toBeUndefined();
  });
});

describe('meanOf', () => {
  it('is the arithmetic mean', () => {
    expect(meanOf(regular([1, 2, 6], 5))).toBe(3);
  });
});
