/** The counters of live streams; their labels are in the README of the processor `totals`. */
export const liveCounters = {
  joules: 'energy_joules_total',
  coreSeconds: 'cpu_core_seconds_total',
  energyCost: 'cost_energy_load_aware_usd_total',
  computeCost: 'cost_compute_load_aware_usd_total',
  emissions: 'co2_emissions_kg_total',
} as const;
