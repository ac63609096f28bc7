import type { Arithmetic } from './arithmetic.ts';
import { type FactorRecord, factorRecords } from './factor-records.ts';

/** The time of a run that a signal was measured in, in seconds and as a part of its duration. */
export interface Covered {
  readonly measured_s: number;
  readonly ratio: number;
}

/** What the figures of a run rest on, as far as it is known. */
export interface Basis {
  readonly coverage: { readonly power?: Covered; readonly cpu?: Covered };
  /** What was assumed for the time without samples, and how; it is in no total. */
  readonly assumed?: { readonly fill: string } & Readonly<Partial<Record<keyof typeof ASSUMED, number>>>;
  /** Energy at the meter by that of the machine. */
  readonly pue?: number;
  readonly factors: readonly FactorRecord[];
}

const ASSUMED = {
  energy_j: 'energy_filled_joules',
  cpu_core_s: 'cpu_filled_core_seconds',
  energy_usd: 'cost_energy_filled',
  compute_usd: 'cost_compute_filled',
  co2_kg: 'co2_emissions_filled_kg',
} as const;

/** What a run is known by here. */
export interface BasisOptions {
  readonly duration: number | null;
  readonly arithmetic: Arithmetic;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, { readonly value: number }>>;
}

/** Gathers what the figures of a run rest on. */
export function basisOf({ duration, arithmetic, attributes, figures }: BasisOptions): Basis {
  const covered = (integral: { readonly span_s: number } | undefined): Covered | undefined =>
    integral && duration ? { measured_s: integral.span_s, ratio: integral.span_s / duration } : undefined;
  const [power, cpu] = [covered(arithmetic.energy?.integral), covered(arithmetic.cpu?.integral)];
  const fill = attributes['energy.fill'];
  const pue = attributes['energy.pue'];
  return {
    coverage: { ...(power && { power }), ...(cpu && { cpu }) },
    ...(typeof fill === 'string' && { assumed: { fill, ...assumedOf(figures, fill) } }),
    ...(typeof pue === 'number' && { pue }),
    factors: factorRecords(attributes),
  };
}

function assumedOf(figures: BasisOptions['figures'], fill: string): Partial<Record<keyof typeof ASSUMED, number>> {
  const found = Object.entries(ASSUMED).flatMap(([name, figure]) => {
    const value = figures[`${figure} (${fill})`]?.value;
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}
