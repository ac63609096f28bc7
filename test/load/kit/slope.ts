/** A straight line through measurements. */
export interface Slope {
  /** How much the values rise by in one unit of time. */
  readonly rise: number;
  /** The standard error of `rise`: what is left over is taken for noise of its own in each value. */
  readonly error: number;
}

/** Returns the line through at least three values that leaves the least squares over; times are not all the same. */
export function slopeOf(times: readonly number[], values: readonly number[]): Slope {
  const count = times.length;
  const meanTime = mean(times);
  const meanValue = mean(values);
  let squares = 0;
  let products = 0;
  for (const [i, time] of times.entries()) {
    squares += (time - meanTime) ** 2;
    products += (time - meanTime) * ((values[i] as number) - meanValue);
  }
  const rise = products / squares;
  let rest = 0;
  for (const [i, time] of times.entries()) {
    rest += ((values[i] as number) - meanValue - rise * (time - meanTime)) ** 2;
  }
  return { rise, error: Math.sqrt(rest / (count - 2) / squares) };
}

/** Returns the value that a share of all values, from 0 to 1, do not exceed; NaN of no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
