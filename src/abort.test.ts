import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { orAborted } from './abort.ts';

it('work is waited for until the signal is aborted, and nothing stays behind', async () => {
  const ending = new AbortController();
  expect(await orAborted(Promise.resolve(), ending.signal)).toBe(true);
  await expect(orAborted(Promise.reject(new Error('it failed')), ending.signal)).rejects.toThrow('it failed');
  const waiting = orAborted(new Promise(() => {}), ending.signal);
  ending.abort();
  expect(await waiting).toBe(false);
  expect(getEventListeners(ending.signal, 'abort')).toHaveLength(0);
});

it('work that fails after the abort is nobody’s fault', async () => {
  expect(await orAborted(Promise.reject(new Error('it failed')), AbortSignal.abort())).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
});
