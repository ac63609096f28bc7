import { mean, sampleVariance } from 'simple-statistics';
import { tailOfT } from '../student-t.ts';

/**
 * Returns how likely so large a difference would be if the mean of the first were no more than `by` above that of the second:
 * Welch's test of two samples whose variances may differ, one-sided (B. L. Welch, The generalization of "Student's" problem
 * when several different population variances are involved, Biometrika 34 (1947) 28–35). Values that do not vary at all are
 * taken as they are. Needs two values or more of each.
 */
export function chanceOfMore(first: readonly number[], second: readonly number[], by = 0): number {
  const difference = mean([...first]) - mean([...second]) - by;
  const [a, b] = [sampleVariance([...first]) / first.length, sampleVariance([...second]) / second.length];
  if (a + b === 0) return difference > 0 ? 0 : 1;
  const freedom = (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  return tailOfT(difference / Math.sqrt(a + b), freedom);
}
