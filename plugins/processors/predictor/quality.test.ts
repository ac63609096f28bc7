import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, leftOutError, type Observation, predict } from './linear-model.ts';
import { compare, qualityOf } from './quality.ts';

const observations = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.double({ min: 0, max: 500, noNaN: true })), {
    minLength: 4,
    maxLength: 30,
  })
  .filter((list) => new Set(list.map(([streams]) => streams)).size >= 3);

describe('leftOutError', () => {
  it('is the distance from a line that is fitted without the observation', () => {
    fc.assert(
      fc.property(observations, (all) => {
        const model = fit(all);
        for (const [index, [streams, watts]] of all.entries()) {
          const others = all.filter((_, other) => other !== index);
          const { slope, intercept } = fit(others);
          const error = leftOutError(model, [streams, watts]);
          expect(error).toBeCloseTo(watts - (intercept + slope * streams), 6);
        }
      }),
    );
  });

  it('is undefined where the others are all alike', () => {
    const all: Observation[] = [
      [1, 10],
      [1, 12],
      [5, 30],
    ];
    expect(leftOutError(fit(all), [5, 30])).toBeUndefined();
  });
});

describe('quality', () => {
  const line = Array.from({ length: 100 }, (_, run): Observation => [run % 10, 20 + 5 * (run % 10)]);

  it('of runs on a line is without error', () => {
    const quality = qualityOf(fit(line), line);
    for (const watts of Object.values(quality ?? {})) expect(watts).toBeCloseTo(0, 9);
  });

  it('shows that the latest runs draw more than those before', () => {
    const heavier = line.map(([streams, watts], run): Observation => [streams, run < 50 ? watts : watts + 10]);
    const quality = qualityOf(fit(heavier), heavier);
    // The line lies in the middle: half of the runs 5 W below it, the latest half 5 W above.
    expect(quality?.drift).toBeCloseTo(5, 0);
    expect(quality?.meanAbsoluteError).toBeCloseTo(5, 0);
    expect(quality?.error90).toBeCloseTo(5, 0);
  });

  it('gives an interval that holds about 90 % of new runs of the same kind', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const noise = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
    const measure = (): Observation => {
      const streams = Math.floor(random() * 9);
      return [streams, 30 + 8 * streams + 3 * noise()];
    };
    const seen = Array.from({ length: 400 }, measure);
    const model = fit(seen);
    const width = qualityOf(model, seen)?.error90 ?? 0;
    const held = Array.from({ length: 2000 }, measure).filter(
      ([streams, watts]) => Math.abs(watts - predict(model, streams)) <= width,
    );
    expect(held.length / 2000).toBeGreaterThan(0.85);
    expect(held.length / 2000).toBeLessThan(0.95);
  });

  it('compares means by number of streams, the fewest first', () => {
    const seen: Observation[] = [
      [4, 50],
      [1, 22],
      [2, 30],
      [4, 54],
    ];
    const model = fit(seen);
    expect(compare(model, seen)).toEqual([
      { streams: 1, known: 22, predicted: predict(model, 1) },
      { streams: 2, known: 30, predicted: predict(model, 2) },
      { streams: 4, known: 52, predicted: predict(model, 4) },
    ]);
  });
});
