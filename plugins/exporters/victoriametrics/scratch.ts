const FIRST_BYTES = 64 * 1024;

/** Memory to write a request into, kept for the next one, since allocating it costs more than filling it. */
export class Scratch {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);

  /** At least so many bytes; what was written into it stays at its beginning, until the next request is written. */
  reserve(bytes: number): Buffer<ArrayBuffer> {
    if (bytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#bytes.length));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}
