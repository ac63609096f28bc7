import { mean, sampleVariance } from 'simple-statistics';
import { tailOfT } from './student-t.ts';

/** A mean, or a difference of means, and the interval that it lies in. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

const HALVINGS = 100;

/** Returns the mean of values, and its interval by Student's t at a level such as 0.95; undefined of fewer than two values. */
export function meanInterval(values: readonly number[], level: number): Estimate | undefined {
  if (values.length < 2) return undefined;
  const numbers = [...values];
  const error = Math.sqrt(sampleVariance(numbers) / numbers.length);
  return around(mean(numbers), error, numbers.length - 1, level);
}

/** A number that so many runs were asked for, with its standard error. */
export interface Sampled {
  readonly value: number;
  readonly error: number;
  readonly runs: number;
}

/**
 * Returns the first number less the second, and its interval by B. L. Welch (Biometrika 34 (1947) 28–35); undefined where
 * either rests on fewer than two runs.
 */
export function differenceInterval(first: Sampled, second: Sampled, level: number): Estimate | undefined {
  if (first.runs < 2 || second.runs < 2) return undefined;
  const [a, b] = [first.error ** 2, second.error ** 2];
  const degrees = a + b === 0 ? 1 : (a + b) ** 2 / (a ** 2 / (first.runs - 1) + b ** 2 / (second.runs - 1));
  return around(first.value - second.value, Math.sqrt(a + b), degrees, level);
}

function around(value: number, error: number, degrees: number, level: number): Estimate {
  const half = error === 0 ? 0 : studentT(level, degrees) * error;
  return { value, lower: value - half, upper: value + half };
}

/** Returns t such that |T| is below it with that probability, by halving. */
export function studentT(probability: number, degrees: number): number {
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < HALVINGS; i++) {
    const angle = (low + high) / 2;
    if (1 - 2 * tailOfT(Math.tan(angle) * Math.sqrt(degrees), degrees) < probability) low = angle;
    else high = angle;
  }
  return Math.tan(low) * Math.sqrt(degrees);
}
