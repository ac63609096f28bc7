import {
  fitCurve,
  type GroupModel,
  kindFor,
  type ModelName,
  type Observation,
  type Steps,
  valueAt,
} from 'wattline/prediction';
import { byStart, type LearntRun } from './training-set.ts';

/** The number of the latest runs by which a drift shows. */
const LATEST = 50;
/** How many runs there must be before a drift is warned of. */
const ENOUGH = 2 * LATEST;
/** The maximum number of values of the feature for which known and predicted values are compared. */
const MOST_COMPARED = 64;

/** How well the model of a group says what its runs have; errors are in the unit of what is predicted. */
export interface Quality {
  /** The mean distance of runs from curves that are fitted without them; undefined where too few are known. */
  readonly meanAbsoluteError: number | undefined;
  /** 90 % of the runs lie within this distance of curves that are fitted without them; undefined below 9 runs. */
  readonly error90: number | undefined;
  /** By how much the latest runs have more than the curve through those before them says; undefined where it says nothing. */
  readonly drift: number | undefined;
  /** Whether the drift is larger than what 90 % of single runs differ by. */
  readonly hasDrifted: boolean;
  /** For each value of the feature, the 64 smallest, the mean known value and the predicted one. */
  readonly comparisons: readonly Comparison[];
}

export interface Comparison {
  readonly x: number;
  readonly known: number;
  readonly predicted: number;
}

/** Judges the model of a group by the runs that it was fitted to, which are in rising order of x. */
export function* judging(group: GroupModel, runs: readonly LearntRun[], model: ModelName): Steps<Quality> {
  const distances = (group.leftOut?.misses ?? []).map(({ error }) => Math.abs(error)).sort((a, b) => a - b);
  const count = distances.length;
  // Fewer than 9 runs do not carry a level of 90 %, as with the intervals.
  const error90 = distances[Math.ceil(0.9 * (count + 1)) - 1];
  yield;
  const drift = yield* findingDrift(runs, model);
  yield;
  return {
    meanAbsoluteError: count ? meanOf(distances) : undefined,
    error90,
    drift,
    hasDrifted: runs.length >= ENOUGH && drift !== undefined && error90 !== undefined && Math.abs(drift) > error90,
    comparisons: compare(group, runs),
  };
}

/** The mean error of the latest runs, at most half of all, by the curve through the others and within its range. */
function* findingDrift(runs: readonly LearntRun[], model: ModelName): Steps<number | undefined> {
  const count = Math.min(LATEST, runs.length >> 1);
  const latest = new Set(runs.toSorted(byStart).slice(runs.length - count));
  yield;
  const before = runs.filter((run) => !latest.has(run));
  const different = new Set(before.map(({ x }) => x)).size;
  const kind = kindFor(model, different) ?? kindFor('linear', different);
  if (!kind) return undefined;
  const curve = fitCurve(kind, before);
  const [{ x: from }, { x: to }] = [before[0], before.at(-1)] as [Observation, Observation];
  const errors = [...latest].filter(({ x }) => x >= from && x <= to).map(({ x, y }) => y - valueAt(curve, x));
  return errors.length ? meanOf(errors) : undefined;
}

function compare({ curve }: GroupModel, runs: readonly LearntRun[]): Comparison[] {
  const alike = new Map<number, number[]>();
  for (const { x, y } of runs) {
    const known = alike.get(x);
    if (known) known.push(y);
    else if (alike.size < MOST_COMPARED) alike.set(x, [y]);
    else break;
  }
  return [...alike].map(([x, ys]) => ({ x, known: meanOf(ys), predicted: valueAt(curve, x) }));
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
