import type { Skipped } from 'wattline/plugin';
import { type Addend, overflowOf } from './counters.ts';

/** What becomes of what has no counter of its own: a counter for all of it, or nothing. */
export type Overflow = 'fold' | 'refuse';

/** How many counters there may be, and what becomes of others. */
export interface RoomOptions {
  readonly limit: number;
  /** How many characters the value of a label may have. */
  readonly labelValueLengthLimit: number;
  readonly overflow: Overflow;
  /** Called with each amount that has no counter of its own. */
  skip(skipped: Skipped): void;
}

/** The counters beyond the limit that may hold what overflows: those of labels with few values. */
const MOST_FOLDED = 1000;

/** Sees that there are no more counters than there is room for. */
export class Room {
  readonly #options: RoomOptions;
  /** How many counters there are. */
  taken = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** How many there may be before amounts overflow. */
  get limit(): number {
    return this.#options.limit;
  }

  /**
   * Returns where amounts go: each to its counter where that is known or there is room for it, else to one for all that
   * overflows, or nowhere. Counters that are not known are counted as taken.
   */
  place(addends: readonly Addend[], isKnown: (key: string) => boolean): Addend[] {
    const { limit, overflow } = this.#options;
    const added = new Set<string>();
    const hasPlace = (key: string, most: number) => {
      if (added.has(key) || isKnown(key)) return true;
      if (this.taken >= most) return false;
      added.add(key);
      this.taken++;
      return true;
    };
    return addends.flatMap((addend) => {
      const isTooLong = !isKnown(addend[0]) && this.#hasLongLabel(addend);
      if (!isTooLong && hasPlace(addend[0], limit)) return [addend];
      const folded = overflow === 'fold' ? overflowOf(addend) : undefined;
      const isFolded = folded !== undefined && !this.#hasLongLabel(folded) && hasPlace(folded[0], limit + MOST_FOLDED);
      this.#skip(addend, isTooLong, isFolded);
      return isFolded ? [folded] : [];
    });
  }

  #hasLongLabel([, { labels }]: Addend): boolean {
    const { labelValueLengthLimit: most } = this.#options;
    return Object.values(labels).some((value) => String(value).length > most);
  }

  #skip([, { name }]: Addend, isTooLong: boolean, isFolded: boolean): void {
    const { limit, labelValueLengthLimit, skip } = this.#options;
    const reason = isTooLong ? 'label_too_long' : 'series_limit';
    const problem = isTooLong
      ? `a label of it is longer than the ${labelValueLengthLimit} characters of \`label_value_length_limit\``
      : `there are ${limit} counters, as many as \`series_limit\` allows`;
    const consequence = isFolded ? 'is added to a counter with `overflow="true"`' : 'is not counted';
    const remedy = isTooLong ? 'shorten it' : 'raise it, or drop labels that have many values';
    const message = `an amount of \`${name}\` ${consequence}: ${problem}; ${remedy}`;
    skip({ item: 'series', reason: isFolded ? `${reason}_folded` : reason, message });
  }
}
