import { type Curve, type CurveKind, fitCurve, kindFor, type ModelName, valueAt } from './curves.ts';
import type { Observation } from './observation.ts';

/** Up to so many observations each is left out in turn; of more, parts of them are. */
const PARTS = 64;

/** What stays of leaving observations out in turn, from which intervals are made anywhere. */
export interface LeftOut {
  /** The curve fitted without each part. */
  readonly curves: readonly Curve[];
  /** For each observation the index of the curve without it, and by how much that misses it. */
  readonly misses: readonly { readonly curve: number; readonly error: number }[];
}

/** An interval, and the level that is claimed of it. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** The share of intervals made in this way that hold what is measured, at most n / (n + 1) of n observations. */
  readonly level: number;
}

/**
 * Fits a model without each observation, or, of more than 64, without each of 64 parts; undefined where too few are left for
 * any curve. The parts do not depend on the order of the observations.
 */
export function leaveOut(model: ModelName, observations: readonly Observation[]): LeftOut | undefined {
  const sorted = [...observations].sort((a, b) => a.x - b.x || a.y - b.y);
  const parts = Math.min(PARTS, sorted.length);
  const curves: Curve[] = [];
  const misses: { curve: number; error: number }[] = [];
  for (let part = 0; part < parts; part++) {
    const rest = sorted.filter((_, i) => i % parts !== part);
    const kind = kindWith(model, new Set(rest.map(({ x }) => x)).size);
    if (!kind) continue;
    const at = curves.push(fitCurve(kind, rest)) - 1;
    const curve = curves[at] as Curve;
    for (let i = part; i < sorted.length; i += parts) {
      const { x, y } = sorted[i] as Observation;
      misses.push({ curve: at, error: y - valueAt(curve, x) });
    }
  }
  return misses.length > 1 ? { curves, misses } : undefined;
}

/** The kind that a model is with so many different x, or the next simpler one. */
function kindWith(model: ModelName, different: number): CurveKind | undefined {
  return kindFor(model, different) ?? kindFor('power', different) ?? kindFor('linear', different);
}

/**
 * Returns the jackknife+ interval at x (R. F. Barber, E. J. Candès, A. Ramdas and R. J. Tibshirani, Predictive inference with
 * the jackknife+, Annals of Statistics 49 (2021) 486–507; of parts it is their CV+). Of exchangeable observations it holds at
 * least 1 − 2 (1 − level) of what is measured, and usually `level`.
 */
export function intervalAt({ curves, misses }: LeftOut, x: number, wanted: number): Interval {
  const n = misses.length;
  const values = curves.map((curve) => valueAt(curve, x));
  const ends = (sign: number) =>
    misses.map(({ curve, error }) => (values[curve] as number) + sign * Math.abs(error)).sort((a, b) => sign * (a - b));
  // Not all of them are enough for a level above n / (n + 1).
  const rank = Math.min(n, Math.ceil(wanted * (n + 1)));
  const level = Math.min(wanted, n / (n + 1));
  return { lower: Math.max(0, ends(-1)[rank - 1] as number), upper: ends(1)[rank - 1] as number, level };
}
