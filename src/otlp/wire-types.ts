import { exactOrDigits, numberOfHalves, unsigned64 } from './fixed64.ts';
import type { KnownAttributes } from './known-attributes.ts';
import type { ScalarName } from './schema.ts';
import type { Texts } from './texts.ts';

/** How the value of a field is written in protobuf: the lowest three bits of its tag. */
export const VARINT = 0;
export const FIXED64 = 1;
export const DELIMITED = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

const NAMES = ['a varint', '64 bits', 'bytes with their length', 'a group', 'the end of a group', '32 bits'];

/** Returns what a wire type is called in messages. */
export function nameOfWireType(wireType: number): string {
  return NAMES[wireType] ?? 'of an unknown wire type';
}

/** Says that a value is of another wire type than its field. */
export function mismatch(found: number, expected: number): string {
  return `is ${nameOfWireType(found)}, not ${nameOfWireType(expected)}`;
}

/** Says that a value ends behind what it stands in, which is the whole where it is cut off. */
export function beyond(isCutOff: boolean): string {
  return isCutOff ? 'is cut off' : 'goes beyond the end of the message that it is in';
}

/** How values are read. */
export interface WireOptions {
  readonly texts: Texts;
  readonly knownAttributes: KnownAttributes;
  /** Whether an `int64` that a double may not hold is read as its digits. */
  readonly keepsDigits: boolean;
}

/** Returns the value that a varint of these halves has in a field of a type; `keepsDigits` is that of `WireOptions`. */
export function varintAs(type: ScalarName, low: number, high: number, keepsDigits: boolean): unknown {
  switch (type) {
    case 'bool':
      return (low | high) !== 0;
    case 'int32':
      return low | 0;
    case 'int64':
      return keepsDigits ? exactOrDigits(low, high | 0) : numberOfHalves(low, high | 0);
    case 'uint64':
      return unsigned64(numberOfHalves(low, high));
    case 'sint32':
      return (low >>> 1) ^ -(low & 1);
    default:
      return low;
  }
}
