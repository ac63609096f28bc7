import { type Curve, type CurveKind, fitPoints, isSound, kindFor, type ModelName, valueAt } from './curves.ts';
import { inOrder, mergedInOrder, type Observation } from './observation.ts';
import { atOnce, type Steps } from './steps.ts';

/** Up to so many observations each is left out in turn; of more, parts of them are. */
const PARTS = 64;
/** The most misses that are kept. */
const MISSES = 2048;

/** By how much the curve without an observation misses it: what was measured, less what the curve says. */
export interface Miss {
  /** The index of the curve without it. */
  readonly curve: number;
  readonly error: number;
}

/** What stays of leaving observations out in turn, from which intervals are made anywhere. It is plain data. */
export interface LeftOut {
  /** The curve fitted without each part. */
  readonly curves: readonly Curve[];
  /** Of each observation, the smallest first; of more than 2,048, the largest of as many neighbours as must be stands for them. */
  readonly misses: readonly Miss[];
}

/** An interval, and the level that is claimed of it. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** The share of intervals made in this way that hold what is measured, at most n / (n + 1) of n observations. */
  readonly level: number;
}

/** Does what `leavingOut` does in one go. */
export function leaveOut(model: ModelName, observations: Iterable<Observation>): LeftOut | undefined {
  return atOnce(leavingOut(model, observations));
}

/**
 * Fits a model without each observation, or, of more than 64, without each of 64 parts; undefined where too few are left for
 * any curve. It stops after each fit, so that whoever asks can give way to others. Neither the parts nor what comes out
 * depends on the order of the observations.
 */
export function* leavingOut(model: ModelName, observations: Iterable<Observation>): Steps<LeftOut | undefined> {
  const sorted = inOrder(observations);
  const parts = Math.min(PARTS, sorted.length);
  const curves: Curve[] = [];
  const misses: Miss[] = [];
  for (let part = 0; part < parts; part++) {
    yield;
    const rest = mergedInOrder(sorted.filter((_, i) => i % parts !== part));
    const kind = kindWith(model, rest.length);
    if (!kind) continue;
    const curve = fitPoints(kind, rest);
    const left = sorted.filter((_, i) => i % parts === part);
    const missed = left.map(({ x, y }) => ({ curve: curves.length, error: y - valueAt(curve, x) }));
    // What is in order by parts is put in order sooner.
    misses.push(...missed.sort(bySize));
    curves.push(curve);
  }
  yield;
  if (!areSound({ curves, misses })) return undefined;
  return misses.length > 1 ? { curves, misses: kept(misses.sort(bySize)) } : undefined;
}

/** Returns whether an interval can be made: numbers near the largest that there are have no finite distances. */
export function areSound({ curves, misses }: LeftOut): boolean {
  return curves.every(isSound) && misses.every(({ error }) => Number.isFinite(error));
}

/** The kind that a model is with so many different x, or the next simpler one. */
function kindWith(model: ModelName, different: number): CurveKind | undefined {
  return kindFor(model, different) ?? kindFor('power', different) ?? kindFor('linear', different);
}

/** Where one stands for several, intervals become wider by that, never narrower. */
function kept(misses: readonly Miss[]): readonly Miss[] {
  const each = Math.ceil(misses.length / MISSES);
  return misses.filter((_, i) => (misses.length - 1 - i) % each === 0);
}

export function bySize(a: Miss, b: Miss): number {
  return Math.abs(a.error) - Math.abs(b.error);
}

/**
 * Returns the jackknife+ interval at x (R. F. Barber, E. J. Candès, A. Ramdas and R. J. Tibshirani, Predictive inference with
 * the jackknife+, Annals of Statistics 49 (2021) 486–507). Of up to 64 exchangeable observations it holds at least
 * 1 − 2 (1 − level) of what is measured, and usually `level`; of more it is their CV+, whose bound is lower by up to 1 / 65.
 */
export function intervalAt({ curves, misses }: LeftOut, x: number, wanted: number): Interval {
  const n = misses.length;
  // Not all of them are enough for a level above n / (n + 1). What rounding adds, as in 0.55 · 20, is no rank more.
  const rank = Math.min(n, Math.ceil(wanted * (n + 1) - 1e-9));
  const values = curves.map((curve) => valueAt(curve, x));
  const lower = -nthSmallest(
    rank,
    values.map((value) => -value),
    misses,
  );
  return { lower: Math.max(0, lower), upper: nthSmallest(rank, values, misses), level: Math.min(wanted, n / (n + 1)) };
}

/**
 * Returns the n-th smallest of the sums of each miss's size and the value of its curve. Only misses of about the n-th size can
 * be that: of one that is smaller by more than the curves differ the sum is smaller too, and likewise of a larger one.
 */
function nthSmallest(n: number, values: readonly number[], misses: readonly Miss[]): number {
  const spread = Math.max(...values) - Math.min(...values);
  const sizeAt = (i: number) => Math.abs(misses[i]?.error ?? Number.NaN);
  const size = sizeAt(n - 1);
  let [from, to] = [n - 1, n];
  while (sizeAt(from - 1) >= size - spread) from--;
  while (sizeAt(to) <= size + spread) to++;
  const sums = misses.slice(from, to).map(({ curve, error }) => (values[curve] as number) + Math.abs(error));
  return sums.sort((a, b) => a - b)[n - 1 - from] as number;
}
