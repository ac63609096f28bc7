import { expect, it } from 'vitest';
import { tailOfT } from './student-t.ts';

it.each([
  // scipy 1.17.1, scipy.stats.t.sf(value, freedom)
  [0, 3, 0.5],
  [2.5, 4, 0.03338327240599407],
  [2.5, 3.7, 0.03591101145591339],
  [-1.2, 7.25, 0.8660604737927312],
  [12, 2.2, 0.0023917069377587456],
  [0.3, 100, 0.3823999401501518],
  [40, 5, 9.205981085886477e-8],
])('of %d with %d degrees of freedom is %d', (value, freedom, tail) => {
  expect(Math.abs(tailOfT(value, freedom) / tail - 1)).toBeLessThan(1e-9);
});
