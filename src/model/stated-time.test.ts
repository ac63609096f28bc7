import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statedTime } from './stated-time.ts';

const TIME = Date.UTC(2026, 5, 5, 12) / 1000;
/** From 1973 on, up to the latest time that is taken. */
const seconds = fc.integer({ min: 1e8, max: 1e10 - 1 });

describe('a number since 1970', () => {
  it('is seconds, milliseconds, microseconds or nanoseconds by its size', () => {
    fc.assert(
      fc.property(seconds, fc.constantFrom(1, 1e3, 1e6, 1e9), (time, unit) => {
        expect(statedTime(time * unit)).toBeCloseTo(time, 5);
      }),
    );
  });

  it('is seconds before 1973', () => {
    for (const time of [0, 0.5, 1e8 - 1]) expect(statedTime(time)).toBe(time);
  });

  it.each([-1, 1e10, 1e11 - 1, 1e19, 1e20, 1e300, Number.POSITIVE_INFINITY])('is refused at %d', (time) => {
    expect(statedTime(time)).toBe('is no time from 1970 to 2286, in seconds or smaller units');
  });
});

describe('a text', () => {
  it.each([
    '2026-06-05T12:00:00Z',
    '2026-06-05t12:00:00z',
    '2026-06-05 12:00:00Z',
    '2026-06-05T14:00:00+02:00',
    '2026-06-05T14:00+02',
    '2026-06-05T07:00:00.000-0500',
    '20260605T120000Z',
  ])('with an offset is that time, in whatever time zone: %s', (text) => {
    expect(statedTime(text)).toBe(TIME);
    expect(statedTime(text, 'Asia/Tokyo')).toBe(TIME);
  });

  it('is exact below a millisecond', () => {
    expect(statedTime('2026-06-05T12:00:00.000250Z')).toBeCloseTo(TIME + 0.00025, 6);
  });

  it.each(['2026-06-05T12:00:00', '2026-06-05 12:00', '2026-06-05'])('without one is refused: %s', (text) => {
    expect(statedTime(text)).toContain('has no offset from UTC; write it as');
  });

  it('without one is read by a time zone, where there is one', () => {
    expect(statedTime('2026-06-05T14:00:00', 'Europe/Berlin')).toBe(TIME);
    expect(statedTime('2026-06-05', 'UTC')).toBe(TIME - 12 * 3600);
    // Clocks go back at 3:00, and forward at 2:00.
    expect(statedTime('2026-10-25T02:30:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 9, 25, 0, 30) / 1000);
    expect(statedTime('2026-03-29T02:30:00', 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 29, 1, 30) / 1000);
  });

  it('without an offset is not read by another zone than its own', () => {
    const problem = 'is neither a number since 1970 nor a time such as 2026-01-31T12:00:00Z';
    expect(statedTime('2026-06-05T12:00:00[America/New_York]', 'Europe/Berlin')).toBe(problem);
    expect(statedTime('2026-06-05T08:00:00-04:00[America/New_York]', 'Europe/Berlin')).toBe(TIME);
  });

  it.each(['05/06/2026', '5.6.2026', '2026-02-30T00:00:00Z', '12:00', '1780660800', 'soon', ''])(
    'that is no ISO 8601 is refused: "%s"',
    (text) => {
      const problem = 'is neither a number since 1970 nor a time such as 2026-01-31T12:00:00Z';
      expect([statedTime(text), statedTime(text, 'UTC')]).toEqual([problem, problem]);
    },
  );
});

it.each([null, undefined, true, Number.NaN, {}, []])('is refused where it is %j', (value) => {
  expect(statedTime(value, 'UTC')).toContain('is neither a number');
});
