import { JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';

/** The numbers of a run in the API, each with its expression over the columns of the database. */
export const runNumbers = {
  duration_s: 'duration',
  energy_kwh: `joules / ${JOULES_PER_KWH}`,
  cpu_core_h: `core_seconds / ${SECONDS_PER_HOUR}`,
  cost_energy_usd: 'energy_usd',
  cost_compute_usd: 'compute_usd',
  cost_total_usd: 'total_usd',
  co2_kg: 'co2_kg',
} as const;

/** Those of a run, or sums of them; null where they are unknown. */
export type RunNumbers = Readonly<Record<keyof typeof runNumbers, number | null>>;
