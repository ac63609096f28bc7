import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountIn, type CounterPoint, type CounterRecord, monthStart, rateAt, withPoint } from './counter-record.ts';

const NOVEMBER = Date.UTC(2026, 10) / 1000;
const DECEMBER = Date.UTC(2026, 11) / 1000;

const recordOf = (points: readonly CounterPoint[]) =>
  points.reduce<CounterRecord | undefined>((record, point) => withPoint(record, point), undefined) as CounterRecord;
/** Values of a counter that began with its first, at times relative to the first of November. */
const points = (start: number, ...values: readonly (readonly [number, number])[]): CounterPoint[] =>
  values.map(([at, value]) => ({ start: NOVEMBER + start, at: NOVEMBER + at, value }));

/** Steps of a counter of a steady machine: some seconds each, at some rate, and whether it begins at 0 again before. */
const steps = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 400_000 }),
    rate: fc.integer({ min: 0, max: 1000 }),
    isReset: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

describe('what is counted in a month', () => {
  it('is what was used in it, over resets and the ends of months', () => {
    fc.assert(
      fc.property(steps, (list) => {
        let [at, start, value, used] = [NOVEMBER, NOVEMBER, 0, 0];
        let month = NOVEMBER;
        let record: CounterRecord | undefined;
        for (const { seconds, rate, isReset } of list) {
          if (isReset) [start, value] = [at, 0];
          const from = at;
          at += seconds;
          value += rate * seconds;
          if (monthStart(at) > month) [month, used] = [monthStart(at), 0];
          used += rate * (at - Math.max(from, month));
          record = withPoint(record, { start, at, value });
          expect(amountIn(month, record) - used).toBeCloseTo(0, 3);
        }
        expect(record?.month_since).toBe(month);
      }),
    );
  });

  it('does not change with values that come again, or late', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 20 }), fc.nat(), (increases, again) => {
        let value = 0;
        const all = increases.map((increase, i): CounterPoint => {
          value += increase;
          return { start: NOVEMBER, at: NOVEMBER + 1 + i, value };
        });
        const repeated = all.flatMap((point, i) => [point, all[again % (i + 1)] as CounterPoint]);
        expect(recordOf(repeated)).toEqual(recordOf(all));
      }),
    );
  });

  it('has nothing of what was counted in another one before the counter was known', () => {
    const record = recordOf(points(-1000, [500, 7000], [560, 7600]));
    expect([amountIn(NOVEMBER, record), record.month_since]).toEqual([600, NOVEMBER + 500]);
    const whole = recordOf(points(100, [500, 7000], [560, 7600]));
    expect([amountIn(NOVEMBER, whole), whole.month_since]).toEqual([7600, NOVEMBER]);
  });

  it('takes a smaller value for one that was counted from 0', () => {
    expect(amountIn(NOVEMBER, recordOf(points(0, [60, 600], [120, 50])))).toBe(650);
  });

  it('is nothing in a month without a value', () => {
    expect(amountIn(DECEMBER, recordOf(points(0, [60, 600])))).toBe(0);
  });
});

describe('the rate', () => {
  it('is that of a steady counter, from its first value on', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 1000 }),
        (gaps, rate) => {
          let at = NOVEMBER;
          let record: CounterRecord | undefined;
          for (const gap of gaps) {
            at += gap;
            record = withPoint(record, { start: NOVEMBER, at, value: rate * (at - NOVEMBER) });
            expect((rateAt(record, at) ?? Number.NaN) / rate).toBeCloseTo(1, 9);
          }
        },
      ),
    );
  });

  it('is over at least two minutes, and at most two of these and an interval', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 400, maxLength: 400 }), (gaps) => {
        let at = NOVEMBER;
        let record: CounterRecord | undefined;
        for (const gap of gaps) {
          at += gap;
          record = withPoint(record, { start: NOVEMBER, at, value: at });
        }
        const width = at - (record?.mark_at ?? 0);
        expect(width).toBeGreaterThanOrEqual(120);
        expect(width).toBeLessThanOrEqual(2 * 120 + 2 * 60);
      }),
    );
  });

  it('follows a change within minutes, also over a reset', () => {
    const before = points(0, [60, 600], [120, 1200], [180, 1800]);
    const after = Array.from({ length: 8 }, (_, i) => [240 + i * 60, 6000 * (i + 1)] as const);
    expect(rateAt(recordOf([...before, ...points(180, ...after)]), NOVEMBER + 660)).toBe(100);
  });

  it('is not known after five minutes of silence, and not the mean over that', () => {
    const record = recordOf(points(0, [60, 600], [120, 1200]));
    expect(rateAt(record, NOVEMBER + 420)).toBe(10);
    expect(rateAt(record, NOVEMBER + 421)).toBeUndefined();
    const [one, two] = points(0, [3600, 1300], [3660, 2500]) as [CounterPoint, CounterPoint];
    const again = withPoint(record, one);
    expect(rateAt(again, one.at)).toBeUndefined();
    expect(rateAt(withPoint(again, two), two.at)).toBe(20);
  });

  it('needs two values of a counter that is older', () => {
    const [one, two] = points(-9000, [60, 600], [120, 1200]) as [CounterPoint, CounterPoint];
    expect(rateAt(recordOf([one]), one.at)).toBeUndefined();
    expect(rateAt(recordOf([one, two]), two.at)).toBe(10);
  });
});
