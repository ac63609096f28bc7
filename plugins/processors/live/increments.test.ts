import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAt } from '../../../test/kit/live-streams.ts';
import { type Advanced, advance, after, type Form, type MeterRules } from './increments.ts';
import type { Last, Point } from './points.ts';

const point = (at: number, value: number, start?: number): Point => ({
  time: timeAt(at),
  value,
  start: start === undefined ? undefined : timeAt(start),
});
/** A meter of a machine that nothing is known of. */
const rulesOf = (form: Form, more: Partial<MeterRules> = {}): MeterRules => {
  const ceiling = { rate: 1e6, atOnce: 1e6 };
  return { form, origin: 'boot', ranges: [], ceiling, noise: 0, maxGap: 10, countedFrom: 0, ...more };
};
const sum = ({ increments }: Pick<Advanced, 'increments'>) =>
  increments.reduce((total, { amount }) => total + amount, 0);

/** Advances by one request after the other. */
function advanceAll(requests: readonly (readonly Point[])[], rules: MeterRules) {
  let last: Last | undefined;
  const increments = requests.flatMap((points) => {
    const advanced = advance(points, last, rules);
    last = advanced.last;
    return advanced.increments;
  });
  return { increments, last };
}

/** Cuts a list at random places, and shuffles each part. */
const cut = <T>(items: readonly T[]): fc.Arbitrary<T[][]> =>
  fc
    .array(fc.nat(items.length), { maxLength: 8 })
    .map((places) => [0, ...places.sort((a, b) => a - b), items.length])
    .chain((places) =>
      fc.tuple(
        ...places.slice(1).map((end, i) => {
          const part = items.slice(places[i], end);
          return fc.shuffledSubarray(part, { minLength: part.length });
        }),
      ),
    );

const steps = fc.array(fc.record({ wait: fc.integer({ min: 1, max: 5000 }), value: fc.nat(1000) }), {
  minLength: 2,
  maxLength: 30,
});
const points = steps.map((list) => {
  let at = 1000;
  return list.map(({ wait, value }) => {
    at += wait / 1000;
    return point(at, value);
  });
});

describe('the increments of a meter', () => {
  it('do not depend on how its points are cut into requests, nor on their order within one', () => {
    const case_ = points.chain((all) =>
      fc.tuple(fc.constant(all), cut(all), fc.constantFrom<Form>('gauge', 'counter')),
    );
    fc.assert(
      fc.property(case_, ([all, requests, form]) => {
        const rules = rulesOf(form, { maxGap: 1e9 });
        expect(advanceAll(requests, rules)).toEqual(advanceAll([all], rules));
      }),
    );
  });

  it('of a gauge are the trapezoids between its points', () => {
    const all = [point(10, 2), point(11, 4), point(14, 0)];
    expect(advance(all, undefined, rulesOf('gauge')).increments).toEqual([
      { from: timeAt(10), to: timeAt(11), amount: 3 },
      { from: timeAt(11), to: timeAt(14), amount: 6 },
    ]);
  });

  it('of a gauge leave gaps that are too wide', () => {
    const all = [point(10, 2), point(20, 2), point(31, 2), point(32, 2)];
    const advanced = advance(all, undefined, rulesOf('gauge'));
    expect([sum(advanced), advanced.gaps]).toEqual([22, [11]]);
  });

  it('of a counter are whole however long it was away', () => {
    expect(sum(advance([point(10, 5), point(1e6, 500)], undefined, rulesOf('counter')))).toBe(495);
  });

  it('begin with the second point, and leave those that are late', () => {
    const first = advance([point(10, 100)], undefined, rulesOf('counter'));
    expect([first.increments, first.last]).toEqual([[], [10, 0, 100]]);
    const again = advance([point(9, 90), point(10, 100), point(12, 130)], first.last, rulesOf('counter'));
    expect([sum(again), again.late]).toEqual([30, 2]);
  });

  it('of a gauge leave levels that no meter can have', () => {
    const rules = rulesOf('gauge', { ceiling: { rate: 100, atOnce: 100 } });
    const advanced = advance([point(10, 50), point(11, 1e5), point(12, 50)], undefined, rules);
    expect([sum(advanced), advanced.doubts]).toEqual([100, ['beyond_ceiling']]);
  });

  it('of deltas are the deltas, each over its own time, and once', () => {
    const all = [point(11, 5, 10), point(12, 7, 11)];
    const first = advance(all, undefined, rulesOf('delta'));
    expect(first.increments).toEqual([
      { from: timeAt(10), to: timeAt(11), amount: 5 },
      { from: timeAt(11), to: timeAt(12), amount: 7 },
    ]);
    expect(advance(all, first.last, rulesOf('delta'))).toMatchObject({ increments: [], late: 2 });
    const overlapping = advance([point(14, 8, 10)], first.last, rulesOf('delta'));
    expect(overlapping.increments).toEqual([{ from: timeAt(12), to: timeAt(14), amount: 4 }]);
    expect(overlapping.steps).toEqual(['fell']);
    const again = advance([point(15, 1, 12)], overlapping.last, rulesOf('delta'));
    expect(again.steps).toEqual(['crossed']);
    // The same interval with another value is no repeat.
    expect(advance([point(12, 6, 11)], first.last, rulesOf('delta'))).toMatchObject({
      increments: [],
      late: 0,
      steps: ['fell'],
    });
    expect(sum(advance([point(11, 5)], undefined, rulesOf('delta')))).toBe(0);
    expect(sum(advance([point(13, 5)], first.last, rulesOf('delta')))).toBe(5);
    const rules = rulesOf('delta', { ceiling: { rate: 1, atOnce: 0 } });
    expect(advance([point(13, 5, 12), point(14, 1, 13)], first.last, rules)).toMatchObject({
      increments: [{ from: timeAt(13), to: timeAt(14), amount: 1 }],
      doubts: ['beyond_ceiling'],
    });
  });
});

it('what lies after a time is cut by its share', () => {
  const all = [0, 10, 20].map((from) => ({ from: timeAt(from), to: timeAt(from + 10), amount: 50 }));
  expect(after(timeAt(14), all)).toEqual([{ from: timeAt(14), to: timeAt(20), amount: 30 }, all[2]]);
  expect(after(timeAt(30), all)).toEqual([]);
  expect(after(timeAt(0), all)).toEqual(all);
});
