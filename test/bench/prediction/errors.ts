import { fitCurve, kindFor, type ModelName, valueAt } from '../../../src/prediction/curves.ts';
import type { Observation } from '../../../src/prediction/observation.ts';
import { randomNumbers } from '../../kit/random-numbers.ts';
import type { CurveSet, MeasuredCurve } from './measured-curves.ts';

/** The models that are compared. */
export const MODELS = ['linear', 'power', 'auto'] as const satisfies readonly ModelName[];
export type ComparedModel = (typeof MODELS)[number];

/** How often some points of a curve are drawn. */
const DRAWS = 200;
/** What no model is fitted to. */
const LEAST_DIFFERENT = 3;

/** How the points are chosen that are learnt from: all but one, or so many with both ends of the range or anywhere. */
export type Choice = { readonly of: 'all but one' } | { readonly of: 'both ends' | 'random'; readonly points: number };

/** How far the models miss the points that they have not learnt from. */
export interface ErrorRow {
  readonly set: string;
  readonly choice: Choice;
  readonly trials: number;
  /** Mean distance in % of the most watts of the curve, the mean of all trials of a curve, and of all curves. */
  readonly percent: Readonly<Record<ComparedModel, number>>;
}

/** A way to split the points of a curve. */
export interface Split {
  readonly known: readonly Observation[];
  readonly others: readonly Observation[];
}

export const CHOICES: readonly Choice[] = [
  ...(['both ends', 'random'] as const).flatMap((of) => [3, 4, 5, 7].map((points) => ({ of, points }))),
  { of: 'all but one' },
];

/** Measures the errors of a set for a choice; undefined where no curve has enough points. */
export function errorsOf({ name, curves }: CurveSet, choice: Choice): ErrorRow | undefined {
  const splits = curves.map((curve) => splitsOf(curve, choice)).filter((all) => all.length > 0);
  if (splits.length === 0) return undefined;
  const percentOf = (model: ComparedModel) => mean(splits.map((all) => mean(all.map((split) => missed(model, split)))));
  return {
    set: name,
    choice,
    trials: splits.flat().length,
    percent: { linear: percentOf('linear'), power: percentOf('power'), auto: percentOf('auto') },
  };
}

/** Returns the splits of a curve, the same at every time; those are left out that know too few different x. */
export function splitsOf({ points }: MeasuredCurve, choice: Choice): Split[] {
  const chosen =
    choice.of === 'all but one' ? points.map((_, left) => allBut(points.length, left)) : drawn(points, choice);
  return chosen
    .map((indices) => ({
      known: points.filter((_, i) => indices.has(i)),
      others: points.filter((_, i) => !indices.has(i)),
    }))
    .filter(({ known, others }) => new Set(known.map(({ x }) => x)).size >= LEAST_DIFFERENT && others.length > 0);
}

function allBut(count: number, left: number): Set<number> {
  return new Set(Array.from({ length: count }, (_, i) => i).filter((i) => i !== left));
}

function drawn(
  all: readonly Observation[],
  { of, points }: { of: 'both ends' | 'random'; points: number },
): Set<number>[] {
  if (points >= all.length) return [];
  const random = randomNumbers(points);
  return Array.from({ length: DRAWS }, () => {
    const indices = new Set(of === 'both ends' ? [0, all.length - 1] : []);
    while (indices.size < points) indices.add(Math.floor(random() * all.length));
    return indices;
  });
}

/** The mean distance of the other points from the curve through those that are known, in % of the most of all. */
function missed(model: ModelName, { known, others }: Split): number {
  const kind = kindFor(model, new Set(known.map(({ x }) => x)).size);
  if (!kind) throw new Error(`${model} cannot be fitted to ${known.length} points`);
  const curve = fitCurve(kind, known);
  const most = Math.max(...[...known, ...others].map(({ y }) => y));
  return (100 * mean(others.map(({ x, y }) => Math.abs(valueAt(curve, x) - y)))) / most;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
