import { gammaln } from 'simple-statistics';

/** The continued fraction converges within some tens of steps; it is cut off at the precision of a double. */
const STEPS = 1000;
const PRECISION = 1e-16;

/** Returns the probability that Student's t with so many degrees of freedom, which need not be whole, is above a value. */
export function tailOfT(value: number, freedom: number): number {
  const x = freedom / (freedom + value * value);
  const half = incompleteBeta(x, freedom / 2, 0.5) / 2;
  return value < 0 ? 1 - half : half;
}

/**
 * Returns the regularised incomplete beta function I_x(a, b) by its continued fraction (NIST Digital Library of Mathematical
 * Functions, 8.17.22; evaluated by the method of Lentz).
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  // The fraction converges fast on one side only; 8.17.4 has the other.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < STEPS; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return front * fraction;
}

function logBeta(a: number, b: number): number {
  return gammaln(a) + gammaln(b) - gammaln(a + b);
}
