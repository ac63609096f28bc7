import { fitLine } from './line.ts';
import type { Observation, Point } from './observation.ts';

/** A power law: y = offset + scale · x^exponent, with neither offset nor scale below 0. */
export interface PowerLaw {
  readonly kind: 'power';
  readonly offset: number;
  readonly scale: number;
  readonly exponent: number;
  /** The largest x that it was fitted to. */
  readonly to: number;
}

/** Exponents that are tried first; 1 is among them, so that a line is found as one. */
const EXPONENTS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2, 1.4, 1.6, 1.8, 2, 2.25, 2.5, 2.75, 3] as const;
/** Halvings of the step around the best of them. */
const REFINEMENTS = 30;
/** A better exponent must lessen the squared errors by that part of the squares of y. */
const BETTER = 1e-24;

/**
 * Fits a power law by weighted least squares: for each exponent offset and scale have a closed form, and exponents from 0.1 to
 * 3 are searched, the best of a grid first. Needs three different x, none below 0.
 */
export function fitPowerLaw(observations: readonly Observation[]): PowerLaw {
  const to = Math.max(...observations.map(({ x }) => x));
  const around = observations.reduce((sum, { y, weight = 1 }) => sum + weight * y ** 2, 0);
  const tryOut = (exponent: number) => withExponent(observations, exponent, to);
  const isBetter = (a: Candidate, b: Candidate) => a.error < b.error - BETTER * around;
  let best = tryOut(1);
  for (const exponent of EXPONENTS) {
    const candidate = tryOut(exponent);
    if (isBetter(candidate, best)) best = candidate;
  }
  let step = 0.1;
  for (let i = 0; i < REFINEMENTS; i++, step /= 2) {
    const { exponent } = best.law;
    for (const near of [exponent - step, exponent + step]) {
      if (near < 0.1 || near > 3) continue;
      const candidate = tryOut(near);
      if (isBetter(candidate, best)) best = candidate;
    }
  }
  return best.law;
}

/** Returns the value of a power law at x; beyond what it was fitted to it rises no steeper than from 0 to there. */
export function powerLawAt({ offset, scale, exponent, to }: PowerLaw, x: number): number {
  const bent = Math.max(0, x) ** exponent;
  return offset + scale * (x > to ? Math.min(bent, to ** (exponent - 1) * x) : bent);
}

interface Candidate {
  readonly law: PowerLaw;
  /** The sum of the weighted squared distances. */
  readonly error: number;
}

function withExponent(observations: readonly Observation[], exponent: number, to: number): Candidate {
  const bent = observations.map(({ x, y, weight = 1 }) => ({ x: x ** exponent, y, weight }));
  const { intercept, slope } = fitLine(bent);
  const judge = (offset: number, scale: number): Candidate => ({
    law: { kind: 'power', offset, scale, exponent, to },
    error: sum(bent, ({ x, y, weight }) => weight * (y - offset - scale * x) ** 2),
  });
  if (intercept >= 0 && slope >= 0) return judge(intercept, slope);
  // What is not allowed has its best on an edge: without an offset, or even.
  const products = sum(bent, ({ x, y, weight }) => weight * x * y);
  const squares = sum(bent, ({ x, weight }) => weight * x ** 2);
  const mean = sum(bent, ({ y, weight }) => weight * y) / sum(bent, ({ weight }) => weight);
  const [straight, even] = [judge(0, Math.max(0, products / squares)), judge(Math.max(0, mean), 0)];
  return straight.error < even.error ? straight : even;
}

function sum(points: readonly Point[], of: (point: Point) => number): number {
  let total = 0;
  for (const point of points) total += of(point);
  return total;
}
