/** A set of labels, in whatever order they come, and the rows of its series in the tables that have one. */
export class LabelSet {
  /** Their text, by which the set is known. */
  readonly key: string;
  /** Table and row by turns. They are few: to look through them takes less time than a map in each table. */
  #rows: readonly (object | number)[] = [];

  constructor(key: string) {
    this.key = key;
  }

  /** The row in a table; undefined where it has none. */
  rowIn(table: object): number | undefined {
    for (let i = 0; i < this.#rows.length; i += 2) if (this.#rows[i] === table) return this.#rows[i + 1] as number;
    return undefined;
  }

  /** Notes its row in a table that has none of it yet. */
  place(table: object, row: number): void {
    // Copied, since an array that grows keeps room for 16 more.
    this.#rows = [...this.#rows, table, row];
  }

  /** Takes it out of a table; says whether that was the last one. */
  remove(table: object): boolean {
    const index = this.#rows.indexOf(table);
    if (index < 0) return false;
    this.#rows = this.#rows.toSpliced(index, 2);
    return this.#rows.length === 0;
  }
}

/** The label sets of all series: those of a run share one, which is looked for once. */
export class LabelSets {
  readonly #sets = new Map<string, LabelSet>();

  /** The set of that key, a new one where there is none. */
  of(key: string): LabelSet {
    let set = this.#sets.get(key);
    if (!set) {
      set = new LabelSet(key);
      this.#sets.set(key, set);
    }
    return set;
  }

  /** Takes a set out of a table, and forgets it where it is in no other. */
  release(set: LabelSet, table: object): void {
    if (set.remove(table)) this.#sets.delete(set.key);
  }
}
