import { holds } from 'wattline/figures';
import { toSeconds } from 'wattline/plugin';
import { type Feed, measureTheSame, type Tally } from './feeds.ts';
import type { Increment } from './increments.ts';
import type { Meters } from './meters.ts';
import { sumOf } from './stretches.ts';

/** Seconds over which a holder is compared with what it holds. */
const WINDOW = 600;
/** The part of a window that must have been measured. */
const WHOLE = 0.9;
/** How much less than what it holds a holder may read: meters differ. */
const TOLERANCE = 0.05;

/** Returns the tally with what was measured since. */
export function tallied(tally: Tally | undefined, increments: readonly Increment[]): Tally | undefined {
  if (increments.length === 0) return tally;
  const from = Math.min(...increments.map((one) => toSeconds(one.from)));
  const to = Math.max(...increments.map((one) => toSeconds(one.to)));
  const window = Math.floor(to / WINDOW);
  const joules = sumOf(increments);
  if (tally?.window === window) return { ...tally, to: Math.max(to, tally.to), joules: tally.joules + joules };
  const isNext = tally?.window === window - 1 && tally.to - tally.from >= WHOLE * WINDOW;
  return { window, from, to, joules, ...(isNext && { before: tally.joules / (tally.to - tally.from) }) };
}

/**
 * Returns whether a feed has read less over ten minutes than what it holds; undefined where that cannot be told. Of what it
 * holds those count that are held by no other of them.
 */
export function readsTooLittle(feed: Feed, feeds: readonly Feed[], meters: Meters): boolean | undefined {
  const { tally } = feed;
  if (tally?.before === undefined) return undefined;
  const inner = feeds.filter((one) => {
    return holds(feed.boundary, one.boundary) && one.tally?.before !== undefined && one.tally.window === tally.window;
  });
  if (inner.length === 0) return undefined;
  const counted: Feed[] = [];
  for (const one of inner.sort((a, b) => (b.tally?.before ?? 0) - (a.tally?.before ?? 0))) {
    if (!counted.some((other) => measureTheSame(one, other, meters))) counted.push(one);
  }
  const watts = counted.reduce((sum, { tally: one }) => sum + (one?.before ?? 0), 0);
  return tally.before < (1 - TOLERANCE) * watts;
}
