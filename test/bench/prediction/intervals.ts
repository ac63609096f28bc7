import { type FittedModel, fitModel, type ModelName, predict } from '../../../src/prediction/index.ts';
import type { Observation } from '../../../src/prediction/observation.ts';
import { splitsOf } from './errors.ts';
import type { CurveSet } from './measured-curves.ts';

const LEVEL = 0.9;
/** So many points are enough for a level of 90 %. */
const ENOUGH = 9;
const GROUP = 'one';

/** How many of the points that were left out lie in the interval at their x. */
export interface Coverage {
  readonly held: number;
  readonly points: number;
  /** The mean width in % of the most watts of the curve. */
  readonly width: number;
}

/** Whether what is outside of the range that was learnt from is said to be so. */
export interface Flags {
  readonly outside: number;
  readonly flagged: number;
  readonly inside: number;
  readonly falselyFlagged: number;
}

/** Predicts each point of each curve by the others, where these are 9 or more. */
export function coverageOf(model: ModelName, sets: readonly CurveSet[]): Coverage {
  let [held, points, widths] = [0, 0, 0];
  for (const curve of sets.flatMap(({ curves }) => curves)) {
    const most = Math.max(...curve.points.map(({ y }) => y));
    for (const { known, others } of splitsOf(curve, { of: 'all but one' })) {
      if (known.length < ENOUGH) continue;
      const fitted = fit(model, known);
      for (const { x, y } of others) {
        const prediction = predict(fitted, GROUP, x);
        if (prediction.value === undefined || !prediction.interval) throw new Error('a prediction has no interval');
        const { lower, upper } = prediction.interval;
        points++;
        if (lower <= y && y <= upper) held++;
        widths += (100 * (upper - lower)) / most;
      }
    }
  }
  return { held, points, width: widths / points };
}

/** Predicts what was not learnt from, within the range and outside of it. */
export function flagsOf(sets: readonly CurveSet[]): Flags {
  let [outside, flagged, inside, falselyFlagged] = [0, 0, 0, 0];
  for (const curve of sets.flatMap(({ curves }) => curves)) {
    for (const { known, others } of splitsOf(curve, { of: 'random', points: 5 })) {
      const fitted = fit('auto', known);
      const [from, to] = [Math.min(...known.map(({ x }) => x)), Math.max(...known.map(({ x }) => x))];
      for (const { x } of others) {
        const prediction = predict(fitted, GROUP, x);
        const isFlagged = prediction.value !== undefined && prediction.extrapolated;
        if (x < from || x > to) {
          outside++;
          if (isFlagged) flagged++;
        } else {
          inside++;
          if (isFlagged) falselyFlagged++;
        }
      }
    }
  }
  return { outside, flagged, inside, falselyFlagged };
}

/**
 * Returns how likely it is that at most so many of n intervals hold, where each does with a probability: the lower tail of the
 * binomial distribution.
 */
export function atMostHeld(held: number, n: number, probability: number): number {
  let [term, more] = [probability ** n, 0];
  for (let i = n; i > held; i--) {
    more += term;
    term *= ((1 - probability) / probability) * (i / (n - i + 1));
  }
  return Math.max(0, 1 - more);
}

/** A model whose intervals are as jackknife+ has them, without anything added outside of the range. */
function fit(model: ModelName, known: readonly Observation[]): FittedModel {
  const runs = known.map(({ x, y }, i) => ({ id: String(i), group: GROUP, x, y }));
  return fitModel(runs, { model, leastDifferent: 3, level: LEVEL, outside: 'flag' });
}
