import type { Quantity } from '../model/factor.ts';

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
  /** How many of a unit that files may use make one of the quantity's own. */
  readonly fileUnits: Readonly<Record<string, number>>;
  /** Spot prices fall below zero; nothing else does. */
  readonly mayBeNegative: boolean;
}

/** The units of every quantity that can be configured over time. */
export const quantityUnits: Readonly<Record<SeriesQuantity, QuantityUnit>> = {
  price: {
    key: 'usd_per_kwh',
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
    unit: 'USD/core-hour',
    noun: 'price of a CPU core',
    fileUnits: { usd_per_core_hour: 1 },
    mayBeNegative: false,
  },
};
