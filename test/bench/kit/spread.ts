/** What repeated measurements came to. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and most of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle - 1)] as number) + (sorted[Math.floor(middle)] as number)) / 2;
  return { median, min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** The spread of what each round came to by itself, such as the ratio of two measurements of the same round. */
export function spreadOfRounds(
  first: readonly number[],
  second: readonly number[],
  combine: (first: number, second: number) => number,
): Spread {
  return spreadOf(first.map((value, round) => combine(value, second[round] as number)));
}
