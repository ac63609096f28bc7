const LEAST_ROOM = 1024;

/**
 * Small numbers by digests of 16 hexadecimal digits, for millions of runs: 9 bytes each, in tables that are at most three
 * quarters full.
 */
export class RunDigests {
  #count = 0;
  /** The two halves of each digest. */
  #keys = new Uint32Array(2 * LEAST_ROOM);
  /** The number of each; 0 where there is none. */
  #values = new Uint8Array(LEAST_ROOM);

  /** Returns how many digests have a number. */
  get size(): number {
    return this.#count;
  }

  /** Returns the number of a digest; 0 where it has none. */
  get(digest: string): number {
    const [high, low] = halvesOf(digest);
    return this.#values[this.#slotOf(high, low)] as number;
  }

  /** Gives a digest a number from 1 to 255, in place of the one that it has. */
  set(digest: string, value: number): void {
    const [high, low] = halvesOf(digest);
    if (this.#put(high, low, value)) this.#count++;
    if (4 * this.#count > 3 * this.#values.length) this.#grow();
  }

  #put(high: number, low: number, value: number): boolean {
    const slot = this.#slotOf(high, low);
    const isNew = this.#values[slot] === 0;
    this.#keys[2 * slot] = high;
    this.#keys[2 * slot + 1] = low;
    this.#values[slot] = value;
    return isNew;
  }

  /** The slot of a digest, or the one that it would be put into. Digests are even as they are. */
  #slotOf(high: number, low: number): number {
    const mask = this.#values.length - 1;
    let slot = low & mask;
    while (this.#values[slot] !== 0 && (this.#keys[2 * slot] !== high || this.#keys[2 * slot + 1] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Uint32Array(2 * keys.length);
    this.#values = new Uint8Array(2 * values.length);
    for (let slot = 0; slot < values.length; slot++) {
      const value = values[slot] as number;
      if (value !== 0) this.#put(keys[2 * slot] as number, keys[2 * slot + 1] as number, value);
    }
  }
}

function halvesOf(digest: string): readonly [high: number, low: number] {
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8), 16)];
}
