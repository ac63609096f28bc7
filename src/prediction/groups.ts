import { type Curve, fitCurve, isSound, kindFor, type ModelName, valueAt } from './curves.ts';
import { areSound, bySize, type LeftOut, leavingOut } from './jackknife.ts';
import type { Observation } from './observation.ts';
import {
  type Adjustment,
  adjusted,
  adjustments,
  amountBy,
  amountsWithoutEach,
  evidenceOf,
  fitShape,
  type Member,
  membersOf,
  type SharedShape,
  valueWith,
} from './shared-shape.ts';
import type { Steps } from './steps.ts';

/** What was fitted to the runs of one group. It is plain data. */
export interface GroupModel {
  readonly curve: Curve;
  readonly leftOut: LeftOut | undefined;
  readonly runs: number;
  /** The least and the largest x of its runs; of a group that borrows its shape, of the runs of all groups. */
  readonly from: number;
  readonly to: number;
  /** The part of the variance of y that the curve explains; where it is borrowed, that all curves of the shape explain. */
  readonly r2: number;
  /** How it borrows its shape, where its own runs are too few for a curve. */
  readonly borrowed?: Borrowed | undefined;
}

/** By what a group differs from the typical one, such as 1.2 times its y, and from how many groups the shape is. */
export interface Borrowed {
  readonly by: Adjustment;
  readonly amount: number;
  readonly groups: number;
}

/** What a curve needs. */
export interface CurveRules {
  readonly model: ModelName;
  /** How many different x must be known, where that is more than the kind of curve needs. */
  readonly leastDifferent: number;
}

/** The models of groups, and what is expected of a group that is none of them. */
export interface GroupModels {
  readonly groups: ReadonlyMap<string, GroupModel>;
  readonly typical: GroupModel | undefined;
}

/** Up to so many groups each is left out in turn; of more, parts of them are. */
const PARTS = 16;

type Runs = readonly Observation[];

/**
 * Fits each group with enough different x by itself. The others, and the typical one, borrow the shape of all: times or plus
 * an amount of their own, whichever misses left out runs by less over all groups. It stops whenever it has gone through all runs of a group.
 */
export function* fittingGroups(members: ReadonlyMap<string, Runs>, rules: CurveRules): Steps<GroupModels> {
  const groups = new Map<string, GroupModel>();
  const few: [name: string, runs: Runs][] = [];
  for (const [name, runs] of members) {
    yield;
    const own = yield* fittingOwn(runs, rules);
    if (own) groups.set(name, own);
    else few.push([name, runs]);
  }
  const lender =
    members.size > 1
      ? yield* findingLender(
          [...members].sort(byName).map(([, runs]) => runs),
          rules,
        )
      : undefined;
  if (!lender) return { groups, typical: undefined };
  for (const [name, runs] of few) {
    yield;
    const borrowing = lender(runs);
    if (borrowing) groups.set(name, borrowing);
  }
  return { groups, typical: lender([]) };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}

function* fittingOwn(runs: Runs, { model, leastDifferent }: CurveRules): Steps<GroupModel | undefined> {
  const { different, from, to } = rangeOf(runs);
  if (different < leastDifferent) return undefined;
  // Whoever asks for as few as two gets the line through them from `auto` too.
  const kind = kindFor(model, different) ?? (model === 'auto' ? kindFor('linear', different) : undefined);
  if (!kind) return undefined;
  yield;
  const curve = fitCurve(kind, runs);
  if (!isSound(curve)) return undefined;
  yield;
  const errors = runs.map(({ x, y }) => y - valueAt(curve, x));
  yield;
  const r2 = explained(errors, runs);
  yield;
  const leftOut = yield* leavingOut(model, runs);
  return { curve, leftOut, runs: runs.length, from, to, r2 };
}

/** A part of the groups, and the shape of all others. */
interface Fold {
  readonly without: readonly Runs[];
  readonly shared: SharedShape;
}

