import { type FactorRecord, factorRecords, knownFigures } from 'wattline/figures';
import { Attribute } from 'wattline/plugin';
import type { Arithmetic } from './arithmetic.ts';

/** The measured time of a signal in a run, in seconds and as a ratio of its duration. */
export interface Covered {
  readonly measured_s: number;
  readonly ratio: number;
}

/** The basis of a run's figures, as far as it is known. */
export interface Basis {
  readonly coverage: { readonly power?: Covered; readonly cpu?: Covered };
  /** What was assumed for the time without samples, and how; no total includes it. */
  readonly assumed?: { readonly fill: string } & Readonly<Partial<Record<keyof typeof ASSUMED, number>>>;
  /** Energy at the meter divided by that of the machine. */
  readonly pue?: number;
  readonly factors: readonly FactorRecord[];
}

const ASSUMED = {
  energy_j: knownFigures.energyFilled.name,
  cpu_core_s: knownFigures.cpuFilled.name,
  energy_usd: knownFigures.energyCostFilled.name,
  compute_usd: knownFigures.computeCostFilled.name,
  co2_kg: knownFigures.emissionsFilled.name,
};

/** The stored attributes and figures of a run. */
export interface BasisOptions {
  readonly duration: number | null;
  readonly arithmetic: Arithmetic;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, { readonly value: number }>>;
}

/** Returns the basis of a run's figures. */
export function basisOf({ duration, arithmetic, attributes, figures }: BasisOptions): Basis {
  const covered = (integral: { readonly span_s: number } | undefined): Covered | undefined =>
    integral && duration ? { measured_s: integral.span_s, ratio: integral.span_s / duration } : undefined;
  const [power, cpu] = [covered(arithmetic.energy?.integral), covered(arithmetic.cpu?.integral)];
  const fill = attributes[Attribute.fill];
  const pue = attributes[Attribute.pue];
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
