import type { DynamicConfigValue, MatcherConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { currencyRates } from './variables.ts';

/** The name of the chosen currency, for legends and titles. */
export const currencyName = '${currency:text}';

interface Override {
  matcher: MatcherConfig;
  properties: DynamicConfigValue[];
}

/**
 * Sets the unit of series whose name ends in a currency, as in `total (EUR)`. Grafana has no variables in units, so a
 * currency that a user adds has a name and no unit.
 */
export function moneyUnits(): Override[] {
  return Object.keys(currencyRates).map((currency) => ({
    matcher: { id: 'byRegexp', options: `/\\(${currency}\\)$/` },
    properties: [{ id: 'unit', value: `currency${currency}` }],
  }));
}
