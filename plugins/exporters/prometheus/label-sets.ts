import { labelText } from './exposition-text.ts';

/** The labels of a series as text. */
export interface SeriesLabels {
  /** The text in the line of the series. */
  readonly text: string;
  /** The same for the same labels in any order. */
  readonly set: LabelSet;
}

/** A set of labels in any order, and the rows of its series in the tables that have one. */
export class LabelSet {
  /** The text that identifies the set. */
  readonly key: string;
  /** Tables and rows alternate. A set has few, and a search takes less time than a map in each table. */
  #rows: readonly (object | number)[] = [];

  constructor(key: string) {
    this.key = key;
  }

  /** Whether no table has a row of it. */
  get isUnused(): boolean {
    return this.#rows.length === 0;
  }

  /** Returns the row in a table; undefined where the table has none. */
  rowIn(table: object): number | undefined {
    for (let i = 0; i < this.#rows.length; i += 2) if (this.#rows[i] === table) return this.#rows[i + 1] as number;
    return undefined;
  }

  /** Adds the row in a table that has none of this set yet. */
  place(table: object, row: number): void {
    // Copied, since an array that grows keeps room for 16 more.
    this.#rows = [...this.#rows, table, row];
  }

  /** Removes the row in a table; returns whether that was the last one. */
  remove(table: object): boolean {
    const index = this.#rows.indexOf(table);
    if (index < 0) return false;
    this.#rows = this.#rows.toSpliced(index, 2);
    return this.#rows.length === 0;
  }
}

/** The label sets of all series: the series of a run share one, which is looked up once. */
export class LabelSets {
  readonly #sets = new Map<string, LabelSet>();
  readonly #orders = new LabelOrders();

  /** Returns the text and the set of some labels. */
  labelsOf(labels: Readonly<Record<string, string>>): SeriesLabels {
    const names = Object.keys(labels);
    const order = this.#orders.of(names);
    const text = labelText(Object.entries(labels));
    const key = order === names ? text : labelText(order.map((name) => [name, labels[name] as string]));
    return { text, set: this.of(key) };
  }

  /** Returns the set with that key, a new one where there is none. */
  of(key: string): LabelSet {
    let set = this.#sets.get(key);
    if (!set) {
      set = new LabelSet(key);
      this.#sets.set(key, set);
    }
    return set;
  }

  /** Drops a set that is in no table. */
  forget(set: LabelSet): void {
    if (set.isUnused) this.#sets.delete(set.key);
  }

  /** Removes a set from a table, and drops it where it is in no other. */
  release(set: LabelSet, table: object): void {
    if (set.remove(table)) this.#sets.delete(set.key);
  }
}

/** How many orders are remembered; beyond it names are sorted. */
const MOST_ORDERS = 10_000;

/**
 * The order of label names that identifies series: the one in which the same names came first. Nearly all points have it
 * already, so that the text of their labels serves as their key, which sorted names would not allow.
 */
export class LabelOrders {
  readonly #known = new Map<string, readonly string[]>();
  #latest: readonly string[] = [];

  /** Returns these names in their order; the same array where they have it already. */
  of(names: readonly string[]): readonly string[] {
    if (isSame(names, this.#latest)) return names;
    const sorted = names.toSorted();
    const key = sorted.join();
    const order = this.#known.get(key) ?? (this.#known.size < MOST_ORDERS ? names : sorted);
    if (order !== sorted) this.#known.set(key, order);
    if (!isSame(names, order)) return order;
    this.#latest = order;
    return names;
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
}
