import { expect, it } from 'vitest';
import { retryAfterOf } from './retry-after.ts';

it('is a number of seconds or a date', () => {
  const of = (value?: string) => retryAfterOf(new Headers(value === undefined ? {} : { 'retry-after': value }));
  expect([of(), of('3'), of('0'), of('soon')]).toEqual([undefined, 3000, undefined, undefined]);
  expect(of(new Date(Date.now() + 60_000).toUTCString())).toBeGreaterThan(50_000);
  expect(of(new Date(Date.now() - 60_000).toUTCString())).toBeUndefined();
});
