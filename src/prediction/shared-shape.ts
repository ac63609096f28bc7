import { type Curve, fitCurve, isSound, kindFor, type ModelName, valueAt } from './curves.ts';
import type { Observation } from './observation.ts';
import { thinned } from './thinned.ts';

/** How the curve of a group differs from the shape that all groups share: y = amount · f(x), or y = f(x) + amount. */
export type Adjustment = 'scale' | 'offset';
export const adjustments = ['scale', 'offset'] as const;

/** A shape that groups share, of which each has its own amount. */
export interface SharedShape {
  readonly by: Adjustment;
  readonly shape: Curve;
  /** How many runs the typical amount counts for beside those of a group; infinite where groups do not differ. */
  readonly prior: number;
  /** The mean square of the shape over the runs, by which `scale` weighs a run. */
  readonly meanSquare: number;
}

/** What the runs of a group say of its amount: their weights, and their amounts times these. */
export interface Evidence {
  readonly weight: number;
  readonly sum: number;
}

/** Rounds of fitting the shape and the amounts in turn; on real runs the last ones change nothing that is printed. */
const ROUNDS = 12;
/** To so many points together the runs are thinned through which the shape is fitted, so that many take no long time. */
const POINTS = 512;
const LEAST_POINTS = 4;

/** The runs of a group, and the points that stand for them where the shape is fitted. */
export interface Member {
  readonly runs: readonly Observation[];
  readonly points: readonly Required<Observation>[];
}

/** Returns groups as members of what shares a shape. */
export function membersOf(groups: readonly (readonly Observation[])[]): Member[] {
  const most = Math.max(LEAST_POINTS, Math.floor(POINTS / groups.length));
  return groups.map((runs) => ({ runs, points: thinned(runs, most) }));
}

/** Fits a shape that groups share; undefined where they have too few different x together, or their numbers are too large. */
export function fitShape(members: readonly Member[], by: Adjustment, model: ModelName): SharedShape | undefined {
  const points = members.map((member) => member.points);
  const groups = members.map(({ runs }) => runs);
  const kind = kindFor(model, new Set(points.flatMap((group) => group.map(({ x }) => x))).size);
  if (!kind) return undefined;
  const fit = (amounts: readonly number[]): SharedShape => {
    const typical = points.flatMap((group, i) => group.map((one) => withoutAmount(by, one, amounts[i] as number)));
    const shape = fitCurve(kind, typical);
    return { by, shape, prior: 0, meanSquare: meanSquareOf(shape, points) };
  };
  let shared = fit(points.map(() => typicalAmount(by)));
  // Where each group has a single run, any shape would fit them all.
  for (let round = 0; round < ROUNDS && groups.some(({ length }) => length > 1); round++) {
    const last = shared;
    shared = fit(
      centred(
        by,
        points.map((group) => amountBy(last, evidenceOf(last, group))),
      ),
    );
  }
  return isSound(shared.shape) ? { ...shared, prior: priorOf(shared, groups) } : undefined;
}

/** Returns what the runs of a group say of its amount. */
export function evidenceOf(shared: SharedShape, runs: readonly Observation[]): Evidence {
  let [weight, sum] = [0, 0];
  for (const run of runs) {
    const one = evidenceOfRun(shared, run);
    weight += one.weight;
    sum += one.sum;
  }
  return { weight, sum };
}

function evidenceOfRun({ by, shape, meanSquare }: SharedShape, { x, y, weight = 1 }: Observation): Evidence {
  const value = valueAt(shape, x);
  if (by === 'offset') return { weight, sum: weight * (y - value) };
  const share = meanSquare > 0 ? (weight * value) / meanSquare : 0;
  return { weight: share * value, sum: share * y };
}

/** Returns the amount of a group with one of its runs left out, for each of them. */
export function amountsWithoutEach(shared: SharedShape, runs: readonly Observation[]): number[] {
  const all = evidenceOf(shared, runs);
  return runs.map((run) => {
    const one = evidenceOfRun(shared, run);
    return amountBy(shared, { weight: Math.max(0, all.weight - one.weight), sum: all.sum - one.sum });
  });
}

