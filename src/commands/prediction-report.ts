import { countOf } from '../count.ts';
import { features, type Prediction, type Target, type TrainedModel } from '../prediction/index.ts';
import { plainTable } from '../terminal/plain-table.ts';
import { curveInWords } from './curve-words.ts';
import { amount, percent, plainUnit } from './quantities.ts';
import type { Bounded, ValuedPrediction } from './valued-prediction.ts';

/** A run that was predicted, by what, and what it comes to. */
export interface PredictedRun {
  readonly model: TrainedModel;
  /** The value of the model's feature. */
  readonly x: number;
  readonly group: string;
  readonly stated: string;
  /** Seconds. */
  readonly duration: number;
  readonly power: Prediction | undefined;
  readonly cpu: Prediction | undefined;
  readonly valued: ValuedPrediction;
}

const NUMBERS = ['value', 'lower', 'upper'];

/** Formats a predicted run for people: a table, and what it rests on. */
export function formatPrediction(predicted: PredictedRun): string {
  const { stated, duration, power, cpu, valued } = predicted;
  const rows = [
    ...rowOf('power', 'W', power),
    ...rowOf('CPU', 'cores', cpu),
    ...valued.figures.map((figure) => [figure.name, plainUnit(figure.unit), ...bounded(figure)]),
  ];
  const notes = [
    ...notesOn('power', power, predicted),
    ...notesOn('cpu', cpu, predicted),
    ...valued.assumptions.map((one) => `assumed: ${one}`),
    ...valued.missing,
  ];
  return [
    `Predicted for ${duration} s of ${stated || 'a run of which nothing is stated'}; nothing of it was measured.\n\n`,
    `${plainTable(['what', 'unit', ...NUMBERS], rows, (name) => NUMBERS.includes(name))}\n\n`,
    ...notes.map((note) => `  – ${note}\n`),
  ].join('');
}

/** Returns the same as JSON, in full precision. */
export function predictionJson({ model, x, group, duration, power, cpu, valued }: PredictedRun): string {
  const { feature, trainedAt } = model;
  const json = {
    ...{ duration_seconds: duration, feature, feature_unit: features[feature].unit, feature_value: x, group },
    power_watts: jsonOf(power),
    cpu_cores: jsonOf(cpu),
    figures: Object.fromEntries(
      valued.figures.map(({ name, unit, value, lower, upper }) => [name, { value, lower, upper, unit }]),
    ),
    assumptions: valued.assumptions,
    missing: valued.missing,
    model: { trained_at: trainedAt, files: model.files, group_by: model.groupBy },
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

function jsonOf(prediction: Prediction | undefined) {
  if (!prediction) return undefined;
  if (prediction.value === undefined) return { reason: prediction.reason, problem: prediction.problem };
  const { value, interval, extrapolated, isNewGroup, group } = prediction;
  const { lower, upper, level: interval_level } = interval ?? {};
  const basis = { curve: group.curve.kind, runs: group.runs, from: group.from, to: group.to, r2: group.r2 };
  return { value, lower, upper, interval_level, extrapolated, is_new_group: isNewGroup, ...basis };
}

function rowOf(name: string, unit: string, prediction: Prediction | undefined): string[][] {
  if (prediction?.value === undefined) return [];
  const { value, interval } = prediction;
  return [[name, unit, ...bounded({ value, lower: interval?.lower, upper: interval?.upper })]];
}

function bounded({ value, lower, upper }: Bounded): string[] {
  return [value, lower, upper].map(amount);
}

function notesOn(target: Target, prediction: Prediction | undefined, { model, x, group }: PredictedRun): string[] {
  const trained = model.targets[target];
  if (!prediction || !trained) {
    const isStated = target === 'cpu' && model.feature === 'cpu_cores';
    return isStated ? [`${target}: as stated`] : [`${target}: the model does not know it`];
  }
  if (prediction.value === undefined) return [`${target}: not predicted, since ${prediction.problem}`];
  const { extrapolated, isNewGroup, group: found, interval } = prediction;
  const kinds = Object.keys(trained.kinds).join(' and ');
  const of = isNewGroup ? 'all groups' : group || 'one group';
  const runs = isNewGroup ? Object.values(trained.kinds).reduce((sum, count) => sum + count, 0) : found.runs;
  const { options } = trained.model;
  const notes = [
    `${target}: ${curveInWords(found)}, learnt from ${countOf(runs, 'run')} of ${of}, ${kinds}; R² ${found.r2.toFixed(3)}`,
    interval
      ? `${target}: the interval is to hold ${percent(interval.level)} of such runs (jackknife+)`
      : `${target}: too few runs are known for an interval`,
  ];
  if (isNewGroup)
    notes.push(`${target}: extrapolated, since no run of ${group} was learnt from; taken for a typical group`);
  else if (extrapolated) {
    const { feature } = model;
    const widened =
      options.outside === 'widen' && interval ? '; the interval is wider by what the curve moves there' : '';
    const range = `${amount(found.from)} to ${amount(found.to)}`;
    notes.push(
      `${target}: extrapolated, since ${feature} ${x} is outside of ${range}, which was learnt from${widened}`,
    );
  }
  return notes;
}
