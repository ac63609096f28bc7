import type { HrTime } from '@opentelemetry/api';
import { toSeconds } from 'wattline/plugin';
import type { Increment } from './increments.ts';
import type { Step } from './rivals.ts';
import { addedUp } from './stretches.ts';

/** Counters of which it is not known whether one sender or several send them. */
export interface Doubt {
  /** When it was in doubt last, in seconds since 1970. */
  at: number;
  /** Whether it is known that they are several. */
  isMixed?: true;
  /** What was counted since. */
  held: Increment[];
}

/** What the points of some counters came to. */
export interface Came {
  readonly increments: readonly Increment[];
  readonly steps: readonly Step[];
  /** The time of the newest point. */
  readonly newest: HrTime;
}

/**
 * Returns what of that is believed, and the doubt that is left. A step that may be a change of senders is held until what
 * comes next goes on from there. Where counters have gone back and forth, nothing counts until they have not for `maxGap`
 * seconds.
 */
export function believe(
  doubt: Doubt | undefined,
  { increments, steps, newest }: Came,
  maxGap: number,
): { believed: readonly Increment[]; doubt: Doubt | undefined } {
  if (!doubt && steps.length === 0) return { believed: increments, doubt };
  const now = toSeconds(newest);
  if (steps.includes('crossed') || (doubt?.isMixed && steps.length > 0)) {
    return { believed: [], doubt: { at: now, isMixed: true, held: [] } };
  }
  if (doubt?.isMixed) return { believed: [], doubt: now - doubt.at > maxGap ? undefined : doubt };
  // A fall that was taken back was none, and what it came to has not been used.
  const held = steps.includes('returned') ? [] : (doubt?.held ?? []);
  const all = [...held, ...increments];
  return steps.length ? { believed: [], doubt: { at: now, held: addedUp(all) } } : { believed: all, doubt: undefined };
}
