/** What was measured once: a feature, such as the number of streams, and what it led to, such as watts. */
export interface Observation {
  readonly x: number;
  readonly y: number;
  /** How much it counts beside others, 1 where it says nothing. */
  readonly weight?: number;
}

/** Returns observations with one for each x, their weighted mean, in rising order of x. */
export function merged(observations: Iterable<Observation>): Required<Observation>[] {
  const sorted = [...observations].sort((a, b) => a.x - b.x || a.y - b.y);
  const all: { x: number; y: number; weight: number }[] = [];
  for (const { x, y, weight = 1 } of sorted) {
    const last = all.at(-1);
    if (last?.x === x) {
      last.weight += weight;
      last.y += ((y - last.y) * weight) / last.weight;
    } else all.push({ x, y, weight });
  }
  return all;
}
