import { mean, sampleVariance } from 'simple-statistics';

/** A mean, or a difference of means, and the interval that it lies in. */
export interface Estimate {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** Beyond so many degrees of freedom Student's t is the normal distribution to three digits. */
const MOST_DEGREES = 1000;
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
 * Returns the first number less the second, and its interval by B. L. Welch (Biometrika 34 (1947) 28–35), with the degrees of
 * freedom rounded down; undefined where either rests on fewer than two runs.
 */
export function differenceInterval(first: Sampled, second: Sampled, level: number): Estimate | undefined {
  if (first.runs < 2 || second.runs < 2) return undefined;
  const [a, b] = [first.error ** 2, second.error ** 2];
  const degrees = a + b === 0 ? 1 : (a + b) ** 2 / (a ** 2 / (first.runs - 1) + b ** 2 / (second.runs - 1));
  return around(first.value - second.value, Math.sqrt(a + b), Math.max(1, Math.floor(degrees)), level);
}

function around(value: number, error: number, degrees: number, level: number): Estimate {
  const half = error === 0 ? 0 : studentT(level, degrees) * error;
  return { value, lower: value - half, upper: value + half };
}

/** Returns t such that |T| is below it with that probability, by halving; degrees of freedom are a whole number. */
export function studentT(probability: number, degrees: number): number {
  const known = Math.min(MOST_DEGREES, degrees);
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < HALVINGS; i++) {
    const angle = (low + high) / 2;
    if (within(angle, known) < probability) low = angle;
    else high = angle;
  }
  return Math.tan(low) * Math.sqrt(known);
}

/** P(|T| < t) with tan(angle) = t / √degrees (M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.7.3–4). */
function within(angle: number, degrees: number): number {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let power = isOdd ? 3 : 2; power <= degrees - 2; power += 2) {
    term *= ((power - 1) / power) * cosine ** 2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}
