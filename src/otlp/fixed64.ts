/**
 * 64 bits without sign, exact: how many times 1,000,000,000, and the rest. Nanoseconds since 1970 are the SDK's `HrTime`
 * this way.
 */
export type Fixed64 = [billions: number, rest: number];

const BILLION = 1_000_000_000;
const WORD = 0x1_0000_0000;

/** The 64 bits of which these are the halves, each without sign. */
export function fixed64Of(low: number, high: number): Fixed64 {
  // The double may be beside the truth, but by less than a billion; 32 bits are enough for what is left then.
  let billions = Math.floor((high * WORD + low) / BILLION);
  let rest = (low - Math.imul(billions, BILLION)) | 0;
  if (rest < 0) {
    billions--;
    rest += BILLION;
  } else if (rest >= BILLION) {
    billions++;
    rest -= BILLION;
  }
  return [billions, rest];
}

/** The 64 bits of a whole number; undefined where it has a sign or more of them. */
export function fixed64OfBigint(value: bigint): Fixed64 | undefined {
  if (value < 0n || value >= 1n << 64n) return undefined;
  return [Number(value / BigInt(BILLION)), Number(value % BigInt(BILLION))];
}

/** The double nearest to the 64 bits of which these are the halves; `high` has the sign, if there is one. */
export function numberOfHalves(low: number, high: number): number {
  return high * WORD + low;
}

/** The largest double that 64 bits without sign can have. */
const LARGEST = 2 ** 64 - 2048;

/** A whole number without sign as 64 bits hold it: the double nearest to the last 1024 of them would be one too many. */
export function unsigned64(number: number): number {
  return Math.min(number, LARGEST);
}

/** The same where a double holds it, else its digits; `high` has the sign. */
export function exactOrDigits(low: number, high: number): number | string {
  const number = numberOfHalves(low, high);
  return Number.isSafeInteger(number) ? number : String((BigInt(high) << 32n) | BigInt(low));
}
