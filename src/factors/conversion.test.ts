import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { constantFactor, type Factor, type FactorPeriod, type FactorSeries } from '../model/factor.ts';
import { inUsd } from './conversion.ts';
import { exchangeRates } from './exchange-rates.ts';

const day = (date: string) => Date.parse(date) / 1000;
const rates = exchangeRates([
  { date: '2026-04-01', EUR: 0.5 },
  { date: '2026-01-01', EUR: 0.25, SEK: 10, source: 'a bank' },
]);
const price = (value: number, unit: string): Factor => {
  return {
    id: 'price/cost/always',
    quantity: 'price',
    value,
    unit,
    source: `configuration; ${value} ${unit}`,
    state: 'static',
  };
};
const periods = (...all: FactorPeriod[]): FactorSeries => ({
  between: (from, to) => all.filter((one) => one.to > from && one.from < to),
});

describe('a series in another currency', () => {
  it('is split where the rate changes, and its record names price, rate and date', () => {
    const series = inUsd(constantFactor(price(0.3, 'EUR/kWh')), rates);
    expect(series.constant).toBeUndefined();
    const [first, second] = series.between(day('2026-03-31'), day('2026-04-02'));
    expect(first).toMatchObject({ from: day('2026-01-01'), to: day('2026-04-01') });
    expect(first?.factor).toMatchObject({
      id: 'price/cost/always/EUR/2026-01-01',
      value: 0.3 / 0.25,
      unit: 'USD/kWh',
      source: 'configuration; 0.3 EUR/kWh at 0.25 EUR per USD of 2026-01-01',
      converted: { from: { value: 0.3, unit: 'EUR/kWh' }, rate: { value: 0.25, source: 'a bank' } },
    });
    expect(second).toMatchObject({ from: day('2026-04-01'), to: Number.POSITIVE_INFINITY, factor: { value: 0.6 } });
    expect(series.between(day('2026-03-01'), day('2026-03-02'))).toEqual([first]);
    expect(series.between(day('2026-05-01'), day('2026-05-02'))[0]?.factor).toBe(second?.factor);
  });

  it('is not known before the first rate, and says so', () => {
    const series = inUsd(constantFactor(price(0.3, 'SEK/kWh')), rates);
    const [from, to] = [day('2025-12-31'), day('2026-01-02')];
    expect(series.between(from, to)).toMatchObject([{ from: day('2026-01-01') }]);
    expect(series.whyUnknown?.(from, to)).toEqual({
      reason: 'no_rate',
      problem: 'the first rate of SEK is of 2026-01-01',
    });
    expect(series.whyUnknown?.(day('2026-01-01'), to)).toBeUndefined();
    const none = inUsd(constantFactor(price(0.3, 'GBP/kWh')), rates);
    expect(none.between(from, to)).toEqual([]);
    expect(none.whyUnknown?.(from, to)).toEqual({ reason: 'no_rate', problem: '`rates` has none of GBP' });
  });
});

it('a price in USD and an intensity stay the objects that they are', () => {
  for (const unit of ['USD/kWh', 'kg/kWh']) {
    const series = constantFactor(price(0.3, unit));
    expect(inUsd(series, rates)).toBe(series);
    const dated = periods({ from: 0, to: 10, factor: price(0.3, unit) });
    expect(inUsd(dated, rates).between(0, 10)).toEqual(dated.between(0, 10));
  }
});

it('at each moment the price in USD is the price by the rate in force', () => {
  const dayOf = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  const positive = fc.double({ min: 0.01, max: 1000, noNaN: true });
  const table = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), positive), { selector: ([at]) => at });
  const stretches = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), positive), {
    selector: ([at]) => at,
    minLength: 1,
  });
  fc.assert(
    fc.property(table, stretches, fc.integer({ min: 0, max: 20 }), (rows, prices, at) => {
      const sorted = prices.toSorted(([a], [b]) => a - b);
      const all = sorted.map(([from, value], index) => {
        const to = day(dayOf(sorted[index + 1]?.[0] ?? 21));
        return { from: day(dayOf(from)), to, factor: price(value, 'EUR/kWh') };
      });
      const series = inUsd(periods(...all), exchangeRates(rows.map(([index, EUR]) => ({ date: dayOf(index), EUR }))));
      const moment = day(dayOf(at)) + 3600;
      const rate = rows.filter(([index]) => index <= at).sort(([a], [b]) => b - a)[0]?.[1];
      const own = sorted.findLast(([index]) => index <= at)?.[1];
      const found = series.between(moment, moment + 1);
      if (rate === undefined || own === undefined) expect(found).toEqual([]);
      else expect(found.map(({ factor }) => factor.value)).toEqual([own / rate]);
    }),
  );
});
