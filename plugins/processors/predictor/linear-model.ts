import { linearRegression, linearRegressionLine, rSquared } from 'simple-statistics';

/** A number of streams and the mean power in watts measured with it. */
export type Observation = readonly [streams: number, watts: number];

/** A line through observations. */
export interface LinearModel {
  /** Watts without any stream, and watts more for each. */
  readonly intercept: number;
  readonly slope: number;
  /** The share of the variance in watts that the line explains, at most 1, on the observations it was fitted to. */
  readonly r2: number;
  readonly observations: number;
}

/** Ordinary least squares of mean power on the number of streams. */
export function fit(observations: readonly Observation[]): LinearModel {
  const points = observations.map(([streams, watts]) => [streams, watts]);
  const { m: slope, b: intercept } = linearRegression(points);
  const constant = observations.every(([, watts]) => watts === observations[0]?.[1]);
  const r2 = constant ? 1 : rSquared(points, linearRegressionLine({ m: slope, b: intercept }));
  return { slope, intercept, r2, observations: observations.length };
}

/** The power in watts that a model expects with so many streams, never below 0. */
export function predict({ slope, intercept }: LinearModel, streams: number): number {
  return Math.max(0, intercept + slope * streams);
}
