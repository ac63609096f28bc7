import { closest, distance } from 'fastest-levenshtein';

/** How many known words are listed. */
const SHOWN = 50;

/** Returns the known word nearest to a misspelt one, or undefined where none is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(word, known as string[]);
  const enough = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length * 0.4));
  return distance(word, best) <= enough ? best : undefined;
}

/** Returns the remedy for an unknown word: the nearest known one, otherwise all; `noun` names them, as in `known keys`. */
export function suggest(word: string, known: readonly string[], noun: string): string {
  const guess = nearest(word, known);
  if (guess) return `did you mean \`${guess}\`?`;
  const more = known.length > SHOWN ? [`and ${known.length - SHOWN} more`] : [];
  return known.length ? `${noun}: ${[...known.slice(0, SHOWN), ...more].join(', ')}` : `there are no ${noun} here`;
}
