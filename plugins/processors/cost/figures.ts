/** The figures that the processor adds; all are in USD. */
export const figures = {
  energy: {
    name: 'cost_energy_load_aware',
    unit: '{USD}',
    description: 'Price of the energy that a run used, in USD: kWh, integrated from its power samples, × USD/kWh',
  },
  compute: {
    name: 'cost_compute_load_aware',
    unit: '{USD}',
    description:
      'Price of the CPU time that a run used, in USD: core-hours, integrated from its samples of cores in use, × USD per core-hour',
  },
  total: {
    name: 'cost_total_load_aware',
    unit: '{USD}',
    description: 'Price of the energy and the CPU time that a run used, in USD, where both are known',
  },
  energyFilled: {
    name: 'cost_energy_filled',
    unit: '{USD}',
    description:
      'Price of the energy that the processor `energy` assumed for the time of a run in which no power was measured, in USD, with the label `fill`',
  },
  computeFilled: {
    name: 'cost_compute_filled',
    unit: '{USD}',
    description:
      'Price of the CPU time that the processor `energy` assumed for the time of a run in which no use of CPU was measured, in USD, with the label `fill`',
  },
} as const;

/** The prices of regions that were used. */
export const factors = {
  value: {
    name: 'wattline_price_usd_per_kwh',
    unit: '{USD}/kW.h',
    description: 'Price of electricity from the region table that was used, by `region` and `processor`',
  },
  year: { name: 'wattline_price_year', unit: 'a', description: 'The year that this price is from' },
} as const;

export const emitted = Object.fromEntries(
  [...Object.values(figures), ...Object.values(factors)].map(({ name, unit, description }) => [
    name,
    { unit, description },
  ]),
);
