/** What was measured once: a feature, such as the number of streams, and what it led to, such as watts. */
export interface Observation {
  readonly x: number;
  readonly y: number;
  /** How much it counts beside others, 1 where it says nothing. */
  readonly weight?: number;
}

/** What was measured at one x, or at several that are near each other: their weighted means, and the sum of their weights. */
export type Point = Required<Observation>;

/** Returns observations in an order that depends on nothing but themselves: by x, then by y and weight. */
export function inOrder<T extends Observation>(observations: Iterable<T>): T[] {
  return [...observations].sort((a, b) => a.x - b.x || a.y - b.y || (a.weight ?? 1) - (b.weight ?? 1));
}

/** The part of the range of x by which two must differ: less is rounding, and would make a curve vertical. */
const APART = 1e-6;

/** Returns one point for each x of the observations, in rising order of x. */
export function merged(observations: Iterable<Observation>): Point[] {
  return mergedInOrder(inOrder(observations));
}

/** Does what `merged` does with observations that are in order already. */
export function mergedInOrder(sorted: readonly Observation[]): Point[] {
  const apart = APART * ((sorted.at(-1)?.x ?? 0) - (sorted[0]?.x ?? 0));
  let from = Number.NEGATIVE_INFINITY;
  return gathered(sorted, ({ x }) => {
    if (x - from > apart) from = x;
    return from;
  });
}

/**
 * Returns points, in rising order of x, as they are where they are `most` or fewer. Of more, neighbours are put together to
 * that many at most: no point then stands for more than 2 / `most` of the range of x, or of the weight unless a single point
 * has more, so that there are points both where much was measured and where x goes far. Means of points on a line are on it.
 */
export function atMost(most: number, points: readonly Point[]): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length <= most) return points;
  const total = points.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  return gathered(points, ({ x, weight }) => {
    const shares = (before + weight / 2) / total + (x - first.x) / (last.x - first.x);
    before += weight;
    return Math.min(most - 1, Math.floor((most * shares) / 2));
  });
}

/** Puts neighbours together that have the same key, which must be asked for once each. */
function gathered<T extends Observation>(observations: Iterable<T>, keyOf: (one: T) => number): Point[] {
  const points: { x: number; y: number; weight: number }[] = [];
  let point: (typeof points)[number] | undefined;
  let latest: number | undefined;
  for (const one of observations) {
    const { x, y, weight = 1 } = one;
    const key = keyOf(one);
    if (point && key === latest) {
      point.weight += weight;
      point.x += ((x - point.x) * weight) / point.weight;
      point.y += ((y - point.y) * weight) / point.weight;
    } else {
      point = { x, y, weight };
      points.push(point);
    }
    latest = key;
  }
  return points;
}
