import { predictedCpu, predictedPower } from 'wattline/figures';
import { Attribute, cpuUsage, hostPower, type Signal } from 'wattline/plugin';
import type { Prediction } from 'wattline/prediction';

/** A signal that is predicted, and the words for it. */
export interface Target {
  readonly signal: Signal;
  /** The attribute that says that it is predicted. */
  readonly label: string;
  /** The attributes that say what is predicted. */
  readonly attributes: typeof predictedPower;
  /** How it is called in messages, and the unit as it is written after a number. */
  readonly name: string;
  readonly unit: string;
  /** How its line of arithmetic is called. */
  readonly line: string;
}

export const targets = {
  power: {
    signal: hostPower,
    label: Attribute.power,
    attributes: predictedPower,
    name: 'power',
    unit: 'W',
    line: 'predicted_watts',
  },
  cpu: {
    signal: cpuUsage,
    label: Attribute.cpu,
    attributes: predictedCpu,
    name: 'CPU time',
    unit: 'cores',
    line: 'predicted_cores',
  },
} as const satisfies Record<string, Target>;

export type TargetName = keyof typeof targets;
export const targetNames = ['power', 'cpu'] as const satisfies readonly TargetName[];

/** A prediction that has a value. */
export type Predicted = Extract<Prediction, { readonly value: number }>;

/** Returns what a run says of a prediction: the value, its bounds and their level, and whether it is extrapolated. */
export function attributesOf({ attributes: names }: Target, { value, interval, extrapolated }: Predicted) {
  return {
    [names.value]: value,
    ...(interval && {
      [names.lower]: interval.lower,
      [names.upper]: interval.upper,
      [names.level]: interval.level,
    }),
    ...(extrapolated && { [names.extrapolated]: true }),
  };
}
