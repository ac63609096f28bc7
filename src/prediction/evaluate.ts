import { fitModel, type ModelOptions, type Prediction, predict, type TrainingRun } from './model.ts';

/** How far predictions are from what was measured. Errors have the unit of y. */
export interface Score {
  readonly runs: number;
  /** How many of the runs something was predicted for. */
  readonly predicted: number;
  readonly extrapolated: number;
  /** The mean distance of what was measured from what was predicted; undefined where nothing was. */
  readonly meanAbsoluteError: number | undefined;
  /** The same by the mean of what was measured, 1 being all of it. */
  readonly relativeError: number | undefined;
  /** The mean of measured minus predicted. */
  readonly drift: number | undefined;
  /** How many predictions have an interval, how many of these hold what was measured, and the mean level they claim. */
  readonly intervals: number;
  readonly held: number;
  readonly level: number | undefined;
}

/** A run, and what a model that has not seen it predicts. */
export interface Tried {
  readonly run: TrainingRun;
  readonly prediction: Prediction;
}

/** Up to so many runs or groups each is left out in turn; of more, parts of them are. */
const PARTS = 20;

/** Predicts each run by a model of the others: of all other runs, or of all other groups. */
export function leftOutBy(
  by: 'run' | 'group',
  runs: readonly TrainingRun[],
  options: ModelOptions,
): readonly Tried[] | undefined {
  const units = by === 'group' ? groupsOf(runs) : [...runs].sort(byPlace).map((run) => [run]);
  if (units.length < 2) return undefined;
  const parts = Math.min(PARTS, units.length);
  return Array.from({ length: parts }, (_, part) => part).flatMap((part) => {
    const model = fitModel(units.filter((_, i) => i % parts !== part).flat(), options);
    const left = units.filter((_, i) => i % parts === part).flat();
    return left.map((run) => ({ run, prediction: predict(model, run.group, run.x) }));
  });
}

/** Sums up how far predictions are from what was measured. */
export function scoreOf(all: readonly Tried[]): Score {
  const known = all.flatMap(({ run, prediction }) => (prediction.value === undefined ? [] : [{ run, prediction }]));
  const intervals = known.flatMap(({ run, prediction: { interval } }) => (interval ? [{ run, interval }] : []));
  const held = intervals.filter(({ run: { y }, interval }) => y >= interval.lower && y <= interval.upper).length;
  const errors = known.map(({ run, prediction }) => run.y - prediction.value);
  const meanAbsoluteError = meanOf(errors.map(Math.abs));
  const mean = meanOf(known.map(({ run }) => run.y));
  return {
    runs: all.length,
    predicted: known.length,
    extrapolated: known.filter(({ prediction }) => prediction.extrapolated).length,
    meanAbsoluteError,
    relativeError: meanAbsoluteError === undefined || !mean ? undefined : meanAbsoluteError / mean,
    drift: meanOf(errors),
    intervals: intervals.length,
    held,
    level: meanOf(intervals.map(({ interval }) => interval.level)),
  };
}

function groupsOf(runs: readonly TrainingRun[]): TrainingRun[][] {
  const groups = Map.groupBy(runs, ({ group }) => group);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members);
}

function byPlace(a: TrainingRun, b: TrainingRun): number {
  return a.x - b.x || a.y - b.y || (a.id < b.id ? -1 : 1);
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}
