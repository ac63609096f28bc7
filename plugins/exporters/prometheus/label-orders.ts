/**
 * The order of label names by which series are known: that in which the same names came first. Nearly all points have it
 * already, so that the text of their labels serves as their key, which a sorted one would not.
 */
export class LabelOrders {
  readonly #known = new Map<string, readonly string[]>();
  #latest: readonly string[] = [];

  /** These names in their order; the same array where they have it already. */
  of(names: readonly string[]): readonly string[] {
    if (isSame(names, this.#latest)) return names;
    const key = names.toSorted().join();
    const order = this.#known.get(key) ?? names;
    this.#known.set(key, order);
    if (!isSame(names, order)) return order;
    this.#latest = order;
    return names;
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
}
