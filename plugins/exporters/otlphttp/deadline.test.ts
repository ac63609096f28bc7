import { getEventListeners, once } from 'node:events';
import { expect, it } from 'vitest';
import { Deadline } from './deadline.ts';

it('is aborted when its time is over', async () => {
  const deadline = new Deadline(1, []);
  await once(deadline.signal, 'abort');
  expect(deadline.isPassed).toBe(true);
});

it('is aborted with any of the signals, one that was before included', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const deadline = new Deadline(60_000, [first.signal, second.signal]);
  expect(deadline.signal.aborted).toBe(false);
  second.abort();
  expect(deadline.signal.aborted).toBe(true);
  expect(deadline.isPassed).toBe(false);
  deadline.release();
  const late = new Deadline(60_000, [first.signal, second.signal]);
  expect(late.signal.aborted).toBe(true);
  late.release();
});

it('leaves nothing behind once it is released', () => {
  const { signal } = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const deadline = new Deadline(60_000, [signal]);
  expect([timers() - before, getEventListeners(signal, 'abort').length]).toEqual([1, 1]);
  deadline.release();
  expect([timers() - before, getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
});
