import { basename } from 'node:path';
import type { Attributes } from '@opentelemetry/api';
import { WattlineError } from '../errors.ts';
import { groupOf, type Prediction, predict, type TrainedModel } from '../prediction/index.ts';

/** What a results file says of a trained model that its power is from. */
export interface HostModelRecord {
  /** The name of the model file. */
  readonly file: string;
  readonly trained_at: string;
  readonly feature: string;
  readonly group: string;
  readonly curve: string;
  /** How many runs the curve is learnt from, how their power came about, and the range of the feature. */
  readonly runs: number;
  readonly learnt_from: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly logical_cpus: number;
}

/** The power of the host by a trained model, at a number of busy cores. */
export interface HostModel {
  readonly record: HostModelRecord;
  readonly at: (cores: number) => Extract<Prediction, { readonly value: number }>;
}

/**
 * Returns the power of a host with so many logical CPUs by a model file, for a run with these attributes. Throws
 * `MODEL_REFUSED` where the model is not of power by CPU use, or predicts nothing for the idle or the busy host.
 */
export function hostModelOf(
  path: string,
  { feature, groupBy, targets: { power }, trainedAt }: TrainedModel,
  attributes: Attributes,
  logicalCpus: number,
): HostModel {
  const refuse = (why: string): never => {
    throw new WattlineError('MODEL_REFUSED', `${path} cannot be used to measure: ${why}`);
  };
  if (!power) return refuse('it does not know power; train it with --target power');
  if (feature !== 'cpu_cores' && feature !== 'cpu_utilisation') {
    return refuse(`it predicts by ${feature}; train it with --feature cpu_cores`);
  }
  const group = groupOf(attributes, groupBy);
  const at = (cores: number) => {
    const busy = Math.min(cores, logicalCpus);
    const found = predict(power.model, group, feature === 'cpu_cores' ? busy : busy / logicalCpus);
    return found.value === undefined ? refuse(`at ${busy} of ${logicalCpus} cores ${found.problem}`) : found;
  };
  // Between both ends it predicts what it predicts at them.
  at(0);
  const { curve, runs, from, to } = at(logicalCpus).group;
  const record = {
    ...{ file: basename(path), trained_at: trainedAt, feature, group, curve: curve.kind, runs },
    ...{ learnt_from: Object.keys(power.kinds), from, to, logical_cpus: logicalCpus },
  };
  return { record, at };
}
