import { type Curve, fitCurve, kindFor, type ModelName, valueAt } from './curves.ts';
import { intervalAt, type LeftOut, leaveOut } from './jackknife.ts';
import type { Observation } from './observation.ts';

/** A run that is learnt from. */
export interface TrainingRun {
  /** The same for the same run, so that it counts once. */
  readonly id: string;
  /** What it belongs to, by `groupOf`. */
  readonly group: string;
  readonly x: number;
  readonly y: number;
}

/** What becomes of a prediction outside of what was learnt from: it is said, said with a wider interval, or there is none. */
export const outsideRules = ['flag', 'widen', 'refuse'] as const;
export type OutsideRule = (typeof outsideRules)[number];

export interface ModelOptions {
  readonly model: ModelName;
  /** How many different x must be known, where that is more than the kind of curve needs. */
  readonly leastDifferent: number;
  /** The level of intervals that is wanted, between 0 and 1. */
  readonly level: number;
  readonly outside: OutsideRule;
  /** The most that is possible, such as what a host can draw; a prediction above it is refused. */
  readonly most?: number | undefined;
}

/** What was fitted to the runs of one group. It is plain data. */
export interface GroupModel {
  readonly curve: Curve;
  readonly leftOut: LeftOut | undefined;
  readonly runs: number;
  /** The least and the largest x. */
  readonly from: number;
  readonly to: number;
  /** The part of the variance of y that the curve explains. */
  readonly r2: number;
}

/** The models of all groups. */
export interface FittedModel {
  readonly options: ModelOptions;
  readonly groups: ReadonlyMap<string, GroupModel>;
}

/** What is expected at x, or why nothing is. */
export type Prediction =
  | {
      readonly value: number;
      /** Absent where too few runs are known. */
      readonly interval?: { readonly lower: number; readonly upper: number; readonly level: number } | undefined;
      /** Whether x is outside of what was learnt from, or the group was never seen. */
      readonly extrapolated: boolean;
      readonly group: GroupModel;
    }
  | { readonly value: undefined; readonly reason: string; readonly problem: string };

/** Fits a model of each group of runs that has enough of them. */
export function fitModel(runs: Iterable<TrainingRun>, options: ModelOptions): FittedModel {
  const groups = new Map<string, GroupModel>();
  for (const [group, members] of Map.groupBy(runs, (run) => run.group)) {
    const fitted = fitGroup(members, options);
    if (fitted) groups.set(group, fitted);
  }
  return { options, groups };
}

function fitGroup(runs: readonly Observation[], { model, leastDifferent }: ModelOptions): GroupModel | undefined {
  const xs = runs.map(({ x }) => x);
  const different = new Set(xs).size;
  const kind = kindFor(model, different);
  if (!kind || different < leastDifferent) return undefined;
  const curve = fitCurve(kind, runs);
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  return { curve, leftOut: leaveOut(model, runs), runs: runs.length, from, to, r2: explained(curve, runs) };
}

/** Returns what a model expects of a run of a group at x. */
export function predict({ options, groups }: FittedModel, group: string, x: number): Prediction {
  const found = groups.get(group);
  if (!found) return refused('no_model', `runs of too few different values are known of ${group || 'any group'}`);
  const { curve, leftOut, from, to } = found;
  const value = valueAt(curve, x);
  const extrapolated = x < from || x > to;
  if (extrapolated && options.outside === 'refuse') {
    return refused('extrapolated', `${x} is outside of what was learnt from, ${from} to ${to}`);
  }
  if (options.most !== undefined && value > options.most) {
    return refused('impossible', `${value} is predicted, which is more than the ${options.most} that are possible`);
  }
  const inside = leftOut && intervalAt(leftOut, x, options.level);
  const further =
    extrapolated && options.outside === 'widen' ? Math.abs(value - valueAt(curve, x < from ? from : to)) : 0;
  const interval = inside && {
    ...inside,
    lower: Math.max(0, inside.lower - further),
    upper: Math.min(options.most ?? Number.POSITIVE_INFINITY, inside.upper + further),
  };
  return { value, interval, extrapolated, group: found };
}

function refused(reason: string, problem: string): Prediction {
  return { value: undefined, reason, problem };
}

/** R²: 1 where y does not vary. */
function explained(curve: Curve, runs: readonly Observation[]): number {
  const mean = runs.reduce((sum, { y }) => sum + y, 0) / runs.length;
  const squares = (value: (one: Observation) => number) =>
    runs.reduce((sum, one) => sum + (one.y - value(one)) ** 2, 0);
  const all = squares(() => mean);
  return all === 0 ? 1 : Math.max(0, 1 - squares(({ x }) => valueAt(curve, x)) / all);
}
