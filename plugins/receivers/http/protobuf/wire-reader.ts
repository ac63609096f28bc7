import type { HrTime } from '@opentelemetry/api';
import type { Texts } from './texts.ts';

/** Thrown where a message is not as senders write it: it may be malformed or just rare, and is left to protobufjs. */
export class Unfamiliar extends Error {}

/** A field of which only the length is known; wire types by their last three bits. */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

const WORD = 0x1_0000_0000;
const NANOSECONDS = 1_000_000_000;

/**
 * Reads the wire format of protobuf. Throws `Unfamiliar` for what is cut off, too long or a group, or `RangeError` beyond
 * the last byte. Whoever reads a message up to its end calls `finish`: nothing else says that it went too far.
 */
export class WireReader {
  readonly bytes: Buffer;
  pos = 0;
  /** The halves of the 64 bits that were read last. */
  low = 0;
  high = 0;
  /** The key of the pair that was read last. */
  key = '';
  readonly #view: DataView;
  readonly #texts: Texts;

  constructor(bytes: Buffer, texts: Texts) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#texts = texts;
  }

  /** A field's number and wire type; all fields of OTLP have one byte for it. */
  tag(): number {
    const tag = this.bytes[this.pos++] as number;
    if (tag >= 8 && tag < 0x80) return tag;
    throw new Unfamiliar();
  }

  /** Where the bytes end whose length comes next. */
  end(): number {
    const length = this.bytes[this.pos++] as number;
    const end = length < 0x80 ? this.pos + length : this.#longEnd(length);
    if (end <= this.bytes.length) return end;
    throw new Unfamiliar();
  }

  /** Checks that a message has been read up to its end and not beyond. */
  finish(end: number): void {
    if (this.pos !== end) throw new Unfamiliar();
  }

  /** Passes over a field that is not read. */
  skip(tag: number): void {
    switch (tag & 7) {
      case VARINT:
        this.varint();
        break;
      case FIXED64:
        this.pos += 8;
        break;
      case DELIMITED:
        this.pos = this.end();
        break;
      case FIXED32:
        this.pos += 4;
        break;
      default:
        throw new Unfamiliar();
    }
  }

  double(): number {
    const value = this.#view.getFloat64(this.pos, true);
    this.pos += 8;
    return value;
  }

  /** Reads 64 bits into `low` and `high`. */
  fixed64(): void {
    this.low = this.#view.getUint32(this.pos, true);
    this.high = this.#view.getUint32(this.pos + 4, true);
    this.pos += 8;
  }

  /** Reads a varint into `low` and `high`. */
  varint(): void {
    const first = this.bytes[this.pos++] as number;
    this.low = first;
    this.high = 0;
    if (first >= 0x80) this.#longVarint(first & 0x7f);
    else if (!(first >= 0)) throw new Unfamiliar();
  }

  /** A varint of at most 32 bits. */
  uint32(): number {
    this.varint();
    if (this.high === 0) return this.low;
    throw new Unfamiliar();
  }

  sint32(): number {
    const zigzag = this.uint32();
    return (zigzag >>> 1) ^ -(zigzag & 1);
  }

  bool(): boolean {
    return this.uint32() !== 0;
  }

  /** A field of text, with its length before it. */
  text(): string {
    const end = this.end();
    const start = this.pos;
    this.pos = end;
    const text = this.#texts.read(this.bytes, start, end);
    if (text === undefined) throw new Unfamiliar();
    return text;
  }

  /** The 64 bits that were read last as an unsigned number, the nearest double. */
  unsigned(): number {
    return this.high * WORD + this.low;
  }

  /** The same as a signed number. */
  signed(): number {
    return (this.high | 0) * WORD + this.low;
  }

  /** The same as nanoseconds since 1970, exact; undefined where they are 0, which is OTLP's "unknown". */
  time(): HrTime | undefined {
    const { low, high } = this;
    if (low === 0 && high === 0) return undefined;
    // The double may be beside the truth, but by less than a second; 32 bits are enough for what is left then.
    let seconds = Math.floor((high * WORD + low) / NANOSECONDS);
    let rest = (low - Math.imul(seconds, NANOSECONDS)) | 0;
    if (rest < 0) {
      seconds--;
      rest += NANOSECONDS;
    } else if (rest >= NANOSECONDS) {
      seconds++;
      rest -= NANOSECONDS;
    }
    return [seconds, rest];
  }

  #longEnd(first: number): number {
    let length = first & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = this.bytes[this.pos++] as number;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) return this.pos + length;
    }
    throw new Unfamiliar();
  }

  #longVarint(first: number): void {
    let [low, middle, high] = [first, 0, 0];
    for (let index = 1; index < 10; index++) {
      const byte = this.bytes[this.pos++] as number;
      if (index < 4) low |= (byte & 0x7f) << (7 * index);
      else if (index < 8) middle |= (byte & 0x7f) << (7 * (index - 4));
      else high |= (byte & 0x7f) << (7 * (index - 8));
      if (byte >= 0x80) continue;
      if (!(byte >= 0)) break;
      this.low = (low | (middle << 28)) >>> 0;
      this.high = ((middle >>> 4) | (high << 24)) >>> 0;
      return;
    }
    throw new Unfamiliar();
  }
}
