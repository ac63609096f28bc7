import type { Observation } from './observation.ts';

/** A straight line: y = intercept + slope · x. */
export interface Line {
  readonly kind: 'linear';
  readonly intercept: number;
  readonly slope: number;
}

/**
 * Fits a line by weighted least squares; needs two different x. It sums distances from the running means (Welford's method),
 * which loses no digits where y varies little.
 */
export function fitLine(observations: Iterable<Observation>): Line {
  let sum = 0;
  let meanX = 0;
  let meanY = 0;
  let squares = 0;
  let products = 0;
  for (const { x, y, weight = 1 } of observations) {
    sum += weight;
    const away = x - meanX;
    meanX += (away * weight) / sum;
    meanY += ((y - meanY) * weight) / sum;
    squares += weight * away * (x - meanX);
    products += weight * away * (y - meanY);
  }
  const slope = products / squares;
  return { kind: 'linear', slope, intercept: meanY - slope * meanX };
}
