import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { type CountedUnit, type WorkUnit, workOf } from './work.ts';

const work = (attributes: object, unit: WorkUnit | CountedUnit) =>
  workOf(Run.of({ scenario: '4 streams @ 5000k', ...attributes }), unit);
const orders = { name: 'order', attribute: 'run.orders' };

describe('the work of a run', () => {
  it.each([
    ['hours', { 'run.duration': 1800 }, 'hour', 0.5],
    ['hours between its times', { 'run.start_time': 100, 'run.end_time': 3700 }, 'hour', 1],
    ['hours times streams by its name', { 'run.duration': 1800 }, 'stream_hour', 2],
    ['hours times stated streams', { 'run.duration': 1800, 'run.streams': 3 }, 'stream_hour', 1.5],
    ['pixels', { 'run.pixels_processed': 8_957_952_000 }, 'pixel', 8_957_952_000],
    ['frames', { 'run.total_frames': 3612 }, 'frame', 3612],
    ['requests', { 'run.requests': 7 }, 'request', 7],
    ['whatever an attribute counts', { 'run.orders': 2.5 }, orders, 2.5],
  ] as const)('is its %s', (_, attributes, unit, expected) => {
    const { value, lines } = work(attributes, unit) as Extract<ReturnType<typeof work>, { value: number }>;
    expect(value).toBe(expected);
    expect(lines.at(-1)?.value).toBe(expected);
  });

  it.each([
    ['without a duration', {}, 'hour', 'no_duration', 'neither a duration above 0 nor an end'],
    ['of no length', { 'run.duration': 0 }, 'stream_hour', 'no_duration', 'neither a duration'],
    ['without streams', { 'run.duration': 1, 'run.streams': 0 }, 'stream_hour', 'no_streams', 'had no streams'],
    ['of unknown streams', { scenario: 'a run', 'run.duration': 1 }, 'stream_hour', 'unknown_streams', 'a run says'],
    ['without pixels', {}, 'pixel', 'no_pixel', 'no number as `run.pixels_processed`'],
    ['with 0 frames', { 'run.total_frames': 0 }, 'frame', 'no_frame', 'has 0 as `run.total_frames`'],
    ['with a text for requests', { 'run.requests': '7' }, 'request', 'no_request', 'no number'],
    ['with orders below 0', { 'run.orders': -1 }, orders, 'no_order', 'has -1 as `run.orders`'],
  ] as const)('is unknown %s', (_, attributes, unit, reason, problem) => {
    const unknown = work(attributes, unit);
    expect(unknown).toMatchObject({ value: undefined, reason });
    expect(unknown).toHaveProperty('problem', expect.stringContaining(problem));
  });

  it('grows with the length and with the streams', () => {
    const whole = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(whole, whole, whole, (duration, streams, times) => {
        const of = (seconds: number, count: number) =>
          work({ 'run.duration': seconds, 'run.streams': count }, 'stream_hour').value as number;
        const one = of(duration, streams);
        expect(Math.abs(of(duration * times, streams) / (one * times) - 1)).toBeLessThan(1e-14);
        expect(Math.abs(of(duration, streams * times) / (one * times) - 1)).toBeLessThan(1e-14);
      }),
    );
  });
});
