import type { DynamicConfigValue, MatcherConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { currencyRates } from './variables.ts';

/** The chosen currency's name, for legends and titles. */
export const currencyName = '${currency:text}';

interface Override {
  matcher: MatcherConfig;
  properties: DynamicConfigValue[];
}

/**
 * Gives series whose name ends in a currency, as in `total (EUR)`, that currency's unit. Grafana has no variables in
 * units; a currency that a user adds is shown by name alone.
 */
export function moneyUnits(): Override[] {
  return Object.keys(currencyRates).map((currency) => ({
    matcher: { id: 'byRegexp', options: `/\\(${currency}\\)$/` },
    properties: [{ id: 'unit', value: `currency${currency}` }],
  }));
}
