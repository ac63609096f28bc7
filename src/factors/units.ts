import type { Quantity } from '../model/factor.ts';
import { isCurrency, unitIn } from './currency.ts';

/** What can be configured over time. */
export type SeriesQuantity = Extract<Quantity, 'price' | 'intensity' | 'core_price'>;

/** The key of a value in the configuration, which names its unit. */
export type ValueKey = 'usd_per_kwh' | 'kg_per_kwh' | 'usd_per_core_hour';

/** What the values of a quantity are and how files may state them. */
export interface QuantityUnit {
  readonly key: ValueKey;
  /** As factor records write it. */
  readonly unit: string;
  readonly noun: string;
  /** The key of a value of which `currency` says what it is in; undefined where it is not money. */
  readonly plainKey?: 'per_kwh' | 'per_core_hour';
  /** How many of a unit that files and keys may name make one of the quantity's own; money may be in any currency too. */
  readonly fileUnits: Readonly<Record<string, number>>;
  /** Spot prices fall below zero; nothing else does. */
  readonly mayBeNegative: boolean;
}

/** The units of every quantity that can be configured over time. */
export const quantityUnits: Readonly<Record<SeriesQuantity, QuantityUnit>> = {
  price: {
    key: 'usd_per_kwh',
    plainKey: 'per_kwh',
    unit: 'USD/kWh',
    noun: 'price of electricity',
    fileUnits: { usd_per_kwh: 1, usd_per_mwh: 1000 },
    mayBeNegative: true,
  },
  intensity: {
    key: 'kg_per_kwh',
    unit: 'kg/kWh',
    noun: 'carbon intensity of electricity',
    fileUnits: { kg_per_kwh: 1, g_per_kwh: 1000 },
    mayBeNegative: false,
  },
  core_price: {
    key: 'usd_per_core_hour',
    plainKey: 'per_core_hour',
    unit: 'USD/core-hour',
    noun: 'price of a CPU core',
    fileUnits: { usd_per_core_hour: 1 },
    mayBeNegative: false,
  },
};

/** A unit that a key, a column or `unit` names. */
export interface NamedUnit {
  /** The quantity's own unit as factor records write it, in the currency that is named, such as `EUR/kWh`. */
  readonly unit: string;
  /** How many of the unit make one of that: 1000 of `eur_per_mwh`. */
  readonly divisor: number;
}

/** Returns the unit that a name such as `eur_per_mwh` or `g_per_kwh` stands for; undefined where it is none of the quantity. */
export function namedUnit({ unit, fileUnits }: QuantityUnit, name: string): NamedUnit | undefined {
  const [, letters, per] = /^([a-z]{3})(_per_\w+)$/.exec(name) ?? [];
  const own = letters === undefined ? name : `usd${per}`;
  if (!Object.hasOwn(fileUnits, own)) return undefined;
  const currency = letters?.toUpperCase() ?? 'USD';
  return isCurrency(currency) ? { unit: unitIn(currency, unit), divisor: fileUnits[own] as number } : undefined;
}

/** Returns the names of the units of a quantity in a currency, such as `eur_per_kwh` and `eur_per_mwh`. */
export function unitNames({ fileUnits }: QuantityUnit, currency = 'USD'): string[] {
  return Object.keys(fileUnits).map((name) => name.replace(/^usd(?=_)/, currency.toLowerCase()));
}

/** A value that settings state. */
export interface StatedValue {
  readonly key: string;
  /** In its unit. */
  readonly value: number;
  /** As factor records write it, such as `EUR/kWh`. */
  readonly unit: string;
}

/**
 * Returns the values that settings state of a quantity: under keys that name a unit, and under `per_kwh` in what `currency`
 * says.
 */
export function statedValues(units: QuantityUnit, settings: object): StatedValue[] {
  const { currency = 'USD' } = settings as { readonly currency?: string };
  return Object.entries(settings).flatMap(([key, value]) => {
    const named = key === units.plainKey ? { unit: unitIn(currency, units.unit), divisor: 1 } : namedUnit(units, key);
    return named && typeof value === 'number' ? { key, value: value / named.divisor, unit: named.unit } : [];
  });
}

/** Returns the value that settings state; one in another currency comes before one that is a default. */
export function statedValue(units: QuantityUnit, settings: object): StatedValue | undefined {
  const stated = statedValues(units, settings);
  return stated.find(({ key }) => key !== units.key) ?? stated[0];
}
