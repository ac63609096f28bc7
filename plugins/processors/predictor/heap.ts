/** Items of which the first by an order is known at any time: a binary heap. */
export class Heap<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #items: T[] = [];

  /** Orders by a comparison that is below 0 where `a` comes first. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  add(item: T): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#compare(item, this.#items[parent] as T) >= 0) break;
      this.#items[at] = this.#items[parent] as T;
      at = parent;
    }
    this.#items[at] = item;
  }

  /** Removes and returns the first item; there must be one. */
  takeFirst(): T {
    const first = this.#items[0] as T;
    const last = this.#items.pop() as T;
    if (this.#items.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an item in the place of the first one, and moves it to where it belongs. */
  #sink(item: T): void {
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      if (left >= this.#items.length) break;
      const rightIsFirst =
        right < this.#items.length && this.#compare(this.#items[right] as T, this.#items[left] as T) < 0;
      const child = rightIsFirst ? right : left;
      if (this.#compare(item, this.#items[child] as T) <= 0) break;
      this.#items[at] = this.#items[child] as T;
      at = child;
    }
    this.#items[at] = item;
  }
}
