import { valueAt } from './curves.ts';
import { boundsOf, type Envelope, movedOutside } from './envelope.ts';
import { type CurveRules, fittingGroups, type GroupModel, type GroupModels } from './groups.ts';
import { type Interval, intervalAt } from './jackknife.ts';
import { inOrder } from './observation.ts';
import { atOnce, type Steps } from './steps.ts';

/** A run that is learnt from. */
export interface TrainingRun {
  /** The same for the same run, so that it counts once. */
  readonly id: string;
  /** What it belongs to, by `groupOf`. */
  readonly group: string;
  readonly x: number;
  readonly y: number;
}

export interface ModelOptions extends CurveRules, Envelope {
  /** The level of intervals that is wanted, between 0 and 1. */
  readonly level: number;
}

/** The models of all groups. It is plain data. */
export interface FittedModel extends GroupModels {
  readonly options: ModelOptions;
}

/** What is expected at x, or why nothing is. */
export type Prediction =
  | {
      readonly value: number;
      /** Absent where too few runs are known. It holds the value. */
      readonly interval?: Interval | undefined;
      /** Whether x is outside of what was learnt from, or the group was never seen. */
      readonly extrapolated: boolean;
      /** Whether the group was never seen, so that it is taken to be a typical one. */
      readonly isNewGroup: boolean;
      readonly group: GroupModel;
    }
  | { readonly value: undefined; readonly reason: string; readonly problem: string };

/**
 * Fits a model of each group of runs. A group that has too few for a curve borrows the shape of the others, where there are
 * others. The order of the runs does not matter.
 */
export function fitModel(runs: Iterable<TrainingRun>, options: ModelOptions): FittedModel {
  return atOnce(fitting(runs, options));
}

/** Does what `fitModel` does, and stops after each fit, so that whoever asks can give way to others. */
export function* fitting(runs: Iterable<TrainingRun>, options: ModelOptions): Steps<FittedModel> {
  const members = new Map<string, TrainingRun[]>();
  for (const [group, some] of Map.groupBy(runs, (run) => run.group)) {
    yield;
    members.set(group, inOrder(some));
  }
  return { options, ...(yield* fittingGroups(members, options)) };
}

/** Returns what a model expects of a run of a group at x. */
export function predict({ options, groups, typical }: FittedModel, group: string, x: number): Prediction {
  const own = groups.get(group);
  const found = own ?? typical;
  if (!found) return refused('no_model', `runs of too few different values are known of ${group || 'any group'}`);
  const { curve, leftOut, from, to } = found;
  const isNewGroup = !own;
  const extrapolated = isNewGroup || x < from || x > to;
  if (extrapolated && options.outside === 'refuse') {
    const range = `${x} is outside of what was learnt from, ${from} to ${to}`;
    return refused('extrapolated', isNewGroup ? `no run of ${group} was learnt from` : range);
  }
  const value = Math.max(0, valueAt(curve, x));
  if (!Number.isFinite(value)) return refused('impossible', `at ${x} more is predicted than a number can be`);
  if (options.most !== undefined && value > options.most) {
    return refused('impossible', `${value} is predicted, which is more than the ${options.most} that are possible`);
  }
  const inside = leftOut && intervalAt(leftOut, x, options.level);
  const bounds = inside && boundsOf(options, inside, value, movedOutside(found, x));
  // A curve without single runs may go beyond all numbers before the one of all does.
  const interval = bounds && Number.isFinite(bounds.lower) && Number.isFinite(bounds.upper) ? bounds : undefined;
  return { value, interval, extrapolated, isNewGroup, group: found };
}

function refused(reason: string, problem: string): Prediction {
  return { value: undefined, reason, problem };
}
