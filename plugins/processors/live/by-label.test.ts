import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deferAll, type Outcome, type Run, refuseAll } from 'wattline/plugin';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { byLabel, type Naming, outcomeOfWholes } from './by-label.ts';

const namingOf: Naming = ({ descriptor: { name } }) =>
  name.startsWith('outlet') ? [{ attribute: 'host.name', label: 'outlet' }] : undefined;
const shared = ({ region }: Attributes): Attributes => (region === undefined ? {} : { region });
const parts = (run: Run) => {
  const { rest, named } = byLabel(run, namingOf, shared);
  return rest ? [rest, ...named] : named;
};
const valuesIn = (run: Run) =>
  run.metrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor: { name }, dataPoints }) => dataPoints.map(({ value }) => `${name} ${value}`)),
  );

describe('a run whose points name things', () => {
  it('is parted into that of each, with their attributes in place of those of its sender', () => {
    const at = 1;
    const run = liveRun(
      { 'host.name': 'exporter', region: 'x' },
      liveMetric('outlet_watts', 'gauge', [
        { at, value: 1, attributes: { outlet: 'a' } },
        { at, value: 2, attributes: { outlet: 'b' } },
        { at, value: 3, attributes: { outlet: '' } },
        { at, value: 4 },
      ]),
      liveMetric('outlet_joules', 'counter', [{ at, value: 5, attributes: { outlet: 'b' } }]),
      liveMetric('other', 'gauge', [{ at, value: 6, attributes: { outlet: 'a' } }]),
    );
    expect(parts(run).map((part) => [part.attributes, valuesIn(part)])).toEqual([
      [run.attributes, ['outlet_watts 3', 'outlet_watts 4', 'other 6']],
      [{ region: 'x', 'host.name': 'a' }, ['outlet_watts 1']],
      [{ region: 'x', 'host.name': 'b' }, ['outlet_watts 2', 'outlet_joules 5']],
    ]);
  });

  it('is itself where none does', () => {
    for (const name of ['outlet_watts', 'other']) {
      const run = liveRun({}, liveMetric(name, 'gauge', [{ at: 1, value: 1 }]));
      expect(byLabel(run, namingOf, shared)).toEqual({ rest: run, named: [] });
    }
  });

  it('keeps every point once, whatever they are called', () => {
    const point = fc.record({
      name: fc.constantFrom('outlet_a', 'outlet_b', 'c'),
      outlet: fc.constantFrom('', 'x', 'y'),
    });
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), (points) => {
        const named = points.map((one, value) => ({ ...one, value }));
        const metrics = [...Map.groupBy(named, ({ name }) => name)].map(([name, own]) => {
          const all = own.map(({ outlet, value }) => ({ at: 1, value, attributes: { outlet } }));
          return liveMetric(name, 'gauge', all);
        });
        const run = liveRun({}, ...metrics);
        const all = parts(run);
        expect(all.flatMap(valuesIn).sort()).toEqual(valuesIn(run).sort());
        expect(all.reduce((sum, { pointCount }) => sum + pointCount, 0)).toBe(run.pointCount);
      }),
    );
  });
});

describe('what became of parts', () => {
  const whole = liveRun(
    {},
    liveMetric(
      'outlet_watts',
      'gauge',
      ['a', 'b', 'b', 'c'].map((outlet, value) => ({ at: value, value, attributes: { outlet } })),
    ),
  );
  const [a, b, c] = parts(whole) as [Run, Run, Run];
  const other = liveRun({}, liveMetric('x', 'gauge', [{ at: 1, value: 1 }]));
  const of = (outcome: Outcome) => outcomeOfWholes(outcome, (run) => ([a, b, c].includes(run) ? whole : undefined));

  it('is that of the whole, with the points of all parts that are refused', () => {
    const refused = refuseAll([a, b, other], 'reason', 'message');
    expect(of(refused).refused).toEqual([
      { run: whole, reason: 'reason', message: 'message', points: 3 },
      { run: other, reason: 'reason', message: 'message' },
    ]);
    expect(of(refuseAll([a, b, c], 'reason', 'message')).refused).toEqual([
      { run: whole, reason: 'reason', message: 'message' },
    ]);
  });

  it('is deferred where any part is', () => {
    const { refused } = refuseAll([a], 'reason', 'message');
    const { deferred, cause } = deferAll([b, c, other], new Error('later'));
    expect(of({ refused, deferred, cause })).toEqual({ refused: [], deferred: [whole, other], cause });
  });
});
