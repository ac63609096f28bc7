import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuUsage, hostPower, Run, type Samples, Series, samplesOf, toHrTime } from 'wattline/plugin';
import { chargePeriodOf } from './charge-period.ts';

const START = Date.UTC(2025, 11, 28, 18, 52, 38) / 1000;
const periodOf = (attributes: Record<string, number>, samples: Samples[] = []) =>
  chargePeriodOf(Run.of({ scenario: 'a', ...attributes }, { samples }));
const series = (start: number, count: number) =>
  Series.regular(
    toHrTime(start),
    5,
    Float64Array.from({ length: count }, () => 1),
  );

describe('the charge period', () => {
  it('is from the start to the end of the run, in the calendar month of the start', () => {
    expect(periodOf({ 'run.start_time': START, 'run.end_time': START + 82 })).toEqual({
      start: '2025-12-28T18:52:38Z',
      end: '2025-12-28T18:54:00Z',
      billingStart: '2025-12-01T00:00:00Z',
      billingEnd: '2026-01-01T00:00:00Z',
    });
  });

  it('is widened to whole seconds', () => {
    const period = periodOf({ 'run.start_time': START + 0.9, 'run.duration': 10.2 });
    expect([period?.start, period?.end]).toEqual(['2025-12-28T18:52:38Z', '2025-12-28T18:52:50Z']);
    const exact = periodOf({ 'run.start_time': START + 0.1, 'run.duration': 9.9 });
    expect(exact?.end).toBe('2025-12-28T18:52:48Z');
  });

  it('is a second where only one time is known', () => {
    for (const name of ['run.start_time', 'run.end_time']) {
      const period = periodOf({ [name]: START });
      expect([period?.start, period?.end]).toEqual(['2025-12-28T18:52:38Z', '2025-12-28T18:52:39Z']);
    }
  });

  it('begins its duration before the end where no start is known', () => {
    expect(periodOf({ 'run.end_time': START + 60, 'run.duration': 60 })?.start).toBe('2025-12-28T18:52:38Z');
  });

  it('is that of the samples where the run says nothing', () => {
    const samples = [samplesOf(hostPower, series(START, 3)), samplesOf(cpuUsage, series(START - 5, 3))];
    const period = periodOf({}, samples);
    expect([period?.start, period?.end]).toEqual(['2025-12-28T18:52:33Z', '2025-12-28T18:52:48Z']);
  });

  it('is unknown where nothing says when, and where nobody could write it down', () => {
    expect(periodOf({})).toBeUndefined();
    expect(periodOf({ 'run.duration': 60 })).toBeUndefined();
    expect(
      periodOf({ 'run.read_time': START, 'run.duration': 60 }, [samplesOf(hostPower, series(START, 3))]),
    ).toBeUndefined();
    expect(periodOf({ 'run.end_time': START * 1e12 })).toBeUndefined();
    expect(periodOf({ 'run.end_time': -1e300 })).toBeUndefined();
  });

  it('covers the run, is never empty, and begins in its month', () => {
    const time = fc.double({ min: 0, max: 4e9, noNaN: true });
    fc.assert(
      fc.property(time, fc.double({ min: 0, max: 1e6, noNaN: true }), (start, length) => {
        const period = periodOf({ 'run.start_time': start, 'run.end_time': start + length });
        const seconds = (text = '') => Date.parse(text) / 1000;
        const [from, to] = [seconds(period?.start), seconds(period?.end)];
        expect(from).toBeLessThanOrEqual(start + 1e-6);
        expect(to).toBeGreaterThanOrEqual(start + length - 1e-6);
        expect(to).toBeGreaterThan(from);
        expect(to - from).toBeLessThan(length + 2);
        expect(from).toBeGreaterThanOrEqual(seconds(period?.billingStart));
        expect(from).toBeLessThan(seconds(period?.billingEnd));
        expect(period?.start.slice(0, 7)).toBe(period?.billingStart.slice(0, 7));
      }),
    );
  });
});
