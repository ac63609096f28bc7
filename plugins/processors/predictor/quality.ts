import { mean, quantileSorted } from 'simple-statistics';
import { type LinearModel, leftOutError, type Observation, predict } from './linear-model.ts';

/** How many of the latest runs tell whether power has begun to differ from what the line says. */
const LATEST = 50;

/** How far a model is from what was measured, in watts; each run is compared with a line fitted to all the others. */
export interface Quality {
  readonly meanAbsoluteError: number;
  /** 90 % of the runs lie within so many watts of the line: half the width of a prediction's interval. */
  readonly error90: number;
  /** The mean error of the latest runs: above 0 where they draw more than the line says. */
  readonly drift: number;
}

/** The mean power of the runs with so many streams, and what the model says of them, in watts. */
export interface Comparison {
  readonly streams: number;
  readonly measured: number;
  readonly predicted: number;
}

/** Judges a model by the runs that it was fitted to, each left out in turn; undefined where that leaves none. */
export function qualityOf(model: LinearModel, observations: Iterable<Observation>): Quality | undefined {
  const errors: number[] = [];
  for (const observation of observations) {
    const error = leftOutError(model, observation);
    if (error !== undefined) errors.push(error);
  }
  if (errors.length === 0) return undefined;
  const absolute = Float64Array.from(errors, Math.abs).sort();
  return {
    meanAbsoluteError: mean(Array.from(absolute)),
    error90: quantileSorted(Array.from(absolute), 0.9),
    drift: mean(errors.slice(-LATEST)),
  };
}

/** Measured against predicted power for each number of streams that was measured, the fewest first. */
export function compare(model: LinearModel, observations: Iterable<Observation>): Comparison[] {
  const sums = new Map<number, { watts: number; runs: number }>();
  for (const [streams, watts] of observations) {
    const sum = sums.get(streams) ?? { watts: 0, runs: 0 };
    sums.set(streams, { watts: sum.watts + watts, runs: sum.runs + 1 });
  }
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([streams, { watts, runs }]) => ({ streams, measured: watts / runs, predicted: predict(model, streams) }));
}
