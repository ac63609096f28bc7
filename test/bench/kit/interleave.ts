/** Measures all candidates in each round, one after the other (A B A B …), and returns what each came to by round. */
export async function interleave<T>(rounds: number, candidates: readonly (() => Promise<T>)[]): Promise<T[][]> {
  const measured = candidates.map((): T[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, measure] of candidates.entries()) measured[index]?.push(await measure());
  }
  return measured;
}
