import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Counts, Points } from './counts.ts';
import { LOOK_BACK, RecentCounts } from './rates.ts';

const counts = (points: Points, cpu_seconds = 0): Counts => ({
  points: new Map([['a', points]]),
  queues: new Map(),
  skipped: [],
  process: { cpu_seconds },
  version: undefined,
});

describe('rates', () => {
  it('are those of a steady flow, whenever it was looked at', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        gaps,
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.integer({ min: 500, max: 4000 }),
        (all, rate, last) => {
          const recent = new RecentCounts();
          let time = 1_000_000;
          const now = () => counts({ out: (time / 1000) * rate }, time / 2000);
          for (const gap of all) {
            recent.add(now(), time);
            time += gap;
          }
          recent.add(now(), time);
          time += last;
          const { points, cpuCores } = recent.ratesOf(now(), time);
          expect(points.get('a')?.out).toBeCloseTo(rate, 3);
          expect(cpuCores).toBeCloseTo(0.5, 6);
        },
      ),
    );
  });

  it('look back no further than some seconds', () => {
    const recent = new RecentCounts();
    recent.add(counts({ out: 0 }), 0);
    recent.add(counts({ out: 1000 }), 1000);
    recent.add(counts({ out: 1000 }), 1000 + LOOK_BACK);
    expect(recent.ratesOf(counts({ out: 1020 }), 11_000 + 9_000).points.get('a')?.out).toBeCloseTo(20 / 19, 9);
    recent.add(counts({ out: 1020 }), 20_000);
    expect(recent.ratesOf(counts({ out: 1030 }), 21_000).points.get('a')?.out).toBeCloseTo(30 / 10, 9);
  });

  it('are not known at once, nor of a count that has begun anew', () => {
    const recent = new RecentCounts();
    expect(recent.ratesOf(counts({ out: 5 }), 0).points.size).toBe(0);
    recent.add(counts({ out: 5, failed: 1 }), 0);
    expect(recent.ratesOf(counts({ out: 6 }), 100)).toEqual({ points: new Map(), cpuCores: undefined });
    expect(recent.ratesOf(counts({ out: 4, failed: 2, refused: 3 }), 1000).points.get('a')).toEqual({
      failed: 1,
      refused: 3,
    });
  });
});
