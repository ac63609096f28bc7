import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Series } from '../model/series.ts';
import { type IntegrateOptions, integrate, meanOf } from './integrate.ts';

const START = [1766947958, 125121355] as [number, number];
const watts = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e6, noNaN: true }));
const samples = fc.array(watts, { minLength: 2, maxLength: 100 });
const seconds = fc.double({ min: 1e-3, max: 3600, noNaN: true });
/** Distances of which none is more than twice another. */
const even = fc.double({ min: 1, max: 2, noNaN: true });

const regular = (values: readonly number[], step: number) => Series.regular(START, step, Float64Array.from(values));
const irregular = (values: readonly number[], offsets: readonly number[]) =>
  Series.irregular(START, Float64Array.from(offsets), Float64Array.from(values));
const every = (step: number, count: number) => Array.from({ length: count }, (_, i) => i * step);

const integral = (series: Series, options?: IntegrateOptions) => integrate(series, options)?.value;

/** Equal within the rounding of the largest intermediate sum. */
function expectClose(actual: number | undefined, expected: number, scale: number): void {
  expect(Math.abs((actual as number) - expected)).toBeLessThanOrEqual(1e-12 * scale);
}

describe('integrate', () => {
  it('is the trapezoidal rule', () => {
    expect(integral(regular([1, 2.5, 3.5, 3, 2, 1.5, 1], 5))).toBe(67.5);
    expect(integral(regular([1, 2, 3, 2.5, 2], 5))).toBe(45);
    expect(integral(irregular([1, 3, 3], [0, 2, 12]))).toBe(34);
  });

  it('gives P · t for constant power', () => {
    fc.assert(
      fc.property(watts, seconds, fc.integer({ min: 2, max: 1000 }), (power, step, count) => {
        const energy = power * step * (count - 1);
        const values = Array<number>(count).fill(power);
        expectClose(integral(regular(values, step)), energy, energy);
        expectClose(integral(irregular(values, every(step, count))), energy, energy);
      }),
    );
  });

  it('scales with the values and with time', () => {
    fc.assert(
      fc.property(samples, seconds, fc.integer({ min: -8, max: 8 }), (values, step, exponent) => {
        const factor = 2 ** exponent;
        const energy = integral(regular(values, step)) as number;
        expect(
          integral(
            regular(
              values.map((value) => value * factor),
              step,
            ),
          ),
        ).toBe(energy * factor);
        expect(integral(regular(values, step * factor))).toBe(energy * factor);
      }),
    );
  });

  it('is the same whether even spacing is said or shown', () => {
    fc.assert(
      fc.property(samples, seconds, (values, step) => {
        const energy = integral(regular(values, step)) as number;
        expectClose(integral(irregular(values, every(step, values.length))), energy, energy);
      }),
    );
  });

  it('is the same, to the bit, where the sum of the samples is known', () => {
    fc.assert(
      fc.property(samples, seconds, fc.constantFrom('instant', 'interval'), (values, step, sampling) => {
        const sum = values.reduce((before, value) => before + value, 0);
        const known = Series.regular(START, step, Float64Array.from(values), sum);
        const plain = regular(values, step);
        expect(integral(known, { sampling })).toBe(integral(plain, { sampling }));
        expect(meanOf(known)).toBe(meanOf(plain));
      }),
    );
  });

  it('does not change where a run is split in two at a sample', () => {
    fc.assert(
      fc.property(samples, fc.array(even, { minLength: 99, maxLength: 99 }), fc.nat(), (values, gaps, place) => {
        const cut = 1 + (place % (values.length - 1));
        const offsets = values.map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 0));
        const whole = integral(irregular(values, offsets)) as number;
        const first = integral(irregular(values.slice(0, cut + 1), offsets.slice(0, cut + 1))) as number;
        const second = integral(irregular(values.slice(cut), offsets.slice(cut))) ?? 0;
        expectClose(first + second, whole, whole);
      }),
    );
  });

  it('takes a single sample for a rectangle of one step, or of the duration', () => {
    expect(integral(regular([40], 5))).toBe(200);
    expect(integral(regular([40], 5), { duration: 60 })).toBe(200);
    expect(integral(irregular([40], [0]), { duration: 60 })).toBe(2400);
    expect(integral(irregular([40], [0]))).toBeUndefined();
  });

  it('has no value without samples', () => {
    expect(integral(regular([], 5), { duration: 60 })).toBeUndefined();
    expect(meanOf(regular([], 5))).toBeUndefined();
  });
});

describe('a gap', () => {
  const gap = Number.NaN;

  it('is bridged where the samples around it are two steps apart', () => {
    expect(integrate(regular([10, gap, 20], 5))).toEqual({ value: 150, span: 10 });
  });

  it('is left out where they are further apart', () => {
    expect(integrate(regular([10, 10, gap, gap, 20, 20], 5))).toEqual({ value: 150, span: 10 });
    expect(integrate(regular([gap, 10, 10, gap], 5))).toEqual({ value: 50, span: 5 });
    expect(integrate(regular([10, gap, gap, 10], 5))).toBeUndefined();
  });

  it('of uneven samples is measured by their median distance', () => {
    expect(integrate(irregular([10, 10, gap, 10, 10], [0, 1, 2, 3, 4]))?.span).toBe(4);
    expect(integrate(irregular([10, 10, gap, 10, 10], [0, 1, 2, 8, 9]))?.span).toBe(2);
  });

  it('is none where uneven samples are merely far apart', () => {
    expect(integrate(irregular([10, 10, 10], [0, 1, 100]))).toEqual({ value: 1000, span: 100 });
  });

  it('never adds energy, and the rest stays as it is', () => {
    fc.assert(
      fc.property(samples, fc.array(fc.nat()), (values, places) => {
        const missing = new Set(places.map((place) => place % values.length));
        const left = values.map((value, i) => (missing.has(i) ? gap : value));
        const measured = integrate(regular(left, 1));
        let expected = 0;
        let span = 0;
        for (let i = 0; i + 1 < values.length; i++) {
          const [a, b, c] = [left[i], left[i + 1], left[i + 2]] as [number, number, number | undefined];
          const isBridge = Number.isNaN(b) && !Number.isNaN(a) && c !== undefined && !Number.isNaN(c);
          if (isBridge) expected += a + (c as number);
          else if (!Number.isNaN(a) && !Number.isNaN(b)) expected += (a + b) / 2;
          span += isBridge ? 2 : Number.isNaN(a) || Number.isNaN(b) ? 0 : 1;
        }
        if (span === 0) expect(measured).toBeUndefined();
        else {
          expect(measured?.span).toBe(span);
          expectClose(measured?.value, expected, expected);
        }
      }),
    );
  });
});

describe('samples that are means of intervals', () => {
  it('count for their whole interval each', () => {
    expect(integrate(regular([10, 20, 30], 5), { sampling: 'interval' })).toEqual({ value: 300, span: 15 });
    expect(integrate(irregular([10, 20, 30], [0, 2, 5]), { sampling: 'interval' })).toEqual({ value: 170, span: 8 });
  });

  it('leave out those that are missing', () => {
    const values = [10, Number.NaN, 30];
    expect(integrate(regular(values, 5), { sampling: 'interval' })).toEqual({ value: 200, span: 10 });
  });
});

describe('meanOf', () => {
  it('is the arithmetic mean', () => {
    expect(meanOf(regular([1, 2, 6], 5))).toBe(3);
    expect(meanOf(regular([1, Number.NaN, 5], 5))).toBe(3);
    expect(meanOf(regular([Number.NaN], 5))).toBeUndefined();
  });
});
