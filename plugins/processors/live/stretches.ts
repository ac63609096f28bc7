import type { HrTime } from '@opentelemetry/api';
import { secondsBetween } from 'wattline/plugin';
import type { Increment } from './increments.ts';
import { isSameTime } from './moments.ts';

/** How many stretches are kept apart at most: where there are more, neighbours become one. */
const MOST = 512;

/** A stretch of time. */
export type Span = Pick<Increment, 'from' | 'to'>;

/** What is left of a holder once what it holds has been taken off. */
export interface Remainder {
  readonly left: readonly Increment[];
  /** What it holds beyond the end of the holder's increments. */
  readonly beyond: readonly Increment[];
  /** What it holds more than it was measured for, which is to be taken off what comes. */
  readonly debt: number;
}

/** Returns increments with those of the same stretch added up, in the order of their starts. */
export function addedUp(increments: readonly Increment[]): Increment[] {
  const [first] = increments;
  if (!first) return [];
  // Mostly all meters of a feed were read at the same times.
  if (increments.every((one) => isSameStretch(one, first))) return [{ ...first, amount: sumOf(increments) }];
  const sums = new Map<string, Increment>();
  for (const one of increments) {
    const key = `${one.from} ${one.to}`;
    sums.set(key, { ...one, amount: one.amount + (sums.get(key)?.amount ?? 0) });
  }
  const sorted = [...sums.values()].sort((a, b) => secondsBetween(b.from, a.from) || secondsBetween(b.to, a.to));
  while (sorted.length > MOST) sorted.splice(0, sorted.length, ...inPairs(sorted));
  return sorted;
}

/**
 * Returns the same as `addedUp` of both lists, of which the first is added up already. Mostly the second is of the last
 * stretch of the first, or comes after it.
 */
export function withMore(known: readonly Increment[], more: readonly Increment[]): readonly Increment[] {
  if (known.length === 0 || more.length === 0) return more.length === 0 ? known : addedUp(more);
  const all = [...known];
  for (const one of more) {
    const last = all.at(-1) as Increment;
    if (isSameStretch(one, last)) all[all.length - 1] = { ...last, amount: last.amount + one.amount };
    else if (secondsBetween(last.to, one.from) >= 0 && all.length < MOST) all.push(one);
    else return addedUp([...known, ...more]);
  }
  return all;
}

/** Returns the shares of increments before and after a time; each is of an even rate. */
export function cut(increments: readonly Increment[], at: HrTime): [before: Increment[], after: Increment[]] {
  const before: Increment[] = [];
  const after: Increment[] = [];
  for (const one of increments) {
    const { from, to, amount } = one;
    const width = secondsBetween(from, to);
    const passed = secondsBetween(from, at);
    if (passed >= width) before.push(one);
    else if (passed <= 0) after.push(one);
    else {
      before.push({ ...one, to: at, amount: amount * (passed / width) });
      after.push({ ...one, from: at, amount: amount * (1 - passed / width) });
    }
  }
  return [before, after];
}

/**
 * Takes what a holder holds off its increments, never below 0, and once. `until` is the end of those before: what it holds
 * and was used earlier has been counted for the holder already, and is taken off what comes, as is the `debt`. What was used
 * while the holder was not measured is none of its own.
 */
export function takeOff(
  holder: readonly Increment[],
  held: readonly Increment[],
  until: HrTime | undefined,
  debt: number,
): Remainder {
  const left: Increment[] = [];
  let beyond = held;
  let owed = debt;
  let end = until;
  for (const one of addedUp(holder)) {
    const [earlier, later] = cut(beyond, one.from);
    const counted = end ? cut(earlier, end)[0] : [];
    const [within, rest] = cut(later, one.to);
    const amount = one.amount - sumOf(within) - sumOf(counted) - owed;
    owed = Math.max(0, -amount);
    if (amount > 0) left.push({ ...one, amount });
    beyond = rest;
    end = end && secondsBetween(end, one.to) < 0 ? end : one.to;
  }
  return { left, beyond, debt: owed };
}

/** Returns the sum of the amounts of increments. */
export function sumOf(increments: readonly Increment[]): number {
  return increments.reduce((sum, { amount }) => sum + amount, 0);
}

/** Returns the stretches of time that increments cover together, in their order. */
export function spansOf(increments: readonly Increment[]): Span[] {
  const spans: { from: HrTime; to: HrTime }[] = [];
  for (const { from, to } of [...increments].sort((a, b) => secondsBetween(b.from, a.from))) {
    const last = spans.at(-1);
    if (!last || secondsBetween(last.to, from) > 0) spans.push({ from, to });
    else if (secondsBetween(last.to, to) > 0) last.to = to;
  }
  return spans;
}

/** Returns whether two increments are of the same time. */
export function isSameStretch(a: Increment, b: Increment): boolean {
  return isSameTime(a.to, b.to) && isSameTime(a.from, b.from);
}

function inPairs(increments: readonly Increment[]): Increment[] {
  const pairs: Increment[] = [];
  for (let i = 0; i < increments.length; i += 2) {
    const [a, b] = [increments[i] as Increment, increments[i + 1]];
    const to = b && secondsBetween(a.to, b.to) > 0 ? b.to : a.to;
    pairs.push({ ...a, to, amount: a.amount + (b?.amount ?? 0) });
  }
  return pairs;
}
