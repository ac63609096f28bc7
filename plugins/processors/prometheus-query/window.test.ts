import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gridOf, requestsOf, runTimeOf } from './window.ts';

describe('the time of a run', () => {
  const start = 'startTime';
  const end = 'endTime';
  const duration = 'statedDuration';
  const nothing = { startTime: undefined, endTime: undefined, statedDuration: undefined };

  it.each([
    [
      { [start]: 100.0004, [end]: 160.0006 },
      { start: 100_000, end: 160_001 },
    ],
    [
      { [start]: 100, [duration]: 60 },
      { start: 100_000, end: 160_000 },
    ],
    [
      { [end]: 160, [duration]: 60 },
      { start: 100_000, end: 160_000 },
    ],
    [
      { [start]: 100, [end]: 160, [duration]: 20 },
      { start: 100_000, end: 160_000 },
    ],
    [{ [start]: 100 }, undefined],
    [{ [end]: 100 }, undefined],
    [{ [duration]: 100 }, undefined],
    [{ [start]: 100, [end]: 100 }, undefined],
    [{ [start]: 100, [end]: 90 }, undefined],
  ])('of %j is %j', (facts, time) => {
    expect(runTimeOf({ ...nothing, ...facts })).toEqual(time);
  });
});

const times = fc
  .tuple(fc.nat(2 ** 40), fc.integer({ min: 1, max: 200_000_000 }))
  .map(([start, length]) => ({ start, end: start + length }));

describe('the steps of a run', () => {
  it('are equal, fill it but for a rest of less than a millisecond a step, and are no shorter than asked', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 86_400_000 }), (time, step) => {
        const { first, step: length, count } = gridOf(time, step, 'interval');
        const end = first + (count - 1) * length;
        expect(first - length).toBe(time.start);
        expect(end).toBeLessThanOrEqual(time.end);
        expect(time.end - end).toBeLessThan(count);
        if (time.end - time.start >= step) expect(length).toBeGreaterThanOrEqual(step);
        else expect([count, length]).toEqual([1, time.end - time.start]);
        const instants = gridOf(time, step, 'instant');
        expect(instants).toEqual({ first: time.start, step: length, count: count + 1 });
      }),
    );
  });

  it('are asked for in requests that Prometheus takes, each point once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (count) => {
        const grid = { first: 1000, step: 7, count };
        let next = grid.first;
        for (const part of requestsOf(grid)) {
          expect(part.first).toBe(next);
          expect(part.count).toBeLessThanOrEqual(11_000);
          expect(part.count).toBeGreaterThan(0);
          next += part.count * part.step;
        }
        expect(next).toBe(grid.first + count * grid.step);
      }),
    );
  });
});