/** Returns what makes the model of a group with few runs, or none; undefined where all groups together have too few. */
function* findingLender(
  groups: readonly Runs[],
  { model, leastDifferent }: CurveRules,
): Steps<((runs: Runs) => GroupModel | undefined) | undefined> {
  const all = groups.flat();
  const { different, from, to } = rangeOf(all);
  if (different < leastDifferent) return undefined;
  const members = membersOf(groups);
  const ways: { readonly shared: SharedShape; readonly folds: readonly Fold[]; readonly error: number }[] = [];
  for (const by of adjustments) {
    const shared = fitShape(members, by, model);
    const folds = yield* makingFolds(members, by, model);
    if (shared) ways.push({ shared, folds, error: errorOf(folds) });
    yield;
  }
  // A tie is for the first, the scale.
  const [best] = ways.sort((a, b) => a.error - b.error);
  if (!best) return undefined;
  const { shared, folds } = best;
  const errors = groups.flatMap((runs) => {
    const amount = amountBy(shared, evidenceOf(shared, runs));
    return runs.map(({ x, y }) => y - valueWith(shared, amount, x));
  });
  const r2 = explained(errors, all);
  return (runs: Runs): GroupModel | undefined => {
    const amount = amountBy(shared, evidenceOf(shared, runs));
    const borrowed = { by: shared.by, amount, groups: groups.length };
    const curve = adjusted(shared, amount);
    if (!isSound(curve)) return undefined;
    const leftOut = leaveGroupsOut(folds, runs);
    return { curve, leftOut, runs: runs.length, from, to, r2, borrowed };
  };
}

function* makingFolds(members: readonly Member[], by: Adjustment, model: ModelName): Steps<Fold[]> {
  const parts = Math.min(PARTS, members.length);
  const folds: Fold[] = [];
  for (let part = 0; part < parts; part++) {
    yield;
    const rest = members.filter((_, i) => i % parts !== part);
    const shared = fitShape(rest, by, model);
    if (shared) folds.push({ shared, without: members.flatMap(({ runs }, i) => (i % parts === part ? [runs] : [])) });
  }
  return folds;
}

/** The mean distance of runs from the curve of their group's other runs, on the shape of the other groups. */
function errorOf(folds: readonly Fold[]): number {
  const errors = folds.flatMap(({ without, shared }) =>
    without.flatMap((runs) => {
      const amounts = amountsWithoutEach(shared, runs);
      return runs.map(({ x, y }, i) => Math.abs(y - valueWith(shared, amounts[i] as number, x)));
    }),
  );
  return errors.length ? errors.reduce((sum, error) => sum + error, 0) / errors.length : Number.POSITIVE_INFINITY;
}

/**
 * Does to every other group what was done to this one: it is left out but for as many runs, nearest to those of this group,
 * and its largest miss is kept. So groups are what is exchangeable, and an interval claims no more than their number carries.
 */
function leaveGroupsOut(folds: readonly Fold[], runs: Runs): LeftOut | undefined {
  const misses = folds.flatMap(({ without, shared }, curve) =>
    without.flatMap((group) => {
      if (group === runs || group.length <= runs.length) return [];
      const [kept, rest] = nearest(group, runs);
      const theirs = curveOf(shared, kept);
      const miss = Math.max(...rest.map(({ x, y }) => Math.abs(y - valueAt(theirs, x))));
      return [{ curve, error: miss * relative(shared, runs, kept) }];
    }),
  );
  const leftOut = { curves: folds.map(({ shared }) => curveOf(shared, runs)), misses: misses.sort(bySize) };
  return misses.length > 1 && areSound(leftOut) ? leftOut : undefined;
}

/** Errors of a group that draws twice as much are twice as large, where groups differ by a scale. */
function relative(shared: SharedShape, runs: Runs, others: Runs): number {
  if (shared.by === 'offset') return 1;
  const [own, theirs] = [runs, others].map((some) => amountBy(shared, evidenceOf(shared, some))) as [number, number];
  return theirs > 0 ? own / theirs : 1;
}

function curveOf(shared: SharedShape, runs: Runs): Curve {
  return adjusted(shared, amountBy(shared, evidenceOf(shared, runs)));
}

/** Parts a group into the runs whose x are nearest to those wanted, one for each, and the rest. */
function nearest(group: Runs, wanted: Runs): [kept: Runs, rest: Runs] {
  const rest = [...group].sort((a, b) => a.x - b.x || a.y - b.y);
  const kept = wanted.flatMap(({ x }) => {
    const distances = rest.map((one) => Math.abs(one.x - x));
    return rest.splice(distances.indexOf(Math.min(...distances)), 1);
  });
  return [kept, rest];
}

function rangeOf(runs: Runs): { readonly different: number; readonly from: number; readonly to: number } {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { x } of runs) {
    from = Math.min(from, x);
    to = Math.max(to, x);
  }
  return { different: new Set(runs.map(({ x }) => x)).size, from, to };
}

/** R²: 1 where y does not vary, 0 where its squares are too large to be told. */
function explained(errors: readonly number[], runs: Runs): number {
  const mean = runs.reduce((sum, { y }) => sum + y, 0) / runs.length;
  const all = runs.reduce((sum, { y }) => sum + (y - mean) ** 2, 0);
  return all === 0 ? 1 : Math.max(0, 1 - errors.reduce((sum, error) => sum + error ** 2, 0) / all || 0);
}
