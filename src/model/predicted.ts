/** The two ends of the interval of a prediction. */
export const bounds = ['lower', 'upper'] as const;

export type Bound = (typeof bounds)[number];

/** The resource attributes by which a run says what is predicted of one signal of it. */
export interface PredictedAttributes {
  /** The prediction and the ends of its interval, in the unit of the signal. */
  readonly value: string;
  readonly lower: string;
  readonly upper: string;
  /** The part of all cases, 0 to 1, that the interval is claimed to hold. */
  readonly level: string;
  /** `true` where the prediction is outside of what its model has learnt from, absent else. */
  readonly extrapolated: string;
}

/** The attributes of predicted or modelled power, in watts. */
export const predictedPower: PredictedAttributes = {
  value: 'power.predicted_watts',
  lower: 'power.predicted_watts_lower',
  upper: 'power.predicted_watts_upper',
  level: 'power.interval_level',
  extrapolated: 'power.extrapolated',
};

/** The attributes of predicted CPU use, in cores. */
export const predictedCpu: PredictedAttributes = {
  value: 'cpu.predicted_cores',
  lower: 'cpu.predicted_cores_lower',
  upper: 'cpu.predicted_cores_upper',
  level: 'cpu.interval_level',
  extrapolated: 'cpu.extrapolated',
};

/** Returns whether attributes say that a prediction is extrapolated; the text `true` counts too, as in other attributes. */
export function isExtrapolated(
  attributes: Readonly<Record<string, unknown>>,
  { extrapolated }: Pick<PredictedAttributes, 'extrapolated'>,
): boolean {
  return attributes[extrapolated] === true || attributes[extrapolated] === 'true';
}
