import { knownFigures } from 'wattline/figures';
import { emitsOf } from 'wattline/plugin';

/** The intensities of regions that were used. */
export const factors = {
  value: {
    name: 'wattline_intensity_kg_per_kwh',
    unit: 'kg{CO2e}/kW.h',
    description: 'Carbon intensity from the region table that was used, by `region` and `processor`',
  },
  year: { name: 'wattline_intensity_year', unit: 'a', description: 'The year that this intensity is from' },
} as const;

export const emitted = emitsOf([knownFigures.emissions, knownFigures.emissionsFilled, factors.value, factors.year]);
