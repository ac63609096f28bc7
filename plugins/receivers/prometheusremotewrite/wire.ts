import { numberOfHalves, wireTypes } from 'wattline/otlp';

const { DELIMITED, END_GROUP, FIXED32, FIXED64, nameOfWireType, START_GROUP, VARINT } = wireTypes;

/** A body that is not the message that it should be; the message names the byte. */
export class WireError extends Error {
  override name = 'WireError';
}

/** Groups within groups deeper than this are refused, as protobuf's own readers do. */
const DEEPEST = 100;

/**
 * Reads a body in protobuf from its beginning on. It throws `WireError` at what is cut off, and at numbers that are too long.
 * Who reads a field knows its tag, and so how it is written.
 */
export class Wire {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** The next byte that is read. */
  at = 0;
  #low = 0;
  #high = 0;

  constructor(body: Uint8Array) {
    this.bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  }

  /** Reads the tag of the next field of a message that ends there; returns 0 where it has ended. */
  tag(end: number): number {
    if (this.at >= end) return 0;
    const tag = this.uint32(end);
    if (tag < 8) this.fail('a field has the number 0');
    return tag;
  }

  /** Reads the length of what begins then; returns where it ends. */
  open(end: number): number {
    const until = this.uint32(end) + this.at;
    if (until > end) this.fail('a field goes beyond the end of what it is in');
    return until;
  }

  /** Reads the length of a field of bytes and passes over it; returns where it began. */
  pass(end: number): number {
    const until = this.open(end);
    const start = this.at;
    this.at = until;
    return start;
  }

  /** Passes over 64 bits; returns where they begin. */
  fixed64(end: number): number {
    return this.#take(8, end);
  }

  /** Reads a varint with a sign: the nearest double. */
  int64(end: number): number {
    this.#varint(end);
    return numberOfHalves(this.#low, this.#high | 0);
  }

  /** Reads a varint of up to 32 bits. */
  uint32(end: number): number {
    const byte = this.bytes[this.at] as number;
    if (byte < 0x80 && this.at < end) {
      this.at++;
      return byte;
    }
    this.#varint(end);
    if (this.#high !== 0) this.fail('a number has more than 32 bits');
    return this.#low;
  }

  /** Passes over a field that nobody reads. */
  skip(tag: number, end: number, depth = 0): void {
    const wireType = tag & 7;
    if (wireType === VARINT) this.#varint(end);
    else if (wireType === FIXED64) this.#take(8, end);
    else if (wireType === DELIMITED) this.pass(end);
    else if (wireType === FIXED32) this.#take(4, end);
    else if (wireType === START_GROUP && depth < DEEPEST) this.#skipGroup(end, depth);
    else this.fail(`a field is ${nameOfWireType(wireType)}${depth < DEEPEST ? '' : `, more than ${DEEPEST} deep`}`);
  }

  #skipGroup(end: number, depth: number): void {
    for (;;) {
      const tag = this.tag(end);
      if (tag === 0) this.fail('a group is cut off');
      if ((tag & 7) === END_GROUP) return;
      this.skip(tag, end, depth + 1);
    }
  }

  fail(problem: string): never {
    throw new WireError(`byte ${this.at}: ${problem}`);
  }

  #take(count: number, end: number): number {
    const start = this.at;
    if (start + count > end) this.fail('a field is cut off');
    this.at += count;
    return start;
  }

  #varint(end: number): void {
    let [low, middle, high] = [0, 0, 0];
    for (let index = 0; index < 10; index++) {
      const byte = this.bytes[this.#take(1, end)] as number;
      if (index < 4) low |= (byte & 0x7f) << (7 * index);
      else if (index < 8) middle |= (byte & 0x7f) << (7 * (index - 4));
      else high |= (byte & 0x7f) << (7 * (index - 8));
      if (byte >= 0x80) continue;
      this.#low = (low | (middle << 28)) >>> 0;
      this.#high = ((middle >>> 4) | (high << 24)) >>> 0;
      return;
    }
    this.fail('a number has more than ten bytes');
  }
}
