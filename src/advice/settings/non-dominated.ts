/** What is compared: amounts of which less is better, the same ones for all, and the VMAF. */
export interface Candidate {
  readonly amounts: readonly number[];
  readonly vmaf: number;
}

/**
 * Whether the first is as good as the second in everything, with a VMAF that is lower by no more than the tolerance, and
 * better in something.
 */
export function dominates(first: Candidate, second: Candidate, tolerance: number): boolean {
  const isAsGood =
    first.vmaf >= second.vmaf - tolerance &&
    first.amounts.every((amount, i) => amount <= (second.amounts[i] as number));
  const isBetter =
    first.vmaf > second.vmaf + tolerance || first.amounts.some((amount, i) => amount < (second.amounts[i] as number));
  return isAsGood && isBetter;
}

/**
 * Returns the set that is worth choosing from, in the given order: nobody in it is dominated by another in it, and whoever is
 * left out is dominated by one in it. To be left out by one that is left out itself does not count, so that tolerances never
 * add up. There is exactly one such set, since no ring of candidates can dominate each other.
 */
export function nonDominated<T extends Candidate>(candidates: readonly T[], tolerance: number): T[] {
  const kept = new Set<T>();
  for (const candidate of bestFirst(candidates)) {
    if (![...kept].some((one) => dominates(one, candidate, tolerance))) kept.add(candidate);
  }
  return candidates.filter((candidate) => kept.has(candidate));
}

/** An order in which whoever dominates comes first: each amount of it is as low, and if none is lower its VMAF is higher. */
function bestFirst<T extends Candidate>(candidates: readonly T[]): T[] {
  return [...candidates].sort((a, b) => {
    const at = a.amounts.findIndex((amount, i) => amount !== b.amounts[i]);
    return at < 0 ? b.vmaf - a.vmaf : (a.amounts[at] as number) - (b.amounts[at] as number);
  });
}
