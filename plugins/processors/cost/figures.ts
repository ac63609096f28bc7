import { knownFigures } from 'wattline/figures';
import { emitsOf } from 'wattline/plugin';

const { energyCost, computeCost, totalCost, energyCostFilled, computeCostFilled } = knownFigures;

/** The prices of regions that were used. */
export const factors = {
  value: {
    name: 'wattline_price_usd_per_kwh',
    unit: '{USD}/kW.h',
    description: 'Price of electricity from the region table that was used, by `region` and `processor`',
  },
  year: { name: 'wattline_price_year', unit: 'a', description: 'The year that this price is from' },
} as const;

export const emitted = emitsOf([
  energyCost,
  computeCost,
  totalCost,
  energyCostFilled,
  computeCostFilled,
  ...Object.values(factors),
]);
