import { mean, quantile } from 'simple-statistics';
import { type LinearModel, leftOutError, type Observation, predict } from './linear-model.ts';

/** The number of the latest runs by which a drift from the line shows. */
const LATEST = 50;

/** The distances of known power from a model in watts; each run is compared with a line fitted to all the others. */
export interface Quality {
  readonly meanAbsoluteError: number;
  /** 90 % of the runs lie within so many watts of the line: half the width of a prediction's interval. */
  readonly error90: number;
  /** The mean error of the latest runs: above 0 where they draw more than the line says. */
  readonly drift: number;
}

/** The mean known power of the runs with a number of streams, and the predicted one, in watts. */
export interface Comparison {
  readonly streams: number;
  readonly known: number;
  readonly predicted: number;
}

/** Returns the quality of a model by the runs that it was fitted to, each left out in turn; undefined where none is left. */
export function qualityOf(model: LinearModel, observations: Iterable<Observation>): Quality | undefined {
  const errors: number[] = [];
  for (const observation of observations) {
    const error = leftOutError(model, observation);
    if (error !== undefined) errors.push(error);
  }
  if (errors.length === 0) return undefined;
  const absolute = errors.map(Math.abs);
  return {
    meanAbsoluteError: mean(absolute),
    error90: quantile(absolute, 0.9),
    drift: mean(errors.slice(-LATEST)),
  };
}

/** Returns known and predicted power for each known number of streams, the fewest first. */
export function compare(model: LinearModel, observations: Iterable<Observation>): Comparison[] {
  const byStreams = [...Map.groupBy(observations, ([streams]) => streams)].sort(([a], [b]) => a - b);
  return byStreams.map(([streams, alike]) => {
    return { streams, known: mean(alike.map(([, watts]) => watts)), predicted: predict(model, streams) };
  });
}
