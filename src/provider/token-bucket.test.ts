import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets through no more than is documented, whenever it is asked', () => {
  const limits = fc.record({ requests: fc.integer({ min: 1, max: 20 }), interval: fc.integer({ min: 1, max: 5000 }) });
  fc.assert(
    fc.property(limits, fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 200 }), (limit, pauses) => {
      const begun = performance.now();
      const bucket = new TokenBucket(limit);
      let taken = 0;
      for (const pause of pauses) {
        vi.advanceTimersByTime(pause);
        if (bucket.take()) taken++;
        const most = limit.requests + ((performance.now() - begun) * limit.requests) / limit.interval;
        expect(taken).toBeLessThanOrEqual(most + 1e-6);
      }
    }),
  );
});

it('refills over time, up to its size', () => {
  const bucket = new TokenBucket({ requests: 2, interval: 1000 });
  const take = () => [bucket.take(), bucket.take(), bucket.take()];
  expect(take()).toEqual([true, true, false]);
  vi.advanceTimersByTime(500);
  expect(take()).toEqual([true, false, false]);
  vi.advanceTimersByTime(60_000);
  expect(take()).toEqual([true, true, false]);
});
