import { closest, distance } from 'fastest-levenshtein';
import { isCurrency } from '../factors/currency.ts';

/** How many known words are listed. */
const SHOWN = 50;

/**
 * Returns the known word nearest to a misspelt one, or undefined where none is near enough. None is taken for one of another
 * unit: `usd_per_kwh` is no slip of `eur_per_kwh`, nor `kg_per_kwh` of `g_per_kwh`, and the number would be another amount.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const unit = unitIn(word);
  const likely = known.filter((one) => unitIn(one) === unit && !areOtherCurrencies(word, one));
  if (likely.length === 0) return undefined;
  const best = closest(word, likely);
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

/** Returns what a word counts in, as `usd_per_kwh`, `cost_usd` and `USD/kWh` do in USD; '' where it does not say. */
function unitIn(word: string): string {
  const parts = word.toUpperCase().split(/[^A-Z]+/);
  const currency = parts.length > 1 ? parts.find(isCurrency) : undefined;
  return currency ?? /([A-Z]+)_PER_/.exec(word.toUpperCase())?.[1] ?? '';
}

/** Whether two words are the codes of two currencies. */
function areOtherCurrencies(word: string, other: string): boolean {
  const [a, b] = [word.toUpperCase(), other.toUpperCase()];
  return a !== b && isCurrency(a) && isCurrency(b);
}
