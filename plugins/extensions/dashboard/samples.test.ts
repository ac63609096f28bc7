import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Series } from 'wattline/plugin';
import { curveOf, packSeries, unpackSeries } from './samples.ts';

const doubles = (minLength: number) => fc.array(fc.double({ noNaN: true }), { minLength, maxLength: 500 });
const moment = fc.tuple(fc.integer({ min: 0, max: 4e9 }), fc.integer({ min: 0, max: 999_999_999 }));

describe('a stored series', () => {
  it('comes back as it was, evenly spaced or not', () => {
    fc.assert(
      fc.property(moment, doubles(0), fc.option(fc.double({ min: 1e-3, max: 1e6 })), (start, values, step) => {
        const samples = Float64Array.from(values);
        const offsets = samples.map((_, i) => i * i * 0.1);
        const series = step === null ? Series.irregular(start, offsets, samples) : Series.regular(start, step, samples);
        const back = unpackSeries(packSeries(series));
        expect([back.start, back.step, [...back.values]]).toEqual([start, step ?? undefined, values]);
        for (const i of samples.keys()) expect(back.offset(i)).toBe(series.offset(i));
      }),
    );
  });

  it('may lie anywhere in a buffer', () => {
    const whole = Float64Array.of(1, 2, 3, 4);
    const packed = packSeries(Series.regular([0, 0], 1, whole.subarray(1, 3)));
    const shifted = new Uint8Array(17);
    shifted.set(packed.samples, 1);
    expect([...unpackSeries({ ...packed, samples: shifted.subarray(1) }).values]).toEqual([2, 3]);
  });
});

describe('a curve', () => {
  it('has every sample where there are few', () => {
    const curve = curveOf(Series.irregular([0, 0], Float64Array.of(0, 1, 7), Float64Array.of(3, 1, 2)), 3);
    expect(curve).toEqual({ offsets_s: [0, 1, 7], values: [3, 1, 2] });
  });

  it('keeps the ends, the lowest and the highest, and the order, within the limit', () => {
    fc.assert(
      fc.property(doubles(1), fc.integer({ min: 4, max: 100 }), (values, limit) => {
        const { offsets_s, values: drawn } = curveOf(Series.regular([0, 0], 1, Float64Array.from(values)), limit);
        expect(drawn.length).toBeLessThanOrEqual(Math.max(limit, 4));
        expect([drawn[0], drawn.at(-1)]).toEqual([values[0], values.at(-1)]);
        expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([Math.min(...values), Math.max(...values)]);
        expect(offsets_s).toEqual([...new Set(offsets_s)].sort((a, b) => a - b));
        expect(drawn).toEqual(offsets_s.map((offset) => values[offset]));
      }),
    );
  });

  it('finds the lowest and the highest beside samples that are missing, and shows gaps', () => {
    const gap = Number.NaN;
    const values = [gap, 3, 1, gap, 9, gap, gap, gap, 5, 4, 6, 2];
    const { values: drawn } = curveOf(Series.regular([0, 0], 1, Float64Array.from(values)), 6);
    expect(drawn).toEqual(expect.arrayContaining([1, 9, 2]));
    expect(JSON.stringify(drawn)).toMatch(/^\[null,/);
  });
});
