import { LaterError } from '../errors.ts';
import type { RetryOptions } from '../plugin/push-settings.ts';

/** The longest pause that a server may ask for, in milliseconds. */
const LONGEST_ASKED = 300_000;

/** Returns the pause after an attempt that failed, in milliseconds: exponential and randomized, or as long as the server asks. */
export function pauseAfter(error: Error, attempt: number, retry: RetryOptions): number {
  const asked = error instanceof LaterError ? Math.min(error.after, LONGEST_ASKED) : 0;
  const pause = Math.min(retry.max_interval, retry.initial_interval * retry.multiplier ** attempt);
  return Math.max(asked, pause * (1 + retry.randomization_factor * (2 * Math.random() - 1)));
}
