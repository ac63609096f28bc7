/** Hardware that a run was reserved on. */
export interface EmbodiedOptions {
  /** TE: what making, moving and scrapping the whole machine emits, in any unit of mass of CO₂e. */
  readonly total: number;
  /** EL: how long the machine is expected to be in use, in any unit of time. */
  readonly lifespan: number;
  /** RR/ToR: the part of the machine that was reserved, above 0 and at most 1. */
  readonly share: number;
}

/**
 * The part of a machine's embodied emissions that falls to the time that it was reserved for (TiR, in the unit of
 * `lifespan`), in the unit of `total`: M = TE × TS × RS = TE × (TiR/EL) × (RR/ToR) of the Software Carbon Intensity specification
 * (ISO/IEC 21031:2024).
 */
export function embodiedEmissions({ total, lifespan, share }: EmbodiedOptions, reserved: number): number {
  return total * (reserved / lifespan) * share;
}

/**
 * SCI = C per R = (O + M) per R of the same specification, in the unit of its two emissions for one functional unit;
 * undefined where there is no functional unit, since nothing can then be shared out.
 */
export function softwareCarbonIntensity(
  operational: number,
  embodied: number,
  functionalUnits: number,
): number | undefined {
  return functionalUnits > 0 ? (operational + embodied) / functionalUnits : undefined;
}
