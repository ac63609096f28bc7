/** A number of streams and the mean power in watts measured with it. */
export type Observation = readonly [streams: number, watts: number];

/** A line through observations. */
export interface LinearModel {
  /** Watts without any stream, and watts more for each. */
  readonly intercept: number;
  readonly slope: number;
  /** The share of the variance in watts that the line explains, 0 to 1, on the observations it was fitted to. */
  readonly r2: number;
  readonly observations: number;
  /** The mean number of streams, and the sum of the squared distances from it. */
  readonly meanStreams: number;
  readonly streamsSquared: number;
}

/**
 * Ordinary least squares of mean power on the number of streams; needs two different numbers of streams. It sums
 * distances from the running means (Welford's method), which loses no digits where the power varies little.
 */
export function fit(observations: Iterable<Observation>): LinearModel {
  let n = 0;
  let meanStreams = 0;
  let meanWatts = 0;
  let streamsSquared = 0;
  let wattsSquared = 0;
  let product = 0;
  for (const [streams, watts] of observations) {
    n++;
    const streamsAway = streams - meanStreams;
    const wattsAway = watts - meanWatts;
    meanStreams += streamsAway / n;
    meanWatts += wattsAway / n;
    streamsSquared += streamsAway * (streams - meanStreams);
    wattsSquared += wattsAway * (watts - meanWatts);
    product += streamsAway * (watts - meanWatts);
  }
  const slope = product / streamsSquared;
  const r2 = wattsSquared === 0 ? 1 : Math.min(1, (slope * product) / wattsSquared);
  const intercept = meanWatts - slope * meanStreams;
  return { slope, intercept, r2, observations: n, meanStreams, streamsSquared };
}

/** The power in watts that a model expects with so many streams, never below 0. */
export function predict({ slope, intercept }: LinearModel, streams: number): number {
  return Math.max(0, intercept + slope * streams);
}

/**
 * By how many watts an observation differs from a line fitted to all the others: e / (1 − h), with h its leverage
 * (leave-one-out residual of ordinary least squares). Undefined where the others fix no line.
 */
export function leftOutError(model: LinearModel, [streams, watts]: Observation): number | undefined {
  const leverage = 1 / model.observations + (streams - model.meanStreams) ** 2 / model.streamsSquared;
  const error = watts - (model.intercept + model.slope * streams);
  return leverage < 1 - 1e-9 ? error / (1 - leverage) : undefined;
}
