import { type Boundary, isCpu, type Meaning } from 'wattline/figures';

/** The most that a meter can measure: watts or cores all the time, and joules or core-seconds at once. */
export interface Ceiling {
  readonly rate: number;
  readonly atOnce: number;
}

/** What the ceilings of a host's meters depend on. */
export interface CeilingOptions {
  /** The watts that one meter of a boundary can measure: any number where there is none. */
  readonly watts: Readonly<Partial<Record<Boundary, number>>>;
  /** The cores of a host of which nobody has said how many it has. */
  readonly cores: number;
}

/**
 * Returns the ceiling of a meter at a boundary, on a host of that many cores where that is known. What comes at once allows
 * for meters that are updated less often than they are read.
 */
export function ceilingOf(
  meaning: Meaning,
  boundary: Boundary,
  { watts, cores: unknownCores }: CeilingOptions,
  cores: number | undefined,
): Ceiling {
  if (isCpu(meaning)) return { rate: 1.1 * (cores ?? unknownCores), atOnce: 1 };
  const most = watts[boundary] ?? Number.POSITIVE_INFINITY;
  return { rate: most, atOnce: most };
}

/** Returns the most that can be used within that many seconds. */
export function mostWithin({ rate, atOnce }: Ceiling, seconds: number): number {
  return rate * seconds + atOnce;
}
