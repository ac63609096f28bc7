import type { Point } from './observation.ts';

/**
 * Returns the values that rise with the index, or stay, and are nearest to those given by weighted least squares: the pool
 * adjacent violators algorithm (Barlow and others, Statistical Inference under Order Restrictions, 1972). The points
 * must be in rising order of x.
 */
export function isotonic(points: readonly Point[]): number[] {
  const pools: { sum: number; weight: number; size: number }[] = [];
  for (const { y, weight } of points) {
    let pool = { sum: y * weight, weight, size: 1 };
    for (let last = pools.at(-1); last && last.sum / last.weight >= pool.sum / pool.weight; last = pools.at(-1)) {
      pool = { sum: last.sum + pool.sum, weight: last.weight + pool.weight, size: last.size + pool.size };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, weight, size }) => Array<number>(size).fill(sum / weight));
}
