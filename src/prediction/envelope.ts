import { type Curve, valueAt } from './curves.ts';
import type { Interval } from './jackknife.ts';

/** What becomes of a prediction outside of what was learnt from: it is said, said with a wider interval, or there is none. */
export const outsideRules = ['flag', 'widen', 'refuse'] as const;
export type OutsideRule = (typeof outsideRules)[number];

/** What a prediction may be. */
export interface Envelope {
  readonly outside: OutsideRule;
  /** The most that is possible, such as what a host can draw; a prediction above it is refused. */
  readonly most?: number | undefined;
}

/** What was learnt from: the curve and the least and the largest x. */
export interface Known {
  readonly curve: Curve;
  readonly from: number;
  readonly to: number;
}

/** Returns how far the curve has moved from the nearest end of what was learnt from to x; 0 within it. */
export function movedOutside({ curve, from, to }: Known, x: number): number {
  const end = Math.min(Math.max(x, from), to);
  return Math.abs(valueAt(curve, x) - valueAt(curve, end));
}

/**
 * Returns the interval of a prediction: with each bound that far further away where outside of what was learnt from that is
 * the rule, never below 0 or above what is possible, and around the value.
 */
export function boundsOf(
  { outside, most = Number.POSITIVE_INFINITY }: Envelope,
  { lower, upper, level }: Interval,
  value: number,
  moved: number,
): Interval {
  const further = outside === 'widen' ? moved : 0;
  return {
    lower: Math.max(0, Math.min(value, lower - further)),
    upper: Math.min(most, Math.max(value, upper + further)),
    level,
  };
}
