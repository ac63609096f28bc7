/** Models the power of a host as a straight line from idle to all CPUs busy. */
export interface UtilisationCurve {
  readonly idle_watts: number;
  readonly max_watts: number;
  readonly logical_cpus: number;
  /** The source of the two powers. */
  readonly basis: string;
}

/** Returns the power in watts of the host at a number of busy cores. */
export function wattsAt(
  { idle_watts, max_watts, logical_cpus }: Omit<UtilisationCurve, 'basis'>,
  cores: number,
): number {
  return idle_watts + Math.min(1, cores / logical_cpus) * (max_watts - idle_watts);
}
