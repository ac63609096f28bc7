import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Reading, Readings } from './readings.ts';

const HOUR = 3600;
/** A whole hour. */
const NOON = 1_766_577_600;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: (NOON + 600) * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const noon = NOON / HOUR;
const at = (seconds: number) => vi.advanceTimersByTime((NOON + seconds) * 1000 - Date.now());
const reading = (period: number, isFinal = true, value = period): Reading => ({
  from: NOON + period * HOUR,
  value,
  isFinal,
  source: 'test',
});
const span = (first: number, last: number) => ({ first: noon + first, last: noon + last });
const create = (maxAge = 2 * HOUR) => new Readings(HOUR, { refresh: 300_000, maxAge });
const wanting = (readings: Readings, first: number, last: number, reach: (last: number) => number = () => 0) => {
  const found = readings.wanting('here', span(first, last), reach);
  return found && [found.first - noon, found.last - noon];
};
const known = (readings: Readings, first: number, last: number) =>
  readings
    .stretches('here', span(first, last))
    .map(({ from, to, reading: { value }, state }) => [(from - NOON) / HOUR, (to - NOON) / HOUR, value, state]);

describe('what is worth asking for', () => {
  it('is all up to now, and nothing of the future', () => {
    expect(wanting(create(), -3, 0)).toEqual([-3, 0]);
    expect(wanting(create(), -3, 5)).toEqual([-3, 0]);
    expect(wanting(create(), 1, 5)).toBeUndefined();
  });

  it('is not what is final, nor for a while what was not there', () => {
    const readings = create();
    readings.keep('here', span(-4, 0), [reading(-3), reading(-1, false)]);
    expect(wanting(readings, -4, 0)).toBeUndefined();
    expect(readings.wanting('there', span(-3, -3), () => 0)).toEqual(span(-3, -3));
    at(900);
    expect(wanting(readings, -4, 0)).toEqual([-4, 0]);
    expect(wanting(readings, -3, -3)).toBeUndefined();
    expect(wanting(readings, -3, -2)).toEqual([-2, -2]);
  });

  it('is the current period once more when it has ended', () => {
    at(HOUR - 1);
    const readings = create();
    readings.keep('here', span(0, 0), [reading(0, false)]);
    expect(wanting(readings, 0, 0)).toBeUndefined();
    at(HOUR);
    expect(wanting(readings, 0, 0)).toEqual([0, 0]);
  });

  it('is what was read for long, also where the clock is set back meanwhile', () => {
    const readings = create();
    readings.keep('here', span(-1, 0), [reading(-1, false), reading(0, false)]);
    vi.setSystemTime(Date.now() - 500_000);
    expect(wanting(readings, -1, 0)).toBeUndefined();
    vi.advanceTimersByTime(300_000);
    expect(wanting(readings, -1, 0)).toEqual([-1, 0]);
  });

  it('reaches back no further than one request does', () => {
    const readings = create();
    expect(wanting(readings, -30, 0, (last) => last - 9)).toEqual([-9, 0]);
    readings.keep('here', span(-9, 0), []);
    expect(wanting(readings, -30, 0, (last) => last - 9)).toEqual([-19, -10]);
  });
});

describe('what is known', () => {
  it('is live where it is final, at any time, or has just been read', () => {
    const readings = create();
    readings.keep('here', span(-1, 0), [reading(-1), reading(0, false)]);
    const live = [
      [-1, 0, -1, 'live'],
      [0, 1, 0, 'live'],
    ];
    expect(known(readings, -1, 0)).toEqual(live);
    at(900);
    expect(known(readings, -1, 0)).toEqual([live[0], [0, 1, 0, 'cached']]);
    at(HOUR * 1000);
    expect(known(readings, -1, -1)).toEqual([live[0]]);
  });

  it('is not made live by an answer that leaves it out, and a final value stays', () => {
    const readings = create();
    readings.keep('here', span(-1, 0), [reading(-1), reading(0, false)]);
    at(900);
    readings.keep('here', span(-1, 0), [reading(-1, false, 99)]);
    expect(known(readings, -1, 0)).toEqual([
      [-1, 0, -1, 'live'],
      [0, 1, 0, 'cached'],
    ]);
    expect(wanting(readings, -1, 0)).toBeUndefined();
  });

  it('stands in for newer periods until it is too old, and never for older ones', () => {
    const readings = create(1.5 * HOUR);
    readings.keep('here', span(-5, 0), [reading(-4)]);
    expect(known(readings, -5, 0)).toEqual([
      [-4, -3, -4, 'live'],
      [-3, -1.5, -4, 'cached'],
    ]);
    expect(known(readings, -2, 0)).toEqual([[-2, -1.5, -4, 'cached']]);
    expect(known(readings, -1, 0)).toEqual([]);
    expect(known(create(0), -5, 0)).toEqual([]);
  });

  it('is always in order and disjoint, and live only of its own time', () => {
    const answers = fc.array(fc.record({ period: fc.integer({ min: -20, max: 0 }), isFinal: fc.boolean() }), {
      maxLength: 20,
    });
    const ages = fc.integer({ min: 0, max: 8 * HOUR });
    fc.assert(
      fc.property(
        answers,
        ages,
        fc.integer({ min: -25, max: 0 }),
        fc.integer({ min: 0, max: 25 }),
        (given, age, first, length) => {
          const readings = create(age);
          for (const { period, isFinal } of given)
            readings.keep('here', span(period, period), [reading(period, isFinal)]);
          const stretches = readings.stretches('here', span(first, first + length));
          let end = NOON + first * HOUR;
          for (const {
            from,
            to,
            reading: { from: of },
            state,
          } of stretches) {
            expect(from).toBeGreaterThanOrEqual(end);
            expect(to).toBeGreaterThan(from);
            if (state === 'live') expect([from, to]).toEqual([of, of + HOUR]);
            else expect(from >= of && to <= of + HOUR + age).toBe(true);
            end = to;
          }
          expect(end).toBeLessThanOrEqual(NOON + (first + length + 1) * HOUR);
        },
      ),
    );
  });
});

it('keeps a bounded number of readings, those that were used last', () => {
  const readings = create();
  readings.keep('here', span(-1, -1), [reading(-1)]);
  readings.keep('there', span(-1, -1), [reading(-1)]);
  for (let place = 0; place < 49_999; place++) {
    readings.keep(`place ${place}`, span(-1, -1), [reading(-1)]);
    if (place % 1000 === 0) known(readings, -1, -1);
  }
  expect(known(readings, -1, -1)).toHaveLength(1);
  expect(readings.stretches('there', span(-1, -1))).toEqual([]);
});
