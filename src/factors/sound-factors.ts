import { z } from 'zod';
import type { Quantity } from '../model/factor.ts';
import { whyNoRate } from './conversion.ts';
import { currencyOf, unitIn } from './currency.ts';
import { exchangeRates, type RateTable } from './exchange-rates.ts';
import { whyImplausible } from './plausible.ts';
import type { FactorEntry } from './settings.ts';
import { namedUnit, type QuantityUnit, quantityUnits, type SeriesQuantity, statedValues } from './units.ts';

/** A unit that a configuration states, and the value where it states one too. */
interface Stated {
  readonly path: readonly (string | number)[];
  readonly unit: string;
  readonly value?: number;
}

/** The settings that state factors, as far as a configuration has them. */
interface FactorsConfig {
  readonly rates?: RateTable | undefined;
  readonly plausible?: 'any' | undefined;
  readonly regions?: Readonly<Record<string, object>> | undefined;
}

/**
 * Refuses a configuration with factors that are not plausible, unless it says `plausible: any`, and with prices in a currency
 * of which its `rates` have none; a check of the whole configuration.
 */
export const factorsAreSound = (...quantities: readonly (SeriesQuantity | 'pue')[]) =>
  z.superRefine<FactorsConfig>((config, ctx) => {
    const rates = exchangeRates(config.rates);
    for (const quantity of quantities) {
      for (const { path, value, unit } of statedOf(quantity, config)) {
        // What is below that is refused whatever is plausible.
        const isJudged = value !== undefined && value >= (quantity === 'pue' ? 1 : 0) && !config.plausible;
        const message =
          whyNoRate(unit, rates) ?? (isJudged ? whyImplausible(quantity, { value, unit }, rates) : undefined);
        if (message !== undefined) ctx.addIssue({ code: 'custom', path: [...path], message });
      }
    }
  });

function statedOf(quantity: Quantity, config: FactorsConfig): Stated[] {
  const all: Readonly<Record<string, unknown>> = { ...config };
  const regions = Object.entries(config.regions ?? {});
  if (quantity === 'pue') {
    const ofRegions = regions.map(
      ([name, region]) => [['regions', name, 'pue'], (region as { pue?: unknown }).pue] as const,
    );
    return [[['pue'], all.pue] as const, ...ofRegions].flatMap(([path, value]) =>
      typeof value === 'number' ? { path, value, unit: '1' } : [],
    );
  }
  const units = quantityUnits[quantity as SeriesQuantity];
  const valuesIn = (settings: object, path: Stated['path']) =>
    statedValues(units, settings).map(({ key, value, unit }) => ({ path: [...path, key], value, unit }));
  const entries = (all[quantity] ?? []) as readonly FactorEntry[];
  return [
    ...valuesIn(config, []),
    ...valuesIn(Object(all.market), ['market']),
    ...regions.flatMap(([name, region]) => valuesIn(region, ['regions', name])),
    ...entries.flatMap((entry, index) => [
      ...valuesIn(entry, [quantity, index]),
      ...ratesIn(units, entry, [quantity, index]),
      ...unitsIn(units, entry, [quantity, index]),
    ]),
  ];
}

/** The rates of a tariff. */
function ratesIn({ unit }: QuantityUnit, { tariff, ...entry }: FactorEntry, path: Stated['path']): Stated[] {
  if (!tariff) return [];
  const { currency = 'USD' } = entry as { readonly currency?: string };
  const own = currencyOf(unit) === undefined ? unit : unitIn(currency, unit);
  const rateAt = (value: number, ...within: Stated['path']) => ({
    path: [...path, 'tariff', ...within],
    value,
    unit: own,
  });
  return [
    ...(tariff.default === undefined ? [] : [rateAt(tariff.default, 'default')]),
    ...tariff.bands.map(({ rate }, index) => rateAt(rate, 'bands', index, 'rate')),
  ];
}

/** What says the unit of a file, whose values are read later. */
function unitsIn(units: QuantityUnit, entry: FactorEntry, path: Stated['path']): Stated[] {
  const { file, unit, currency } = entry as Pick<FactorEntry, 'file' | 'unit'> & { readonly currency?: string };
  if (file === undefined) return [];
  const named = unit === undefined ? undefined : namedUnit(units, unit);
  if (currency !== undefined) return [{ path: [...path, 'currency'], unit: unitIn(currency, units.unit) }];
  return named ? [{ path: [...path, 'unit'], unit: named.unit }] : [];
}