/**
 * Returns the amount of a group: the mean of its runs, moved toward the typical one by how few they are and by how little
 * groups differ (credibility: H. Bühlmann and E. Straub, Mitteilungen der Vereinigung schweizerischer
 * Versicherungsmathematiker 70 (1970) 111–133).
 */
export function amountBy({ by, prior }: SharedShape, { weight, sum }: Evidence): number {
  if (weight === 0 || prior === Number.POSITIVE_INFINITY) return typicalAmount(by);
  return (sum + prior * typicalAmount(by)) / (weight + prior);
}

/** Returns what is expected at x of a group with that amount. */
export function valueWith({ by, shape }: SharedShape, amount: number, x: number): number {
  const value = valueAt(shape, x);
  return Math.max(0, by === 'scale' ? value * amount : value + amount);
}

/** Returns the curve of a group: the shape with the group's amount. */
export function adjusted({ by, shape }: Pick<SharedShape, 'by' | 'shape'>, amount: number): Curve {
  const of = (value: number) => (by === 'scale' ? value * amount : value + amount);
  const slope = by === 'scale' ? amount : 1;
  switch (shape.kind) {
    case 'linear':
      return { ...shape, intercept: of(shape.intercept), slope: shape.slope * slope };
    case 'power':
      return { ...shape, offset: of(shape.offset), scale: shape.scale * slope };
    case 'monotone':
      return { ...shape, ys: shape.ys.map(of), slopes: shape.slopes.map((one) => one * slope) };
  }
}

export function typicalAmount(by: Adjustment): number {
  return by === 'scale' ? 1 : 0;
}

/** A run as one of the typical group, which weighs as much as before. */
function withoutAmount(by: Adjustment, { x, y, weight }: Required<Observation>, amount: number): Observation {
  if (by === 'offset') return { x, y: y - amount, weight };
  return amount > 0 ? { x, y: y / amount, weight: weight * amount ** 2 } : { x, y, weight };
}

/** Amounts whose mean is the typical one, so that the shape is that of the typical group. */
function centred(by: Adjustment, amounts: readonly number[]): number[] {
  const mean = amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
  if (by === 'offset') return amounts.map((amount) => amount - mean);
  return amounts.map((amount) => (mean > 0 ? amount / mean : 1));
}

function meanSquareOf(shape: Curve, groups: readonly (readonly Required<Observation>[])[]): number {
  const points = groups.flat();
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  return points.reduce((sum, { x, weight }) => sum + weight * valueAt(shape, x) ** 2, 0) / total;
}

/** The variance within groups by that between them, estimated as Bühlmann and Straub do. */
function priorOf(shared: SharedShape, groups: readonly (readonly Observation[])[]): number {
  const evidence = groups.map((runs) => evidenceOf(shared, runs));
  const means = evidence.map((one) => amountBy(shared, one));
  const freedom = groups.reduce((sum, { length }) => sum + length - 1, 0);
  // Nothing tells how much runs of one group differ: the typical amount counts as much as one run.
  if (freedom === 0) return 1;
  const within = groups.reduce((sum, runs, i) => sum + squaresWithin(shared, runs, means[i] as number), 0) / freedom;
  const total = evidence.reduce((sum, { weight }) => sum + weight, 0);
  const mean = evidence.reduce((sum, { weight }, i) => sum + weight * (means[i] as number), 0) / total;
  const squares = evidence.reduce((sum, { weight }, i) => sum + weight * ((means[i] as number) - mean) ** 2, 0);
  const room = total - evidence.reduce((sum, { weight }) => sum + weight ** 2, 0) / total;
  const between = (squares - (groups.length - 1) * within) / room;
  return between > 0 ? within / between : Number.POSITIVE_INFINITY;
}

function squaresWithin(shared: SharedShape, runs: readonly Observation[], amount: number): number {
  const unit = shared.by === 'scale' ? shared.meanSquare || 1 : 1;
  return runs.reduce((sum, { x, y }) => sum + (y - valueWith(shared, amount, x)) ** 2 / unit, 0);
}
