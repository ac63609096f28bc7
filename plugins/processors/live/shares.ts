import { secondsBetween } from 'wattline/plugin';
import type { Increment } from './increments.ts';

/** How the energy that a host draws when nothing runs is shared: not at all, evenly, or as the rest. */
export const idleRules = ['none', 'even', 'by_use'] as const;

export type IdleRule = (typeof idleRules)[number];

/** What is known of the use of a host over some time, in core-seconds, or in joules as a meter of power has shared them. */
export interface Use {
  readonly unit: 's' | 'J';
  /** What each workload used. */
  readonly workloads: readonly (readonly Increment[])[];
  /** What was used beside these. */
  readonly others: readonly Increment[];
  /** What all used; undefined where nobody says it. */
  readonly all?: readonly Increment[] | undefined;
  /** What was not used; undefined where that is not known. */
  readonly idle?: readonly Increment[] | undefined;
  /** What could be used each second; undefined where that is not known. */
  readonly capacity?: number | undefined;
}

/** How the energy of a host is shared. */
export interface ShareOptions {
  readonly idleRule: IdleRule;
  /** What the host draws when nothing runs, in W; undefined where it is to be told from its use. */
  readonly idleWatts?: number | undefined;
}

/** The parts of an amount of energy, in J, which add up to it. */
export interface Shares {
  /** Of each workload, in the order of `Use`. */
  readonly parts: readonly number[];
  /** What is left over: what others used, and what is not shared. */
  readonly rest: number;
}

/**
 * Shares the energy of a stretch of time, in J, among the workloads that used the host meanwhile: what goes with use in
 * proportion to it, and the idle rest by the rule. `hostJoules` is all that the host used meanwhile, which the energy is part of.
 */
export function shareEnergy(energy: Increment, use: Use, options: ShareOptions, hostJoules = energy.amount): Shares {
  const used = use.workloads.map((increments) => amountWithin(increments, energy));
  const told = used.reduce((sum, amount) => sum + amount, amountWithin(use.others, energy));
  const total = Math.max(told, use.all ? amountWithin(use.all, energy) : 0);
  const idle = idleFraction(energy, use, options, total, hostJoules);
  const present = options.idleRule === 'even' ? use.workloads.map((one) => secondsWithin(one, energy)) : [];
  const seconds = present.reduce((sum, one) => sum + one, 0);
  const parts = used.map((amount, i) => {
    const even = seconds > 0 ? (idle * (present[i] as number)) / seconds : 0;
    const byUse = total > 0 ? (amount / total) * (options.idleRule === 'by_use' ? 1 : 1 - idle) : 0;
    return energy.amount * (byUse + even);
  });
  // Rounding must not make what is left over negative.
  return {
    parts,
    rest: Math.max(
      0,
      parts.reduce((rest, part) => rest - part, energy.amount),
    ),
  };
}

/** Returns which part of the energy was drawn for nothing, from 0 to 1. Where nobody knows, all of it goes with use. */
function idleFraction(
  { from, to }: Increment,
  { unit, idle, capacity }: Use,
  { idleWatts }: ShareOptions,
  total: number,
  hostJoules: number,
): number {
  const seconds = secondsBetween(from, to);
  if (idleWatts !== undefined) return hostJoules > 0 ? Math.min(1, (idleWatts * seconds) / hostJoules) : 1;
  if (total <= 0) return 1;
  if (idle) return 1 - total / (total + amountWithin(idle, { from, to }));
  const most = unit === 'J' ? hostJoules : (capacity ?? 0) * seconds;
  return most > 0 ? Math.max(0, 1 - total / most) : 0;
}

/** Returns how much of some increments belongs to a stretch of time; each is of an even rate. */
export function amountWithin(increments: readonly Increment[], stretch: Pick<Increment, 'from' | 'to'>): number {
  let sum = 0;
  for (const one of increments) {
    const [start, end] = overlapOf(one, stretch);
    if (end > start) sum += one.amount * ((end - start) / secondsBetween(one.from, one.to));
  }
  return sum;
}

/** Returns for how many seconds of a stretch there are increments: where several overlap it counts once. */
function secondsWithin(increments: readonly Increment[], stretch: Increment): number {
  const spans = increments.map((one) => overlapOf(one, stretch)).sort(([a], [b]) => a - b);
  let [covered, until] = [0, 0];
  for (const [start, end] of spans) {
    covered += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return covered;
}

/** Returns when an increment begins and ends within a stretch, in seconds after its start. */
function overlapOf(
  one: Increment,
  { from, to }: Pick<Increment, 'from' | 'to'>,
): readonly [start: number, end: number] {
  const [start, end] = [secondsBetween(from, one.from), secondsBetween(from, one.to)];
  return [Math.max(0, start), Math.min(secondsBetween(from, to), end)];
}
