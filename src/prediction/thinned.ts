import { merged, type Observation } from './observation.ts';

/** Returns at most so many observations in their place: neighbours become their weighted mean, which weighs as much. */
export function thinned(observations: readonly Observation[], most: number): Required<Observation>[] {
  const points = merged(observations);
  if (points.length <= most) return points;
  return Array.from({ length: most }, (_, i) =>
    meanOf(points.slice(Math.floor((i * points.length) / most), Math.floor(((i + 1) * points.length) / most))),
  );
}

function meanOf(points: readonly Required<Observation>[]): Required<Observation> {
  const weight = points.reduce((sum, one) => sum + one.weight, 0);
  const mean = (key: 'x' | 'y') => points.reduce((sum, one) => sum + one[key] * one.weight, 0) / weight;
  return { x: mean('x'), y: mean('y'), weight };
}
