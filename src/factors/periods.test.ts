import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FactorPeriod } from '../model/factor.ts';
import { overlapping, overlaps, periodSeries } from './periods.ts';

const stretches = fc
  .uniqueArray(fc.integer({ min: -50, max: 50 }), { maxLength: 20 })
  .map((times) => times.sort((a, b) => a - b))
  .map((times) => times.slice(1).map((to, i) => ({ from: times[i] as number, to })))
  .chain((all) => fc.subarray(all));

it('finds what a scan of all finds, for windows and for moments', () => {
  const time = fc.oneof(fc.integer({ min: -60, max: 60 }), fc.constantFrom(-Infinity, Infinity, 0.5));
  fc.assert(
    fc.property(stretches, time, time, (sorted, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const found = overlapping(sorted, from, to);
      expect(found).toEqual(sorted.filter((stretch) => overlaps(stretch, from, to)));
      expect(found).toEqual(
        sorted.filter((stretch) =>
          from === to
            ? stretch.from <= from && from < stretch.to
            : Math.max(stretch.from, from) < Math.min(stretch.to, to),
        ),
      );
      if (from < to) expect(overlapping(sorted, to, from)).toEqual([]);
    }),
  );
});

it('looks at few of many periods', () => {
  let reads = 0;
  const factor = { id: 'x', quantity: 'price', value: 1, unit: 'USD/kWh', source: 'test', state: 'static' } as const;
  const periods = Array.from({ length: 100_000 }, (_, i): FactorPeriod => {
    return {
      get from() {
        reads++;
        return i;
      },
      to: i + 1,
      factor,
    };
  });
  const series = periodSeries(periods);
  expect(series.between(70_000.5, 70_003)).toEqual(periods.slice(70_000, 70_003));
  reads = 0;
  series.between(70_000.5, 70_003);
  expect(reads).toBeLessThan(40);
});
