import { exactOrDigits, numberOfHalves, unsigned64 } from './fixed64.ts';
import type { ScalarName } from './schema.ts';

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
