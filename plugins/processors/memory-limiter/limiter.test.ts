import { expect, it } from 'vitest';
import { Limiter } from './limiter.ts';

/** A limiter of a memory of which so much is in use, and so much of that is garbage. */
function limiterOf({ used = 0, garbage = 0 }: { used?: number; garbage?: number }) {
  const memory = {
    total: 1000,
    kept: used - garbage,
    garbage,
    collections: 0,
    used: () => memory.kept + memory.garbage,
    collect() {
      memory.garbage = 0;
      memory.collections++;
    },
  };
  const clock = { now: 0 };
  return { memory, clock, limiter: new Limiter(400, memory, () => clock.now) };
}

it('is over from the first look beyond the soft limit on, until a check finds less', () => {
  const { limiter, memory } = limiterOf({ used: 400 });
  expect([limiter.isOver, memory.collections]).toEqual([false, 0]);
  memory.kept = 401;
  expect(limiter.isOver).toBe(true);
  memory.kept = 100;
  expect(limiter.isOver).toBe(true);
  limiter.check();
  expect(limiter.isOver).toBe(false);
});

it('collects garbage before it refuses', () => {
  const { limiter, memory } = limiterOf({ used: 450, garbage: 300 });
  expect([limiter.isOver, memory.collections]).toEqual([false, 1]);
});

it('spends no more than a tenth of the time on garbage', () => {
  const { limiter, memory, clock } = limiterOf({ used: 600 });
  const { collect } = memory;
  memory.collect = () => {
    collect();
    clock.now += 1500;
  };
  for (const end = 100_000; clock.now < end; clock.now += 1000) limiter.check();
  expect(memory.collections).toBeGreaterThan(5);
  expect(memory.collections * 1500).toBeLessThanOrEqual(10_500);
});
