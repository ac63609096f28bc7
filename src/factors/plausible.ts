import { z } from 'zod';
import type { Factor, Quantity } from '../model/factor.ts';
import { foreignCurrency } from './conversion.ts';
import type { ExchangeRates } from './exchange-rates.ts';

/** The setting that lets factors pass which are not plausible. */
export const plausibleSetting = z
  .literal('any')
  .optional()
  .describe(
    'With `any`, factors count that are otherwise refused as a slip of the unit: more than 3 kg/kWh, more than 10 USD/kWh or less than −10, a PUE outside of 1 to 3',
  );

interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  /** What somebody may have meant by a value that is too high. */
  slip(value: number): string;
}

const bounds: Readonly<Partial<Record<Quantity, Bounds>>> = {
  intensity: {
    ...{ least: 0, most: 3, unit: ' kg/kWh' },
    slip: (value) => `if it is in grams, that is ${divided(value, 1000)}`,
  },
  price: {
    ...{ least: -10, most: 10, unit: ' USD/kWh' },
    slip: (value) => `if it is in cents, that is ${divided(value, 100)}; if it is of a MWh, ${divided(value, 1000)}`,
  },
  pue: { ...{ least: 1, most: 3, unit: '' }, slip: (value) => `if it is in percent, that is ${divided(value, 100)}` },
};

/**
 * Returns why a factor is not plausible, with what may have been meant; undefined where it is. Money is judged in USD, at the
 * rate at which it is farthest from 0.
 */
export function outOfBounds(
  quantity: Quantity,
  { value, unit }: Pick<Factor, 'value' | 'unit'>,
  rates: ExchangeRates = new Map(),
): string | undefined {
  const within = bounds[quantity];
  if (!within) return undefined;
  const currency = foreignCurrency({ unit });
  const dated = currency === undefined ? undefined : (rates.get(currency) ?? []);
  // What is not converted is not judged either.
  if (dated?.length === 0) return undefined;
  const dearest = dated?.reduce((one, other) => (other.factor.value < one.factor.value ? other : one));
  const judged = dearest ? value / dearest.factor.value : value;
  if (judged >= within.least && judged <= within.most) return undefined;
  const bound = judged > within.most ? `at most ${within.most}` : `at least ${within.least}`;
  const inUsd = dearest
    ? `, and it is ${rounded(judged)} at ${dearest.factor.value} ${currency} per USD of ${dearest.date}`
    : '';
  const slip = judged > 0 && judged > within.most ? `; ${within.slip(value)}` : '';
  return `expected ${bound}${within.unit}${inUsd}${slip}`;
}

/** Returns the same with the setting that takes the factor as it is. */
export function whyImplausible(...judged: Parameters<typeof outOfBounds>): string | undefined {
  const why = outOfBounds(...judged);
  return why && `${why}; \`plausible: any\` takes it as it is`;
}

function divided(value: number, divisor: number): string {
  return rounded(value / divisor);
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}
