import type { Factor, FactorPeriod, FactorSeries } from '../model/factor.ts';
import { currencyOf, unitIn } from './currency.ts';
import type { ExchangeRates, Rate } from './exchange-rates.ts';
import { overlaps } from './periods.ts';

/**
 * Returns a series whose prices are in USD, each at the rate in force while it holds: it is split where the rate changes, and
 * not known before the first one. What is in USD, or is not money, stays as it is.
 */
export function inUsd(series: FactorSeries, rates: ExchangeRates): FactorSeries {
  if (series.constant && foreignCurrency(series.constant) === undefined) return series;
  const known = new WeakMap<Factor, WeakMap<Rate, Factor>>();
  /** The same factor at the same rate is the same object, as parts of a run are told by it. */
  const converted = (factor: Factor, rate: Rate, currency: string): Factor => {
    const atRates = known.get(factor) ?? new WeakMap<Rate, Factor>();
    const found = atRates.get(rate) ?? convert(factor, rate, currency);
    known.set(factor, atRates.set(rate, found));
    return found;
  };
  const split = (period: FactorPeriod): FactorPeriod[] => {
    const currency = foreignCurrency(period.factor);
    if (currency === undefined) return [period];
    const dated = rates.get(currency) ?? [];
    return dated.flatMap((rate, index) => {
      const from = Math.max(period.from, rate.from);
      const to = Math.min(period.to, dated[index + 1]?.from ?? Number.POSITIVE_INFINITY);
      return from < to ? { from, to, factor: converted(period.factor, rate, currency) } : [];
    });
  };
  return {
    between: (from, to) =>
      series
        .between(from, to)
        .flatMap(split)
        .filter((period) => overlaps(period, from, to)),
    whyUnknown: (from, to) => {
      for (const period of series.between(from, to)) {
        const currency = foreignCurrency(period.factor);
        const [first] = (currency === undefined ? undefined : rates.get(currency)) ?? [];
        if (currency === undefined || (first && first.from <= Math.max(from, period.from))) continue;
        const problem = first
          ? `the first rate of ${currency} is of ${first.date}`
          : `\`rates\` has none of ${currency}`;
        return { reason: 'no_rate', problem };
      }
      return series.whyUnknown?.(from, to);
    },
  };
}

/** Returns the currency that a factor must be converted from; undefined where it is in USD, or is not money. */
export function foreignCurrency({ unit }: Pick<Factor, 'unit'>): string | undefined {
  const currency = currencyOf(unit);
  return currency === 'USD' ? undefined : currency;
}

/** Returns what is missing to convert from a unit, and an example of it; undefined where nothing is. */
export function whyNoRate(unit: string, rates: ExchangeRates): string | undefined {
  const currency = foreignCurrency({ unit });
  if (currency === undefined || rates.has(currency)) return undefined;
  return `expected a rate of ${currency} in \`rates\`, such as \`rates: [{ date: 2026-01-01, ${currency}: 1.5 }]\` where one USD is 1.5 ${currency}`;
}

function convert(factor: Factor, rate: Rate, currency: string): Factor {
  const { value } = rate.factor;
  return {
    ...factor,
    id: `${factor.id}/${currency}/${rate.date}`,
    value: factor.value / value,
    unit: unitIn('USD', factor.unit),
    source: `${factor.source} at ${value} ${currency} per USD of ${rate.date}`,
    converted: { from: factor, rate: rate.factor },
  };
}
