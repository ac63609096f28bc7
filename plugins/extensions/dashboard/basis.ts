import type { Attributes } from '@opentelemetry/api';
import {
  assumptionsOf,
  isExtrapolated,
  knownFigures,
  type PowerKind,
  predictedCpu,
  predictedPower,
} from 'wattline/figures';
import { Attribute, numberOf } from 'wattline/plugin';
import type { Arithmetic, Ingredients, Integral } from './arithmetic.ts';
import { shownRecords } from './factor-records.ts';
import { type Money, usDollars } from './money.ts';
import type { RunRecord } from './run-record.ts';

const assumedIn = ({ suffix, nameOf }: Money): Readonly<Record<string, string>> => ({
  energy_j: knownFigures.energyFilled.name,
  cpu_core_s: knownFigures.cpuFilled.name,
  [`energy_${suffix}`]: nameOf(knownFigures.energyCostFilled.name),
  [`compute_${suffix}`]: nameOf(knownFigures.computeCostFilled.name),
  co2_kg: knownFigures.emissionsFilled.name,
});

/** The stored attributes and figures of a run. */
export interface BasisOptions
  extends Pick<Ingredients, 'duration' | 'attributes' | 'figures'>,
    Pick<RunRecord, 'power_kind'> {
  readonly arithmetic: Partial<Arithmetic>;
}

/** Returns the basis of a run's figures; what is not known of it is undefined. */
export function basisOf(
  { duration, power_kind, arithmetic, attributes, figures }: BasisOptions,
  money: Money = usDollars,
) {
  const covered = (integral: Integral | undefined, kind: PowerKind) =>
    integral && duration ? { [`${kind}_s`]: integral.span_s, ratio: integral.span_s / duration } : undefined;
  const fill = attributes[Attribute.fill];
  const pue = attributes[Attribute.pue];
  return {
    /**
     * The time of each signal's samples in seconds, as `measured_s`, `modelled_s` or `predicted_s`, and as a ratio of the
     * run's duration.
     */
    coverage: {
      power: covered(arithmetic.energy?.integral, power_kind ?? 'measured'),
      cpu: covered(arithmetic.cpu?.integral, attributes[Attribute.cpu] === 'predicted' ? 'predicted' : 'measured'),
    },
    /** The power that was predicted, in watts, and the CPU use, in cores, each with its interval. */
    prediction: powerPrediction(attributes),
    cpu_prediction: cpuPrediction(attributes),
    /** What was assumed for the time without samples, and how; no total includes it. */
    assumed: typeof fill === 'string' ? { fill, ...assumedBy(fill, figures, money) } : undefined,
    /** Energy at the meter divided by that of the machine. */
    pue: typeof pue === 'number' ? pue : undefined,
    factors: shownRecords(attributes),
    /** Sentences about the defaults of Wattline among them. */
    assumptions: assumptionsOf(attributes),
  };
}

type StoredAttributes = BasisOptions['attributes'];

function powerPrediction(attributes: StoredAttributes) {
  const power_w = read(attributes, predictedPower.value);
  if (power_w === undefined) return undefined;
  const ends = {
    power_lower_w: read(attributes, predictedPower.lower),
    power_upper_w: read(attributes, predictedPower.upper),
  };
  return { power_w, ...ends, ...claimOf(attributes, predictedPower) };
}

function cpuPrediction(attributes: StoredAttributes) {
  const cpu_cores = read(attributes, predictedCpu.value);
  if (cpu_cores === undefined) return undefined;
  const ends = {
    cpu_lower_cores: read(attributes, predictedCpu.lower),
    cpu_upper_cores: read(attributes, predictedCpu.upper),
  };
  return { cpu_cores, ...ends, ...claimOf(attributes, predictedCpu) };
}

/** Returns the part of all cases that an interval is claimed to hold, and whether the prediction is extrapolated. */
function claimOf(attributes: StoredAttributes, stated: typeof predictedPower) {
  return { level: read(attributes, stated.level), extrapolated: isExtrapolated(attributes, stated) };
}

function read(attributes: StoredAttributes, name: string): number | undefined {
  return numberOf(attributes as Attributes, name);
}

function assumedBy(fill: string, figures: BasisOptions['figures'], money: Money): Record<string, number | undefined> {
  const values = Object.entries(assumedIn(money)).map(([name, figure]) => [
    name,
    figures[`${figure} (${fill})`]?.value,
  ]);
  return Object.fromEntries(values);
}
