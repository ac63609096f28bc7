import { z } from 'zod';

let known: ReadonlySet<string> | undefined;

/** Returns whether a text is the code of a currency by ISO 4217, in capital letters. */
export function isCurrency(text: string): boolean {
  known ??= new Set(Intl.supportedValuesOf('currency'));
  return known.has(text);
}

/** Returns the currency of a unit such as `EUR/kWh`; undefined where it is not one of money. */
export function currencyOf(unit: string): string | undefined {
  return /^[A-Z]{3}(?=\/)/.exec(unit)?.[0];
}

/** Returns a unit of money in another currency: `USD/kWh` in EUR is `EUR/kWh`. */
export function unitIn(currency: string, unit: string): string {
  return unit.replace(/^[A-Z]{3}(?=\/)/, currency);
}

/** The setting of a currency, such as `EUR`. */
export const currencySetting = () =>
  z.string().refine(isCurrency, {
    error: 'expected a currency by its three capital letters (ISO 4217), such as EUR',
  });
