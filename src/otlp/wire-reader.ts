import type { Attributes, HrTime } from '@opentelemetry/api';
import { addAttribute, NO_ATTRIBUTES } from './attributes.ts';
import { numberOfHalves, unsigned64 } from './fixed64.ts';
import { endOfFields, type KnownAttributes } from './known-attributes.ts';
import { KnownTimes } from './known-time.ts';
import { type MessageType, pathOf } from './message-type.ts';
import { Allowance, DEEPEST, failPart, MOST_IN_A_PART, OtlpError, type OtlpLimits } from './otlp-error.ts';
import type { Message, ScalarName } from './schema.ts';
import type { Texts } from './texts.ts';
import {
  beyond,
  DELIMITED,
  END_GROUP,
  FIXED32,
  FIXED64,
  mismatch,
  START_GROUP,
  VARINT,
  varintAs,
  type WireOptions,
} from './wire-types.ts';

/**
 * Reads the fields of messages in protobuf, and the values of fields. It refuses with `OtlpError`, which names the place,
 * what is cut off, longer than what it stands in, or of another wire type than its field. 64 bits are exact in times, and
 * the nearest double elsewhere.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #texts: Texts;
  readonly #knownAttributes: KnownAttributes;
  readonly #keepsDigits: boolean;
  readonly left: Allowance;
  #pos = 0;
  /** The type of the whole. */
  readonly #type: MessageType;
  /** Where the message ends that is being read, and how many it is in. */
  #end: number;
  #depth = 0;
  /** Of each message that it is in: where it ends, the number of the field that is being read, and its place in a list. */
  readonly #ends: number[] = [];
  readonly #ids: number[] = [];
  readonly #indexes: number[] = [];
  /** The field that was begun last: where it stands, its tag, and its place in a list of messages. */
  #tagAt = 0;
  #tag = 0;
  #index = 0;
  /** The halves of the varint that was read last. */
  #low = 0;
  #high = 0;
  readonly #times = new KnownTimes();

  /** Reads a message of this type. */
  constructor(
    bytes: Uint8Array,
    type: MessageType,
    { texts, knownAttributes, keepsDigits }: WireOptions,
    limits?: OtlpLimits,
  ) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#texts = texts;
    this.#knownAttributes = knownAttributes;
    this.#keepsDigits = keepsDigits;
    this.left = new Allowance(bytes.byteLength, limits);
    this.#type = type;
    this.#end = bytes.byteLength;
  }

  /** Begins the next field of the message; returns its number, or 0 where the message ends, which closes it. */
  nextField(): number {
    if (this.#pos >= this.#end) {
      if (this.#depth > 0) this.#end = this.#ends[--this.#depth] as number;
      return 0;
    }
    this.#tagAt = this.#pos;
    this.#tag = this.#bytes[this.#pos] as number;
    if (this.#tag < 0x80) this.#pos++;
    else this.#tag = this.#varint32('a tag');
    if (this.#tag < 8) this.#fail('has the number 0');
    return this.#tag >>> 3;
  }

  /** Opens the message that the field is; `index` is its place where the field is a list. */
  open(index: number): void {
    this.#index = index;
    const start = this.#delimited();
    if (this.#depth === DEEPEST) this.#fail(`is nested more than ${DEEPEST} levels deep`);
    this.#countMessage();
    this.#ends[this.#depth] = this.#end;
    this.#ids[this.#depth] = this.#tag >>> 3;
    this.#indexes[this.#depth] = index;
    this.#depth++;
    this.#end = this.#pos;
    this.#pos = start;
  }

  /**
   * Reads the attributes from the field on, and adds them to those before. The same bytes give the same object, which is
   * frozen.
   */
  attributes(before: Attributes, read: (reader: WireReader) => Message<'KeyValue'>): Attributes {
    const [start, tag, depth] = [this.#tagAt, this.#tag, this.#depth];
    const end = before === NO_ATTRIBUTES ? endOfFields(this.#bytes, start, tag, this.#end) : 0;
    const known = end > 0 ? this.#knownAttributes.find(this.#bytes, start, end, depth) : undefined;
    const { left } = this;
    if (known && known.messages <= left.messages) {
      left.messages -= known.messages;
      left.take('attributes', known.count);
      this.#pos = end;
      return known.attributes;
    }
    const messagesBefore = left.messages;
    const attributes = Object.isFrozen(before) ? { ...before } : before;
    let count = 0;
    // An attribute is two messages, and more where it is a list.
    left.fewest = Math.max(0, messagesBefore - 2 * MOST_IN_A_PART);
    do {
      this.open(count++);
      left.take('attributes');
      addAttribute(attributes, read(this));
    } while (this.#pos < this.#end && this.#bytes[this.#pos] === tag && this.nextField() !== 0);
    left.fewest = 0;
    if (this.#pos === end) {
      const messages = messagesBefore - left.messages;
      const read = { depth, messages, count, attributes: Object.freeze(attributes) };
      this.#knownAttributes.keep(this.#bytes, start, end, read);
    }
    return attributes;
  }

  /** Passes over the value of the field, which counts as a message, since its bytes may be as few. */
  skip(wireType = this.#tag & 7): void {
    this.#countMessage();
    if (wireType === VARINT) this.#varint();
    else if (wireType === FIXED64) this.#take(8);
    else if (wireType === DELIMITED) this.#take(this.#varint32('a length'));
    else if (wireType === FIXED32) this.#take(4);
    else if (wireType === START_GROUP) this.#skipGroup();
    else this.#fail('has no valid wire type');
  }

  #countMessage(): void {
    const { left } = this;
    if (--left.messages >= left.fewest) return;
    if (left.messages >= 0) failPart(this.#path());
    this.#fail(`is one of more than ${left.mostMessages} messages, too many for the body`);
  }

  /** Throws: the message that is being read has more fields than one that is read in one go may have. */
  failFields(): never {
    failPart(this.#path());
  }

  #skipGroup(): void {
    let open = 1;
    while (open > 0) {
      const wireType = this.#varint32('a tag') & 7;
      if (wireType === END_GROUP) open--;
      else if (wireType !== START_GROUP) this.skip(wireType);
      else {
        this.#countMessage();
        open++;
      }
    }
  }

  /** Reads the value of a field that is no message. */
  scalar(type: ScalarName): unknown {
    switch (type) {
      case 'string':
        return this.text();
      case 'bytes':
        return this.#bytes.toString('base64', this.#delimited(), this.#pos);
      case 'double':
        return this.double();
      case 'time':
        return this.time();
      case 'fixed64':
      case 'sfixed64':
        return this.integer64(type === 'sfixed64');
      default:
        return this.#varintOf(type);
    }
  }

  #varintOf(type: ScalarName): unknown {
    this.#expect(VARINT);
    this.#varint();
    return varintAs(type, this.#low, this.#high, this.#keepsDigits);
  }

  text(): string {
    return this.#texts.read(this.#bytes, this.#delimited(), this.#pos);
  }

  double(): number {
    return this.#view.getFloat64(this.#fixed64(), true);
  }

  time(): HrTime {
    const at = this.#fixed64();
    const known = this.#times.of(this.#tag >>> 3);
    return known.read(this.#view.getUint32(at, true), this.#view.getUint32(at + 4, true));
  }

  /** Reads 64 bits as a whole number, with or without a sign. */
  integer64(isSigned: boolean): number {
    const at = this.#fixed64();
    const low = this.#view.getUint32(at, true);
    if (isSigned) return numberOfHalves(low, this.#view.getInt32(at + 4, true));
    return unsigned64(numberOfHalves(low, this.#view.getUint32(at + 4, true)));
  }

  /** Adds the numbers of a list, which may come together or one by one. */
  numbers(type: ScalarName, list: unknown[]): void {
    if ((this.#tag & 7) !== DELIMITED) {
      list.push(this.scalar(type));
      if (list.length > MOST_IN_A_PART) failPart(this.#path());
      return;
    }
    const start = this.#delimited();
    const end = this.#pos;
    this.#pos = start;
    if (end - start > 8 * MOST_IN_A_PART || list.length > MOST_IN_A_PART) failPart(this.#path());
    // Each is read as if it had come alone.
    this.#tag += (type === 'uint64' ? VARINT : FIXED64) - DELIMITED;
    if (type === 'double') while (this.#pos < end) list.push(this.double());
    else if (type === 'fixed64') while (this.#pos < end) list.push(this.integer64(false));
    else while (this.#pos < end) list.push(this.scalar(type));
    if (this.#pos !== end) this.#fail('has a number that goes beyond its end');
  }

  /** Takes 64 bits; returns where they begin. */
  #fixed64(): number {
    this.#expect(FIXED64);
    return this.#take(8);
  }

  /** Takes bytes whose length comes before them; returns where they begin. */
  #delimited(): number {
    this.#expect(DELIMITED);
    let length = this.#bytes[this.#pos] as number;
    if (length < 0x80) this.#pos++;
    else length = this.#varint32('a length');
    return this.#take(length);
  }

  /** Takes that many bytes; returns where they begin. */
  #take(count: number): number {
    const at = this.#pos;
    this.#pos += count;
    if (this.#pos > this.#end) this.#fail(beyond(this.#pos > this.#bytes.length));
    return at;
  }

  #varint32(what: string): number {
    this.#varint();
    if (this.#high !== 0) this.#fail(`has ${what} of more than 32 bits`);
    return this.#low;
  }

  #varint(): void {
    this.#low = this.#bytes[this.#take(1)] as number;
    this.#high = 0;
    if (this.#low >= 0x80) this.#longVarint(this.#low & 0x7f);
  }

  #longVarint(first: number): void {
    let [low, middle, high] = [first, 0, 0];
    for (let index = 1; index < 10; index++) {
      const byte = this.#bytes[this.#take(1)] as number;
      if (index < 4) low |= (byte & 0x7f) << (7 * index);
      else if (index < 8) middle |= (byte & 0x7f) << (7 * (index - 4));
      else high |= (byte & 0x7f) << (7 * (index - 8));
      if (byte >= 0x80) continue;
      this.#low = (low | (middle << 28)) >>> 0;
      this.#high = ((middle >>> 4) | (high << 24)) >>> 0;
      return;
    }
    this.#fail('has a number of more than ten bytes');
  }

  #expect(wireType: number): void {
    if ((this.#tag & 7) !== wireType) this.#fail(mismatch(this.#tag & 7, wireType));
  }

  #fail(problem: string): never {
    const place = `byte ${this.#tagAt}, ${this.#path() || 'a field'}`;
    throw new OtlpError(`the body is not valid OTLP in protobuf: ${place}, ${problem}`);
  }

  /** Names the field that was begun last, such as `resource_metrics[0].schema_url`; an unknown one is what it is in. */
  #path(): string {
    const ids = [...this.#ids.slice(0, this.#depth), this.#tag >>> 3];
    const indexes = [...this.#indexes.slice(0, this.#depth), this.#index];
    return pathOf(this.#type, ids, indexes);
  }
}
