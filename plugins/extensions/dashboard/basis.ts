import { knownFigures } from 'wattline/figures';
import { Attribute } from 'wattline/plugin';
import type { Arithmetic, Ingredients, Integral } from './arithmetic.ts';
import { shownRecords } from './factor-records.ts';

const ASSUMED = {
  energy_j: knownFigures.energyFilled.name,
  cpu_core_s: knownFigures.cpuFilled.name,
  energy_usd: knownFigures.energyCostFilled.name,
  compute_usd: knownFigures.computeCostFilled.name,
  co2_kg: knownFigures.emissionsFilled.name,
};

/** The stored attributes and figures of a run. */
export interface BasisOptions extends Pick<Ingredients, 'duration' | 'attributes' | 'figures'> {
  readonly arithmetic: Partial<Arithmetic>;
}

/** Returns the basis of a run's figures; what is not known of it is undefined. */
export function basisOf({ duration, arithmetic, attributes, figures }: BasisOptions) {
  const covered = (integral: Integral | undefined) =>
    integral && duration ? { measured_s: integral.span_s, ratio: integral.span_s / duration } : undefined;
  const fill = attributes[Attribute.fill];
  const pue = attributes[Attribute.pue];
  return {
    /** The measured time of each signal in seconds, and as a ratio of the run's duration. */
    coverage: { power: covered(arithmetic.energy?.integral), cpu: covered(arithmetic.cpu?.integral) },
    /** What was assumed for the time without samples, and how; no total includes it. */
    assumed: typeof fill === 'string' ? { fill, ...assumedBy(fill, figures) } : undefined,
    /** Energy at the meter divided by that of the machine. */
    pue: typeof pue === 'number' ? pue : undefined,
    factors: shownRecords(attributes),
  };
}

function assumedBy(fill: string, figures: BasisOptions['figures']): Record<string, number | undefined> {
  const values = Object.entries(ASSUMED).map(([name, figure]) => [name, figures[`${figure} (${fill})`]?.value]);
  return Object.fromEntries(values);
}
