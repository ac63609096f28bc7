/** Does the work for one key in the order in which it came, one after the other; other keys do not wait for it. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves, or rejects, with what the work comes to. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
