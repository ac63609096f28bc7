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

  /** Takes out the oldest items, at most that many, and beyond the first only as long as the next one fits. */
  take(most: number, fits: (item: T) => boolean = () => true): T[] {
    const last = Math.min(this.#taken + most, this.#items.length);
    let end = this.#taken;
    while (end < last && (fits(this.#items[end] as T) || end === this.#taken)) end++;
    const taken = this.#items.slice(this.#taken, end) as T[];
    this.#items.fill(undefined, this.#taken, end);
    this.#taken = end;
    if (2 * end < this.#items.length) return taken;
    this.#items = this.#items.slice(end);
    this.#taken = 0;
    return taken;
  }
}
