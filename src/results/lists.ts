import { CLOSE_BRACKET, COMMA, SPACE } from './ascii.ts';
import { isWord, spaceEnd } from './bytes.ts';
import type { ScannedList } from './fields.ts';
import { NumberScanner } from './numbers.ts';

const ZERO = 0x30;
const POINT = 0x2e;
const LETTER_N = 0x6e;
/** How many values share a buffer. A buffer for each list costs more than reading it; larger ones outlive their use more. */
const SLAB = 2048;

/** Reads lists of numbers that are 0 or more out of bytes, without an object for each number. */
export class ListScanner {
  readonly #numbers = new NumberScanner();
  /** The buffer that lists are read into, where the one that is being read begins and ends, and whether it is whole. */
  #slab = new Float64Array(0);
  #start = 0;
  #end = 0;
  #whole = true;
  #mark = 0;
  #sum = 0;
  /** The number that was read last. */
  #value = Number.NaN;

  /** Remembers what has been read so far. */
  mark(): void {
    this.#mark = this.#end;
  }

  /** Gives back the room of what was read since then. */
  undo(): void {
    this.#end = this.#mark;
  }

  /**
   * Reads the list at `from` into `list`, and returns the index after it, or `~index` of the byte that does not belong to
   * one.
   */
  read(bytes: Buffer, from: number, list: ScannedList): number {
    this.#sum = 0;
    this.#start = this.#end;
    let at = spaceEnd(bytes, from + 1);
    this.#whole = bytes[at] === CLOSE_BRACKET;
    if (this.#whole) at++;
    while (!this.#whole) {
      at = this.#fill(bytes, at, this.#slab, this.#end);
      if (at < 0) return at;
      if (!this.#whole) this.#grow();
    }
    list.all = this.#slab;
    list.from = this.#start;
    list.length = this.#end - this.#start;
    list.sum = this.#sum;
    return at;
  }

  /** Reads numbers until the list ends or the buffer is full. */
  #fill(bytes: Buffer, from: number, slab: Float64Array, start: number): number {
    const { length } = slab;
    let sum = this.#sum;
    let end = start;
    let at = from;
    while (end < length) {
      at = this.#number(bytes, at);
      if (at < 0) return at;
      slab[end++] = this.#value;
      sum += this.#value;
      if (bytes[at] !== COMMA) {
        at = spaceEnd(bytes, at);
        if (bytes[at] !== COMMA) {
          this.#whole = bytes[at] === CLOSE_BRACKET;
          this.#end = end;
          this.#sum = sum;
          return this.#whole ? at + 1 : ~at;
        }
      }
      at++;
      if ((bytes[at] as number) <= SPACE) at = spaceEnd(bytes, at);
    }
    this.#end = end;
    this.#sum = sum;
    return at;
  }

  /**
   * Reads a number, or null. Most have at most three digits before the point and behind it: these are read without a loop,
   * in whole numbers of 32 bits, which takes a fifth off the whole list.
   */
  #number(bytes: Buffer, from: number): number {
    let at = from;
    let digits = (bytes[at] as number) - ZERO;
    if (digits >>> 0 > 9) return this.#other(bytes, from);
    let digit = (bytes[++at] as number) - ZERO;
    if (digit >>> 0 <= 9 && digits > 0) {
      digits = digits * 10 + digit;
      digit = (bytes[++at] as number) - ZERO;
      if (digit >>> 0 <= 9) {
        digits = digits * 10 + digit;
        digit = (bytes[++at] as number) - ZERO;
      }
    }
    let value = digits;
    if (digit === POINT - ZERO) {
      digit = (bytes[++at] as number) - ZERO;
      if (digit >>> 0 > 9) return ~at;
      digits = digits * 10 + digit;
      value = digits / 10;
      digit = (bytes[++at] as number) - ZERO;
      if (digit >>> 0 <= 9) {
        digits = digits * 10 + digit;
        value = digits / 100;
        digit = (bytes[++at] as number) - ZERO;
        if (digit >>> 0 <= 9) {
          digits = digits * 10 + digit;
          value = digits / 1000;
          digit = (bytes[++at] as number) - ZERO;
          if (digit >>> 0 <= 9) return this.#decimals(bytes, from, at, digits);
        }
      }
    }
    if (digit !== COMMA - ZERO && digit !== CLOSE_BRACKET - ZERO && digit > SPACE - ZERO)
      return this.#other(bytes, from);
    this.#value = value;
    return at;
  }

  /** Goes on at the fourth decimal of the number at `from`. */
  #decimals(bytes: Buffer, from: number, at: number, digits: number): number {
    const end = this.#numbers.readDecimals(bytes, from, at - 3, at, digits);
    this.#value = this.#numbers.value;
    return end < 0 || this.#value < Number.POSITIVE_INFINITY ? end : ~from;
  }

  /** Reads a number of any form, or null. */
  #other(bytes: Buffer, from: number): number {
    if (bytes[from] === LETTER_N && isWord(bytes, from, 'null')) {
      this.#value = Number.NaN;
      return from + 'null'.length;
    }
    const end = this.#numbers.read(bytes, from);
    this.#value = this.#numbers.value;
    return end < 0 || (this.#value >= 0 && this.#value < Number.POSITIVE_INFINITY) ? end : ~from;
  }

  /** Goes on in a new buffer with the list that has filled this one. */
  #grow(): void {
    const list = this.#slab.subarray(this.#start);
    this.#slab = room(Math.max(SLAB, 2 * list.length));
    this.#slab.set(list);
    this.#start = 0;
    this.#end = list.length;
    this.#mark = 0;
  }
}

/** Room for that many values, which is not filled with 0 first. */
function room(length: number): Float64Array<ArrayBuffer> {
  return new Float64Array(Buffer.allocUnsafeSlow(length * Float64Array.BYTES_PER_ELEMENT).buffer);
}
