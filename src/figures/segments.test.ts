import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SampleRule, Series } from '../model/series.ts';
import { eachSegment, holesIn } from './segments.ts';

const GAP = Number.NaN;
const series = (offsets: readonly number[], values: readonly number[] = offsets.map(() => 100)) =>
  Series.irregular([1000, 0], Float64Array.from(offsets), Float64Array.from(values));

/** The stretches of time that a series covers, those without a hole between them as one. */
function covered(given: Series, sampling: SampleRule = 'instant'): number[][] {
  const stretches: [number, number][] = [];
  eachSegment(given, sampling, undefined, (from, _, to) => {
    const last = stretches.at(-1);
    if (last?.[1] === from) last[1] = to;
    else stretches.push([from, to]);
  });
  return stretches;
}

describe('samples', () => {
  it('are joined where they are at most two steps apart', () => {
    expect(covered(series([0, 1, 2, 4, 5, 6]))).toEqual([[0, 6]]);
    expect(covered(series([0, 1, 2, 4.1, 5, 6]))).toEqual([
      [0, 2],
      [4.1, 6],
    ]);
  });

  it('are joined where there are two of them, of which nobody knows how far apart they should be', () => {
    expect(covered(series([0, 7200]))).toEqual([[0, 7200]]);
  });

  it('that are means last a step before a hole, and after it', () => {
    const given = series([0, 1, 2, 3, 100]);
    expect(covered(given, 'interval')).toEqual([
      [0, 4],
      [100, 101],
    ]);
    expect(covered(given, 'held')).toEqual([[0, 197]]);
  });

  it('that are means last no longer before a hole where the first thing in it is a missing one', () => {
    expect(covered(series([0, 1, 2, 3, 100, 101, 102], [1, 1, 1, 1, GAP, 1, 1]), 'interval')).toEqual([
      [0, 4],
      [101, 103],
    ]);
  });

  it('leave a hole whether missing ones stand in it or nothing does', () => {
    const step = fc.integer({ min: 1, max: 60 });
    const count = fc.integer({ min: 4, max: 20 });
    fc.assert(
      fc.property(step, count, count, count, (step, before, hole, after) => {
        const all = Array.from({ length: before + hole + after }, (_, i) => i);
        const isThere = (i: number) => i < before || i >= before + hole;
        const withNulls = series(
          all.map((i) => i * step),
          all.map((i) => (isThere(i) ? 100 : GAP)),
        );
        const without = series(all.filter(isThere).map((i) => i * step));
        for (const sampling of ['instant', 'interval'] as const) {
          expect(covered(without, sampling)).toEqual(covered(withNulls, sampling));
          expect(covered(without, sampling)).toHaveLength(2);
        }
      }),
    );
  });
});

describe('the holes of a series', () => {
  const holes = (given: Series, sampling: SampleRule = 'instant') => {
    const span = covered(given, sampling).reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
    return holesIn({ series: given, sampling, span });
  };

  it('are the seconds from its first to its last sample that it does not cover', () => {
    expect(holes(series([0, 1, 2, 3, 4, 7204]))).toBe(7200);
    expect(holes(series([0, 1, 2, 3, 4, 7204]), 'interval')).toBe(7199);
    expect(holes(series([0, 1, 2, 3, 4, 5], [GAP, 1, 1, 1, 1, GAP]))).toBe(0);
    expect(holes(series([0, 1, 2, 3]))).toBe(0);
    expect(holes(series([0, 1], [GAP, GAP]))).toBe(0);
  });
});
