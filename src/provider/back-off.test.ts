import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BackOff } from './back-off.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (milliseconds: number) => vi.advanceTimersByTime(milliseconds);

it('doubles its pauses up to five minutes, and begins anew after a success', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const backOff = new BackOff();
  expect(backOff.isOver).toBe(true);
  const pauses = Array.from({ length: 9 }, () => {
    const pause = backOff.failed();
    pass(pause - 1);
    expect(backOff.isOver).toBe(false);
    pass(1);
    expect(backOff.isOver).toBe(true);
    return pause / 1000;
  });
  expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  backOff.succeeded();
  expect(backOff.failed()).toBe(5000);
});

it('is not cut short by an answer to a request from before it', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const backOff = new BackOff();
  backOff.failed(60_000);
  backOff.succeeded();
  pass(59_999);
  expect(backOff.isOver).toBe(false);
  pass(1);
  expect(backOff.failed()).toBe(10_000);
});

it.each([
  [0, 2500],
  [1, 7500],
])('is half as long or half as long again by chance (%d)', (random, first) => {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  expect(new BackOff().failed()).toBe(first);
});

it('lasts for as long as the service asks for, a day at most', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  expect(new BackOff().failed(60_000)).toBe(60_000);
  expect(new BackOff().failed(1000)).toBe(5000);
  expect(new BackOff().failed(1e12)).toBe(86_400_000);
});

it('grows no longer by failures of requests that were under way', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const backOff = new BackOff();
  backOff.failed();
  pass(1000);
  expect(backOff.failed()).toBe(4000);
  expect(backOff.failed(30_000)).toBe(30_000);
  pass(30_000);
  expect(backOff.failed()).toBe(10_000);
});
