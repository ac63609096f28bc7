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
  /** What was counted since, and is believed once what comes next goes on from there. */
  held: Increment[];
  /** What was used beside, if they are of one sender: it is believed once they fall as no two senders do. */
  spare?: Increment[];
}

/** What the points of some counters came to. */
export interface Came {
  readonly increments: readonly Increment[];
  readonly spare: readonly Increment[];
  readonly steps: readonly Step[];
  /** The time of the newest point. */
  readonly newest: HrTime;
}

/**
 * Returns what of that is believed, and the doubt that is left. A step that may be a change of senders is held until what
 * comes next goes on from there. What turns back to values that were left is taken for a change of senders until a fall
 * below all of them says that one sender is reset again and again. Where counters have gone back and forth, nothing counts
 * until they have not for `maxGap` seconds.
 */
export function believe(
  doubt: Doubt | undefined,
  { increments, spare, steps, newest }: Came,
  maxGap: number,
): { believed: readonly Increment[]; doubt: Doubt | undefined } {
  if (!doubt && steps.length === 0) return { believed: increments, doubt };
  const at = toSeconds(newest);
  const { held = [], spare: kept = [] } = doubt ?? {};
  const wasReset = steps.includes('reset');
  const hasTurned = steps.includes('turned') || steps.includes('crossed');
  if (!wasReset && (doubt?.isMixed ? hasTurned : steps.includes('crossed'))) {
    return { believed: [], doubt: { at, isMixed: true, held: [] } };
  }
  const isOver = doubt !== undefined && at - doubt.at > maxGap;
  if (doubt?.isMixed && !wasReset) return { believed: [], doubt: isOver ? undefined : doubt };
  if (steps.length === 0) {
    const left = kept.length && doubt && !isOver ? { at: doubt.at, held: [], spare: kept } : undefined;
    return { believed: [...held, ...increments], doubt: left };
  }
  if (wasReset) return { believed: [], doubt: { at, held: addedUp([...kept, ...held, ...increments, ...spare]) } };
  // A fall that was taken back was none, and what it came to has not been used.
  const aside = hasTurned ? addedUp([...kept, ...held, ...spare]) : kept;
  const waiting = hasTurned ? increments : [...held, ...increments];
  return { believed: [], doubt: { at, held: addedUp(waiting), ...(aside.length && { spare: aside }) } };
}
