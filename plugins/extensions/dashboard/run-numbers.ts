import { JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';
import type { Money } from './money.ts';

/** Returns the numbers of a run in the API, each with its expression over the columns of the database. */
export function runNumbers({ suffix, columns }: Money): Readonly<Record<string, string>> {
  return {
    duration_s: 'duration',
    energy_kwh: `joules / ${JOULES_PER_KWH}`,
    cpu_core_h: `core_seconds / ${SECONDS_PER_HOUR}`,
    ...Object.fromEntries(Object.entries(columns).map(([cost, expression]) => [`${cost}_${suffix}`, expression])),
    co2_kg: 'co2_kg',
  };
}

/** Those of a run, or sums of them; null where they are unknown. */
export type RunNumbers = Readonly<Record<string, number | null>>;
