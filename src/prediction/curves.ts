import { isotonic } from './isotonic.ts';
import { fitLine, type Line } from './line.ts';
import { merged, type Observation } from './observation.ts';
import { type Cubic, cubicAt, pchip } from './pchip.ts';
import { fitPowerLaw, type PowerLaw } from './power-law.ts';

/** A piecewise cubic that never falls. */
export interface MonotoneCubic extends Cubic {
  readonly kind: 'monotone';
}

/** A fitted function of one number, as plain data, so that it can be kept in a file. */
export type Curve = Line | PowerLaw | MonotoneCubic;
export type CurveKind = Curve['kind'];

/** What may be asked for: one kind, or that which the number of different x carries. */
export const modelNames = ['auto', 'linear', 'power', 'monotone'] as const;
export type ModelName = (typeof modelNames)[number];

/** How many different x each kind needs. */
const LEAST: Readonly<Record<CurveKind, number>> = { linear: 2, power: 3, monotone: 4 };

/** Returns the kind that a model is with so many different x; undefined where they are too few for it. */
export function kindFor(model: ModelName, different: number): CurveKind | undefined {
  if (model === 'auto') return different < LEAST.power ? undefined : different < LEAST.monotone ? 'power' : 'monotone';
  return different < LEAST[model] ? undefined : model;
}

/** Fits a curve of a kind to observations with different x enough for it. */
export function fitCurve(kind: CurveKind, observations: Iterable<Observation>): Curve {
  if (kind === 'linear') return fitLine(observations);
  const points = merged(observations);
  if (kind === 'power') return fitPowerLaw(points);
  const xs = points.map(({ x }) => x);
  return { kind, ...pchip(xs, isotonic(points)) };
}

/** Returns what a curve says at x, never below 0. */
export function valueAt(curve: Curve, x: number): number {
  switch (curve.kind) {
    case 'linear':
      return Math.max(0, curve.intercept + curve.slope * x);
    case 'power':
      return curve.offset + curve.scale * Math.max(0, x) ** curve.exponent;
    case 'monotone':
      return Math.max(0, cubicAt(curve, x));
  }
}
