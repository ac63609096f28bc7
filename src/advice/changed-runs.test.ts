import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JULY, madeRun } from '../../test/kit/advice.ts';
import { measure } from '../figures/measure.ts';
import { toSeconds } from '../model/hr-time.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, hostPower, samplesOf } from '../model/signals.ts';
import { changing, movedTo, numbered, numberOfRun, shiftedBy, withValues } from './changed-runs.ts';

const run = madeRun({ start: JULY, watts: [1, 2, Number.NaN, 4], cores: [1, 1], attributes: { 'run.id': 'a' } });
/** The same without a step, and only its samples say when it was. */
const irregular = Run.of(
  {},
  { samples: [samplesOf(hostPower, Series.irregular([JULY, 0], Float64Array.of(0, 1, 5), Float64Array.of(1, 2, 3)))] },
);
const means = Run.of(
  { 'run.sampling': 'interval' },
  { samples: [samplesOf(hostPower, Series.held([JULY, 0], Float64Array.of(0, 1, 50), Float64Array.of(1, 2, 3)))] },
);

describe('a changed run', () => {
  it.each([run, irregular, means])('that begins later is the same otherwise', (one) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seconds) => {
        const later = shiftedBy(one, seconds);
        expect(toSeconds(later.window.start) - toSeconds(one.window.start)).toBe(seconds);
        expect(toSeconds(later.window.end) - toSeconds(one.window.end)).toBe(seconds);
        expect(later.duration).toBe(one.duration);
        for (const signal of [hostPower, cpuUsage]) {
          expect(measure(later, signal).value).toBe(measure(one, signal).value);
          const [a, b] = [one, later].map((of) => of.samplesOf(signal)?.series);
          expect(b?.values).toEqual(a?.values);
          if (a && b) expect(toSeconds(b.time(0)) - toSeconds(a.time(0))).toBe(seconds);
        }
      }),
    );
  });

  it('has other values at the same times, and what was missing still is', () => {
    const doubled = withValues(run, (was, index, signal) => (signal === hostPower ? 2 * was + index : 0));
    expect([...(doubled.samplesOf(hostPower)?.series.values ?? [])]).toEqual([2, 5, Number.NaN, 11]);
    expect([...(doubled.samplesOf(cpuUsage)?.series.values ?? [])]).toEqual([0, 0]);
    expect(
      measure(
        withValues(irregular, () => 1),
        hostPower,
      ),
    ).toMatchObject({ value: 5, span: 5 });
    expect(
      measure(
        withValues(means, () => 1),
        hostPower,
      ).value,
    ).toBe(99);
  });

  it('is known again by its number, and all others stay the same objects', () => {
    const runs = numbered([run, run, run]);
    const moved = changing(runs.slice(1, 2), (one) => movedTo(one, 'eu-west-3'))(runs);
    expect(moved.map((one, index) => one === runs[index])).toEqual([true, false, true]);
    expect(moved.map(numberOfRun)).toEqual([0, 1, 2]);
    expect(moved[1]?.region).toBe('eu-west-3');
    expect(changing(runs.slice(1, 2), () => undefined)(moved)).toEqual([runs[0], runs[2]]);
  });
});
