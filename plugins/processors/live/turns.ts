/** Does the work for some keys in the order in which it came, one after the other; that for other keys does not wait for it. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Resolves, or rejects, with what the work comes to. It begins once all that came before for one of the keys has ended. */
  async take<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const before = Promise.allSettled(keys.flatMap((key) => this.#last.get(key) ?? []));
    const mine = before.then(work);
    for (const key of keys) this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      for (const key of keys) if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }
}
