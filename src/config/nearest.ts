import { closest, distance } from 'fastest-levenshtein';

/** The known word that a misspelt one was likely meant to be, if any is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(word, known as string[]);
  return distance(word, best) <= Math.max(2, Math.floor(word.length / 3)) ? best : undefined;
}

/** What to write in place of a word that is not known. */
export function suggest(word: string, known: readonly string[], noun: string): string {
  const guess = nearest(word, known);
  if (guess) return `did you mean \`${guess}\`?`;
  return known.length ? `known ${noun}: ${known.join(', ')}` : `there are no ${noun} here`;
}
