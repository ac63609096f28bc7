interface Link<T> {
  readonly item: T;
  next?: Link<T>;
}

/** Items in the order in which they were added; adding and taking cost the same however many there are. */
export class Fifo<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(item: T): void {
    const link: Link<T> = { item };
    if (this.#last) this.#last.next = link;
    else this.#first = link;
    this.#last = link;
    this.#length++;
  }

  /** Takes out the oldest items, at most that many. */
  take(most: number): T[] {
    const taken: T[] = [];
    while (this.#first && taken.length < most) {
      taken.push(this.#first.item);
      this.#first = this.#first.next;
    }
    if (!this.#first) this.#last = undefined;
    this.#length -= taken.length;
    return taken;
  }
}
