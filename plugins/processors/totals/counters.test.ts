import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsBetween } from 'wattline/plugin';
import { timeAt } from '../../../test/kit/live-streams.ts';
import { add, type Counter, isComplete, netOf, sumsOf } from './counters.ts';

const increment = (value: number, at: number, part?: string): Counter => ({
  name: 'x_total',
  unit: 'J',
  description: 'Energy',
  labels: { scenario: 'a' },
  value,
  start: timeAt(at),
  end: timeAt(at + 1),
  ...(part !== undefined && { parts: [part] }),
});
const stored = (counter: Counter): Counter => JSON.parse(JSON.stringify(counter));

describe('a counter', () => {
  it('is the sum of its increments, never decreases, and has another time for each value', () => {
    const one = fc.record({ value: fc.double({ min: 0, max: 1e9, noNaN: true }), at: fc.integer({ min: 0, max: 50 }) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 50 }), (list) => {
        let counter: Counter | undefined;
        let sum = 0;
        for (const { value, at } of list) {
          const before = counter;
          counter = stored(add(before, increment(value, at)));
          sum += value;
          if (!before) continue;
          expect(counter.value).toBeGreaterThanOrEqual(before.value);
          const later = secondsBetween([...before.end], [...counter.end]);
          if (value > 0) expect(later).toBeGreaterThanOrEqual(0.001 - 1e-12);
          else expect(later).toBe(0);
        }
        expect(counter?.value).toBe(sum);
        expect(counter?.start).toEqual(timeAt(list[0]?.at as number));
      }),
    );
  });

  it('never decreases where figures are lowered, and owes what it is too high by', () => {
    const cents = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(cents, { minLength: 1, maxLength: 50 }), (list) => {
        let counter: Counter | undefined;
        let [sum, highest] = [0, 0];
        for (const [at, value] of list.entries()) {
          const before = counter;
          counter = stored(add(before, increment(value, at)));
          sum += value;
          highest = Math.max(highest, sum);
          expect(netOf(counter)).toBe(sum);
          expect(counter.value).toBe(highest);
          if (!before) continue;
          const isLater = secondsBetween([...before.end], [...counter.end]) > 0;
          expect(isLater).toBe(value !== 0);
        }
      }),
    );
  });

  it('of several figures is whole once it has seen all of them, or their total', () => {
    const energy = add(undefined, increment(1, 0, 'cost_energy_load_aware'));
    expect(isComplete(energy)).toBe(false);
    expect(isComplete(stored(add(energy, increment(1, 1, 'cost_energy_load_aware'))))).toBe(false);
    expect(isComplete(stored(add(energy, increment(1, 1, 'cost_compute_load_aware'))))).toBe(true);
    expect(isComplete(stored(add(energy, increment(0, 1, 'cost_total_load_aware'))))).toBe(true);
    expect(isComplete(add(undefined, increment(1, 0)))).toBe(true);
  });
});

it('counters are handed on as cumulative monotonic sums, one metric a name', () => {
  const counters = ['a', 'b'].map((scenario) => add(undefined, { ...increment(2, 5), labels: { scenario } }));
  const other = add(undefined, { ...increment(3, 5), name: 'y_total' });
  const run = sumsOf([...counters, other]);
  expect(run.resource.attributes).toEqual({});
  const [first, second, ...more] = run.scopeMetrics.flatMap(({ metrics }) => metrics);
  expect(more).toEqual([]);
  expect(second?.descriptor.name).toBe('y_total');
  expect(first).toMatchObject({
    descriptor: { name: 'x_total', unit: 'J' },
    dataPointType: DataPointType.SUM,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    isMonotonic: true,
    dataPoints: [
      { attributes: { scenario: 'a' }, value: 2, startTime: timeAt(5), endTime: timeAt(6) },
      { attributes: { scenario: 'b' }, value: 2 },
    ],
  });
});

it('a counter that owes something is handed on with a gauge of that, until it owes nothing and then too', () => {
  const before = add(add(undefined, increment(5, 0)), increment(-3, 1));
  const gaugeOf = (counter: Counter) => {
    const metrics = sumsOf([counter, increment(1, 0)]).scopeMetrics.flatMap((scope) => scope.metrics);
    const gauge = metrics.find(({ dataPointType }) => dataPointType === DataPointType.GAUGE);
    return gauge && [gauge.descriptor.name, gauge.descriptor.unit, gauge.dataPoints.map(({ value }) => value)];
  };
  expect(gaugeOf(before)).toEqual(['x_owed', 'J', [3]]);
  expect(gaugeOf(add(before, increment(4, 2)))).toEqual(['x_owed', 'J', [0]]);
  expect(gaugeOf(increment(2, 0))).toBeUndefined();
});
