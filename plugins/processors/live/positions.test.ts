import type { HrTime } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, type MeterRules } from './increments.ts';
import { type Columns, Positions, type StoredPositions } from './positions.ts';

const rules: MeterRules = {
  form: 'counter',
  origin: 'boot',
  ranges: [],
  ceiling: { rate: 10, atOnce: 1 },
  noise: 0.5,
  maxGap: 100,
  countedFrom: Number.POSITIVE_INFINITY,
};

/** What the points of each meter come to, one meter at a time. */
function advanceAll(positions: Positions, { sources, times, values }: Columns) {
  return sources.map((source, i) => {
    const point = { time: times[i] as HrTime, value: values[i] as number, start: undefined };
    const advanced = advance([point], positions.get(source), rules);
    if (advanced.last) positions.set(source, advanced.last);
    return advanced;
  });
}

const restored = ({ text }: Positions) => Positions.of(JSON.parse(text) as StoredPositions);
const sorted = ({ entries }: Positions) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Requests with some of three meters, whose values mostly rise, and whose times mostly are one. */
const requests = fc.array(
  fc
    .record({
      sources: fc.subarray(['a', 'b "c"', '["d"]'], { minLength: 1 }),
      step: fc.constantFrom(0, 1, 15),
      steps: fc.array(fc.constantFrom(0, 0.25, 1, 8, 400, -0.25, -7), { minLength: 3, maxLength: 3 }),
      isLate: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      isPlain: fc.boolean(),
    })
    .map((one) => (one.isPlain ? { ...one, steps: one.steps.map(Math.abs), isLate: [false, false, false] } : one)),
  { maxLength: 20 },
);

describe('meters that all rise', () => {
  it('come to what each of them would come to alone', () => {
    let plain = 0;
    fc.assert(
      fc.property(requests, (all) => {
        let [fast, slow] = [new Positions(), new Positions()];
        let now = 1_766_000_000;
        const values = new Map<string, number>();
        for (const { sources, step, steps, isLate } of all) {
          now += step;
          const moved = sources.map((source, i) => Math.max(0, (values.get(source) ?? 100) + (steps[i] as number)));
          for (const [i, source] of sources.entries()) values.set(source, moved[i] as number);
          const times = sources.map((_, i): HrTime => [now, isLate[i] ? 5 : 0]);
          const columns = { sources, times, values: moved };
          const before = sorted(fast);
          const risen = fast.rise(columns, rules.ceiling);
          const expected = advanceAll(slow, columns);
          if (risen) {
            plain++;
            const increments = expected.flatMap((one) => one.increments);
            expect(increments).toHaveLength(sources.length);
            for (const { from, to } of increments) expect({ from, to }).toEqual({ from: risen.from, to: risen.to });
            expect(risen.amount).toBeCloseTo(
              increments.reduce((sum, { amount }) => sum + amount, 0),
              9,
            );
            expect(expected.flatMap((one) => [...one.steps, ...one.doubts])).toEqual([]);
          } else {
            expect(sorted(fast)).toEqual(before);
            advanceAll(fast, columns);
          }
          expect(sorted(fast)).toEqual(sorted(slow));
          [fast, slow] = [restored(fast), restored(slow)];
          expect(fast.size).toBe(new Set(fast.sources).size);
        }
      }),
    );
    expect(plain).toBeGreaterThan(0);
  });

  it('are not taken for it where a meter comes twice, or one is missing', () => {
    const at: HrTime = [10, 0];
    const columns = (sources: readonly string[], value: number, time: HrTime): Columns => {
      return { sources, times: sources.map(() => time), values: sources.map(() => value) };
    };
    const positions = new Positions([
      ['a', [5, 0, 1]],
      ['b', [5, 0, 1]],
    ]);
    expect(positions.rise(columns(['a', 'a'], 2, at), rules.ceiling)).toBeUndefined();
    expect(positions.rise(columns(['a'], 2, at), rules.ceiling)).toBeUndefined();
    expect(positions.rise(columns(['b', 'a'], 2, at), rules.ceiling)).toEqual({ from: [5, 0], to: at, amount: 2 });
  });

  it('are silent since a time when none of them has been read since', () => {
    const positions = new Positions([
      ['a', [5, 0, 1]],
      ['b', [7, 0, 1]],
    ]);
    expect(positions.silentSince(6)).toEqual(['a']);
    const times: HrTime[] = [
      [8, 0],
      [8, 0],
    ];
    for (const source of ['a', 'b']) positions.set(source, [7, 0, 1]);
    positions.rise({ sources: ['a', 'b'], times, values: [2, 2] }, rules.ceiling);
    expect([positions.silentSince(8), positions.silentSince(9)]).toEqual([[], ['a', 'b']]);
  });
});
