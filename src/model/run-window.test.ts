import { describe, expect, it } from 'vitest';
import { type StatedTimes, timeSpanOf } from './run-window.ts';

const of = (startTime?: number, endTime?: number, statedDuration?: number): StatedTimes => {
  return { startTime, endTime, statedDuration };
};
const sampled = { start: 110, end: 150 };

describe('the time of a run', () => {
  it.each([
    ['what it states', of(100, 160, 30), [100, 160]],
    ['its start and duration', of(100, undefined, 30), [100, 130]],
    ['its end and duration', of(undefined, 160, 30), [130, 160]],
    ['from its start to its last sample', of(100), [100, 150]],
    ['from its first sample to its end', of(undefined, 160), [110, 160]],
    ['that of its samples', of(), [110, 150]],
    ['its duration, up to its last sample', of(undefined, undefined, 60), [90, 150]],
    ['its duration, whatever was sampled before', of(undefined, undefined, 30), [120, 150]],
    ['a moment where its samples are before its start', of(200), [200, 200]],
    ['a moment where its samples are after its end', of(undefined, 50), [50, 50]],
    ['that of its samples where its duration is none', of(undefined, undefined, 0), [110, 150]],
    ['not before 1970', of(undefined, undefined, 1000), [0, 150]],
  ])('is %s', (_, stated, [start, end]) => {
    expect(timeSpanOf(stated, () => sampled)).toEqual({ start, end });
  });

  it.each([
    ['a moment with a start alone', of(100), [100, 100]],
    ['a moment with an end alone', of(undefined, 160), [160, 160]],
    ['what it states', of(100, undefined, 30), [100, 130]],
  ])('is %s where nothing was sampled', (_, stated, [start, end]) => {
    expect(timeSpanOf(stated, () => undefined)).toEqual({ start, end });
  });

  it('is not known where nothing says it, however long it took', () => {
    for (const stated of [of(), of(undefined, undefined, 60)]) {
      expect(timeSpanOf(stated, () => undefined)).toBeUndefined();
    }
  });
});
