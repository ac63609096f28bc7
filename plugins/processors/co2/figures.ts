export const emissions = {
  name: 'co2_emissions_kg',
  unit: 'kg{CO2e}',
  description:
    'Emissions of the energy that a run used, in kg of CO2 equivalent, by the average intensity of the grid of its region unless the label `method` says otherwise',
} as const;

export const filledEmissions = {
  name: 'co2_emissions_filled_kg',
  unit: 'kg{CO2e}',
  description:
    'Emissions of the energy that the processor `energy` assumed for the time of a run in which no power was measured, in kg of CO2 equivalent, with the label `fill`',
} as const;

/** The intensities of regions that were used. */
export const factors = {
  value: {
    name: 'wattline_intensity_kg_per_kwh',
    unit: 'kg{CO2e}/kW.h',
    description: 'Carbon intensity from the region table that was used, by `region` and `processor`',
  },
  year: { name: 'wattline_intensity_year', unit: 'a', description: 'The year that this intensity is from' },
} as const;

export const emitted = Object.fromEntries(
  [emissions, filledEmissions, factors.value, factors.year].map(({ name, unit, description }) => [
    name,
    { unit, description },
  ]),
);
