/** Items in the order in which they were added; adding and taking cost the same however many there are. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #taken = 0;

  get length(): number {
    return this.#items.length - this.#taken;
  }

  add(item: T): void {
    this.#items.push(item);
  }

  /** Drops the items that are not to be kept; costs as much as there are items. */
  keep(isKept: (item: T) => boolean): void {
    this.#items = (this.#items.slice(this.#taken) as T[]).filter(isKept);
    this.#taken = 0;
  }

  /** Takes out the oldest items, at most that many. */
  take(most: number): T[] {
    const end = Math.min(this.#taken + most, this.#items.length);
    const taken = this.#items.slice(this.#taken, end) as T[];
    this.#items.fill(undefined, this.#taken, end);
    this.#taken = end;
    if (2 * end < this.#items.length) return taken;
    this.#items = this.#items.slice(end);
    this.#taken = 0;
    return taken;
  }
}
