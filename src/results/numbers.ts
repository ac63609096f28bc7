import { digitAt } from './bytes.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LETTER_E = 0x65;
const LOWER_CASE = 0x20;

/** 10 to the power of its index, as far as doubles are exact. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
const MAX_POWER = powersOfTen.length - 1;
/** Whole numbers below this are exact. */
const EXACT = 2 ** 53;
/** A whole number below this takes one more digit within nine. */
const NINE_DIGITS = 1e8;
/** No number with as few digits as fit into memory needs a larger exponent to be 0 or endless. */
const ENDLESS = 1e9;
/** Far more than the error of a quotient that `divide` has corrected, and far less than half of its last digit. */
const DOUBT = 2 ** -98;
/** Cuts a double into two of 26 bits. */
const CUT = 2 ** 27 + 1;

/** Reads JSON numbers out of bytes, to the bit as `JSON.parse` does. */
export class NumberScanner {
  /** The number that was read last. */
  value = Number.NaN;

  /** Reads the number at `from` and returns the index behind it, or `~index` of the byte that does not belong to one. */
  read(bytes: Buffer, from: number): number {
    const negative = bytes[from] === MINUS;
    const first = negative ? from + 1 : from;
    let at = first;
    let digit = digitAt(bytes, at);
    let head = 0;
    for (; digit <= 9 && head < NINE_DIGITS; digit = digitAt(bytes, ++at)) head = head * 10 + digit;
    let tail = 0;
    const headEnd = at;
    for (; digit <= 9; digit = digitAt(bytes, ++at)) tail = (tail * 10 + digit) | 0;
    if (at === first || (at > first + 1 && bytes[first] === ZERO)) return ~at;
    const tailLength = at - headEnd;
    if (bytes[at] === POINT) at = this.readDecimals(bytes, from, at + 1, at + 1, head, tail, tailLength);
    else at = this.#readPower(bytes, from, at, head, tail, tailLength, 0);
    if (negative) this.value = -this.value;
    return at;
  }

  /**
   * Goes on at `at` with the decimals of the number at `from`, which begin at `point`; `head` is the first nine digits
   * that count, as far as they have been read, and `tail` what has been read behind them.
   */
  readDecimals(bytes: Buffer, from: number, point: number, at: number, head: number, tail = 0, tailLength = 0): number {
    let end = at;
    let first = head;
    let digit = digitAt(bytes, end);
    for (; digit <= 9 && first < NINE_DIGITS; digit = digitAt(bytes, ++end)) first = first * 10 + digit;
    const headEnd = end;
    let last = tail;
    for (; digit <= 9; digit = digitAt(bytes, ++end)) last = (last * 10 + digit) | 0;
    if (end === point) return ~end;
    return this.#readPower(bytes, from, end, first, last, tailLength + end - headEnd, point - end);
  }

  /** Goes on with the exponent, if there is one, and makes a number of all. */
  #readPower(
    bytes: Buffer,
    from: number,
    end: number,
    head: number,
    tail: number,
    tailLength: number,
    decimals: number,
  ): number {
    let at = end;
    let exponent = decimals;
    if (((bytes[at] as number) | LOWER_CASE) === LETTER_E) {
      const sign = bytes[++at];
      if (sign === MINUS || sign === PLUS) at++;
      const power = at;
      let written = 0;
      for (let digit = digitAt(bytes, at); digit <= 9; digit = digitAt(bytes, ++at)) {
        written = Math.min(written * 10 + digit, ENDLESS);
      }
      if (at === power) return ~at;
      exponent += sign === MINUS ? -written : written;
    }
    const size = tailLength <= 9 ? sizeOf(head, tail, tailLength, exponent) : Number.NaN;
    this.value = Number.isNaN(size) ? Math.abs(Number(bytes.toString('latin1', from, at))) : size;
    return at;
  }
}

/** A number of up to 18 digits, times 10 to the power of `exponent`; NaN where that takes more than doubles. */
function sizeOf(head: number, tail: number, tailLength: number, exponent: number): number {
  if (exponent > MAX_POWER || exponent < -MAX_POWER) return Number.NaN;
  // Exact, since 10 ** 9 is 5 ** 9, of 21 bits, but for its exponent.
  const high = head * (powersOfTen[tailLength] as number);
  const digits = high + tail;
  const power = powersOfTen[Math.abs(exponent)] as number;
  // Where both operands are exact, the one rounding gives the nearest double.
  if (digits < EXACT) return exponent < 0 ? digits / power : digits * power;
  return exponent < 0 ? divide(digits, tail - (digits - high), power) : Number.NaN;
}

/**
 * The double nearest to `(dividend + rest) / divisor`, where `rest` is what rounding has taken from the dividend; NaN
 * where that is in doubt. The first quotient is corrected by what is left of its product, which is worked out exactly
 * (T. J. Dekker, 1971): `Number` of the text takes several times as long.
 */
function divide(dividend: number, rest: number, divisor: number): number {
  const quotient = dividend / divisor;
  const product = quotient * divisor;
  const cutQuotient = quotient * CUT;
  const highQuotient = cutQuotient - (cutQuotient - quotient);
  const lowQuotient = quotient - highQuotient;
  const cutDivisor = divisor * CUT;
  const highDivisor = cutDivisor - (cutDivisor - divisor);
  const lowDivisor = divisor - highDivisor;
  const lost =
    highQuotient * highDivisor -
    product +
    highQuotient * lowDivisor +
    lowQuotient * highDivisor +
    lowQuotient * lowDivisor;
  const correction = (dividend - product - lost + rest) / divisor;
  const doubt = quotient * DOUBT;
  const nearest = quotient + (correction + doubt);
  return nearest === quotient + (correction - doubt) ? nearest : Number.NaN;
}
