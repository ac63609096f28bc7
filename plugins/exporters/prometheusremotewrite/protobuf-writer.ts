const FIRST_SIZE = 4096;
const WORD = 0x1_0000_0000;
const LONGEST_VARINT = 10;

/** Writes fields of protobuf, each with its tag: number × 8 + wire type. */
export class ProtobufWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Returns all that was written; nothing more must be. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  text(tag: number, text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(tag, length);
    this.#bytes.write(text, this.#length);
    this.#length += length;
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.#head(tag, bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  double(tag: number, value: number): void {
    this.#reserve(LONGEST_VARINT + 8);
    this.#varint(tag);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  /** Writes a whole number of up to 2^53, with or without a sign. */
  integer(tag: number, value: number): void {
    this.#reserve(2 * LONGEST_VARINT);
    this.#varint(tag);
    this.#varint(value);
  }

  /** Writes a list of whole numbers that are not negative. */
  integers(tag: number, values: readonly number[]): void {
    const list = new ProtobufWriter();
    list.#reserve(LONGEST_VARINT * values.length);
    for (const value of values) list.#varint(value);
    this.bytes(tag, list.finish());
  }

  #head(tag: number, length: number): void {
    this.#reserve(2 * LONGEST_VARINT + length);
    this.#varint(tag);
    this.#varint(length);
  }

  #varint(value: number): void {
    // Of a negative number it is the 64 bits in two's complement.
    let low = value >>> 0;
    let high = Math.floor(value / WORD) >>> 0;
    while (high > 0 || low >= 0x80) {
      this.#bytes[this.#length++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.#length++] = low;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + count));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
