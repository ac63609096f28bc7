import fc from 'fast-check';
import { expect, it } from 'vitest';
import { liveMetric } from '../../test/kit/live-streams.ts';
import { Run } from '../plugin/index.ts';
import { MOST_POINTS, splitRun } from './split-run.ts';

const metric = (name: string, points: number) =>
  liveMetric(
    name,
    'gauge',
    Array.from({ length: points }, (_, at) => ({ at, value: at })),
  );

it('gives the same points in the same order, in parts of a bounded size, from the same sender', () => {
  const counts = fc.array(fc.nat(3 * MOST_POINTS), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(counts, { minLength: 1, maxLength: 3 }), (scopes) => {
      const scopeMetrics = scopes.map((sizes, scope) => ({
        scope: { name: `scope ${scope}` },
        metrics: sizes.map((size, index) => metric(`metric ${index}`, size)),
      }));
      const run = Run.from({ resource: { attributes: { 'host.name': 'a' } }, scopeMetrics }, '10.0.0.1');
      const parts = splitRun(run);
      const pointsOf = (runs: readonly Run[]) =>
        runs.flatMap(({ metrics }) =>
          metrics.flatMap(({ scope, metrics }) =>
            metrics.flatMap(({ descriptor, dataPoints }) =>
              dataPoints.map(({ value }) => `${scope.name} ${descriptor.name} ${value}`),
            ),
          ),
        );
      expect(pointsOf(parts)).toEqual(pointsOf([run]));
      for (const part of parts) {
        expect(part.pointCount).toBeLessThanOrEqual(MOST_POINTS);
        expect([part.attributes, part.peer]).toEqual([run.attributes, run.peer]);
      }
      if (run.pointCount <= MOST_POINTS) expect(parts).toEqual([run]);
    }),
    { numRuns: 20 },
  );
});

it('leaves a run whole', () => {
  const scopeMetrics = [{ scope: { name: 'a' }, metrics: [metric('x', MOST_POINTS + 1)] }];
  const run = Run.from({ resource: { attributes: { 'run.id': 'a' } }, scopeMetrics });
  expect(splitRun(run)).toEqual([run]);
});
