import { expect, it } from 'vitest';
import { metricNames } from './promql-names.ts';

it.each([
  ['up{job="wattline"} == 0', ['up']],
  ['sum by (job, instance) (increase(a_total{x="b"}[5m])) > 0', ['a_total']],
  ['(a_total unless a_total offset 5m) or increase(a_total[5m])', ['a_total', 'a_total', 'a_total']],
  ['x:y:sum / on (job) group_left (instance) x:y:budget > 0.8 <= 1', ['x:y:sum', 'x:y:budget']],
  ['vector(100)', []],
])('finds the metrics of %s', (expression, names) => {
  expect(metricNames(expression)).toEqual(names);
});
