import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountAt, type MeanChange, meanChange, type QualityCurve, qualityCurve } from './bjontegaard.ts';

const curve = (amounts: readonly number[], scores: readonly number[]) =>
  qualityCurve(amounts.map((amount, i) => ({ amount, vmaf: scores[i] as number }))) as QualityCurve;

describe('the mean change', () => {
  // PyPI's bjontegaard 1.3.0, bd_rate(…, method='pchip', require_matching_points=False, min_overlap=0), in percent.
  const x265 = {
    anchor: curve([9487.76, 4593.6, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851]),
    test: curve([9787.8, 4469.0, 2451.52, 1356.24], [40.121, 38.651, 36.97, 34.987]),
  };
  const slow = curve([31.5, 47.9, 66.1], [76.5, 88.25, 96.75]);
  const fast = curve([12.1, 18.4, 25.2, 41.7], [71.25, 82.5, 89.75, 95.125]);

  it.each([
    ['rate, of its own example', x265.anchor, x265.test, -4.417485350589045],
    ['energy, of curves that overlap in part', fast, slow, 100.52002028994895],
    ['energy, the other way', slow, fast, -50.129667922733354],
  ])('is that of the published implementation: %s', (_, anchor, test, percent) => {
    expect(Math.abs(100 * (meanChange(anchor, test) as MeanChange).change - percent)).toBeLessThan(1e-9);
  });

  it('is over the range that both were measured at', () => {
    expect(meanChange(fast, slow)).toMatchObject({ fromVmaf: 76.5, toVmaf: 95.125 });
    expect(meanChange(fast, curve([1, 2], [96, 97]))).toBeUndefined();
  });

  it('is the factor between curves that differ by one', () => {
    const scores = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 8 });
    const amount = fc.double({ min: 0.1, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(scores, fc.array(amount, { minLength: 8, maxLength: 8 }), amount, (vmafs, amounts, factor) => {
        const anchor = curve(amounts.slice(0, vmafs.length), vmafs);
        const test = curve(
          amounts.slice(0, vmafs.length).map((one) => factor * one),
          vmafs,
        );
        const { change } = meanChange(anchor, test) as MeanChange;
        expect(Math.abs((1 + change) / factor - 1)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('a curve of quality', () => {
  it('says what was measured, what is between, and nothing beyond', () => {
    const known = curve([100, 1000], [80, 90]);
    expect(amountAt(known, 80)).toBeCloseTo(100, 9);
    expect(amountAt(known, 85)).toBeCloseTo(Math.sqrt(100 * 1000), 9);
    expect([amountAt(known, 79.9), amountAt(known, 90.1)]).toEqual([undefined, undefined]);
  });

  it('needs two encodes or more of different quality, and amounts above 0', () => {
    expect(curve([1], [80])).toBeUndefined();
    expect(curve([1, 2], [80, 80])).toBeUndefined();
    expect(curve([0, 2], [80, 90])).toBeUndefined();
  });
});
