import { digitAt } from './result-bytes.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LETTER_E = 0x65;
const LOWER_CASE = 0x20;

/** 10 to the power of its index, as far as doubles are exact. */
export const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const MAX_POWER = powersOfTen.length - 1;
/** Whole numbers below this are exact, and one that is not below it is not rounded to below it either. */
const EXACT = 2 ** 53;
/** No number with as few digits as fit into memory needs a larger exponent to be 0 or endless. */
const ENDLESS = 1e9;

/** Reads JSON numbers out of bytes, to the bit as `JSON.parse` does. */
export class NumberScanner {
  /** The number that was read last. */
  value = 0;

  /** Reads the number at `from` and returns the index behind it, or `~index` of the byte that does not belong to one. */
  read(bytes: Buffer, from: number): number {
    const negative = bytes[from] === MINUS;
    const first = negative ? from + 1 : from;
    let at = first;
    let mantissa = 0;
    let digit = digitAt(bytes, at);
    for (; digit <= 9; digit = digitAt(bytes, ++at)) mantissa = mantissa * 10 + digit;
    if (at === first || (at > first + 1 && bytes[first] === ZERO)) return ~at;
    let exponent = 0;
    if (bytes[at] === POINT) {
      const point = ++at;
      digit = digitAt(bytes, at);
      for (; digit <= 9; digit = digitAt(bytes, ++at)) mantissa = mantissa * 10 + digit;
      if (at === point) return ~at;
      exponent = point - at;
    }
    if (((bytes[at] as number) | LOWER_CASE) === LETTER_E) {
      const sign = bytes[++at];
      if (sign === MINUS || sign === PLUS) at++;
      const power = at;
      let written = 0;
      digit = digitAt(bytes, at);
      for (; digit <= 9; digit = digitAt(bytes, ++at)) written = Math.min(written * 10 + digit, ENDLESS);
      if (at === power) return ~at;
      exponent += sign === MINUS ? -written : written;
    }
    if (mantissa >= EXACT || exponent > MAX_POWER || exponent < -MAX_POWER) {
      this.value = Number(bytes.toString('latin1', from, at));
      return at;
    }
    // Both operands are exact, so that the one rounding gives the nearest double.
    const size =
      exponent < 0 ? mantissa / (powersOfTen[-exponent] as number) : mantissa * (powersOfTen[exponent] as number);
    this.value = negative ? -size : size;
    return at;
  }
}
