import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';
import { amountsOf, stretchesBetween } from './slice-amounts.ts';

const HOUR = 3600;
const NOON = 1_782_907_200;

/** Periods in order and disjoint, some longer than an hour, some without an end. */
const periods = fc
  .uniqueArray(fc.integer({ min: -7200, max: 14_400 }), { minLength: 2, maxLength: 12 })
  .map((times) => [
    Number.NEGATIVE_INFINITY,
    ...times.sort((a, b) => a - b).map((time) => NOON + time),
    Number.POSITIVE_INFINITY,
  ])
  .map((times) => times.slice(1).map((to, index) => ({ from: times[index] as number, to })))
  .chain((all) => fc.subarray(all));

describe('what slices come to', () => {
  it('is known for stretches that cover their time, in order, and none of which a short period cuts', () => {
    const span = fc.tuple(fc.integer({ min: 0, max: 7200 }), fc.integer({ min: 0, max: 3600 }));
    fc.assert(
      fc.property(periods, span, (given, [at, length]) => {
        const [from, to] = [NOON + at, NOON + at + length];
        const stretches = stretchesBetween(from, to, given);
        expect(stretches[0]?.from).toBeLessThanOrEqual(from);
        expect(stretches.at(-1)?.to).toBeGreaterThanOrEqual(to);
        for (const [index, stretch] of stretches.entries()) {
          expect(stretch.to).toBeGreaterThan(stretch.from);
          expect(stretch.to - stretch.from).toBeLessThanOrEqual(HOUR);
          if (index > 0) expect(stretch.from).toBe(stretches[index - 1]?.to);
          for (const period of given.filter((one) => one.to - one.from <= HOUR)) {
            const isApart = period.to <= stretch.from || period.from >= stretch.to;
            expect(isApart || (period.from <= stretch.from && period.to >= stretch.to)).toBe(true);
          }
        }
      }),
    );
  });

  it('adds up to all of it', () => {
    const watts = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(periods, watts, fc.integer({ min: 1, max: 600 }), (given, values, step) => {
        const attributes = { 'run.start_time': NOON, 'run.duration': values.length * step, 'run.sampling': 'interval' };
        const power = Series.regular([NOON, 0], step, Float64Array.from(values));
        const run = Run.of({ ...attributes, 'stream.id': 'x' }, { samples: [samplesOf(hostPower, power)] });
        const sum = amountsOf(run, given).reduce((all, { value }) => all + value, 0);
        expect(sum).toBeCloseTo(values.reduce((all, value) => all + value, 0) * step, 6);
      }),
    );
  });
});
