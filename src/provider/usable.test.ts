import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RejectedError } from '../errors.ts';
import type { Reading, Stretch } from './readings.ts';
import { areLive, haveAll, usableRows } from './usable.ts';

const reading = (from: number, value = 1): Reading => ({ from, value, isFinal: true, source: 'a test' });

describe('the rows of an answer', () => {
  const good = fc.integer({ min: 0, max: 1e6 }).map((period) => reading(period * 300));
  const bad = fc.oneof(
    fc.constant(new RejectedError('no number')),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY).map((value) => reading(300, value)),
    fc.constantFrom(1, 299.5, Number.NaN, 1e300).map((from) => reading(from)),
  );

  it('cost nothing but themselves where they cannot be used', () => {
    const rows = fc.array(fc.oneof(good, bad)).map((some) => [...some, reading(0)]);
    const isGood = (row: Reading | RejectedError): row is Reading =>
      !(row instanceof RejectedError) && Number.isFinite(row.value) && row.from % 300 === 0 && row.from < 1e12;
    fc.assert(
      fc.property(rows, (rows) => {
        const { readings, flaws } = usableRows(rows, 300);
        expect(readings).toEqual(rows.filter(isGood));
        expect(flaws).toHaveLength(rows.length - readings.length);
      }),
    );
  });

  it('are an odd answer where none can be used, and an empty one where there are none', () => {
    fc.assert(
      fc.property(fc.array(bad, { minLength: 1 }), (rows) => {
        expect(() => usableRows(rows, 300)).toThrow(RejectedError);
      }),
    );
    expect(usableRows([], 300)).toEqual({ readings: [], flaws: [] });
  });
});

it('a span has all its readings where none of its periods lacks one', () => {
  const readings = [1, 2, 3, 7].map((period) => reading(period * 300));
  const spans = [
    { first: 1, last: 3 },
    { first: 2, last: 2 },
    { first: 3, last: 4 },
    { first: 1, last: 7 },
  ];
  expect(spans.map((span) => haveAll(readings, span, 300))).toEqual([true, true, false, false]);
});

it('a time is known by its own values where nothing of it is open or cached', () => {
  const stretch = (from: number, to: number, state: Stretch['state'] = 'live'): Stretch => ({
    ...{ from, to, state, reading: reading(from), isFinal: state === 'live', readAt: 0 },
  });
  const whole = [stretch(0, 10), stretch(10, 20)];
  expect([areLive(whole, 0, 20), areLive(whole, 3, 12), areLive(whole, 0, 0)]).toEqual([true, true, true]);
  expect([areLive(whole, 0, 21), areLive([], 0, 0)]).toEqual([false, false]);
  expect(areLive([stretch(0, 10), stretch(11, 20)], 0, 20)).toBe(false);
  expect(areLive([stretch(0, 10), stretch(10, 20, 'cached')], 0, 20)).toBe(false);
});
