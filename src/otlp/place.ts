import { messages } from './generated/messages.ts';
import type { Field, MessageType } from './message-type.ts';

const DELIMITED = 2;

/** A message that a place is in, as far as it can be told. */
interface Enclosing {
  readonly message: string;
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Names the field whose tag stands at an offset in a message, such as `byte 71, resource_metrics[0].schema_url,`. It
 * reads the message anew, as far as it can be read: only who has found it malformed asks.
 */
export function placeOf(bytes: Uint8Array, offset: number, message: string): string {
  let path: string | undefined = '';
  let within: Enclosing | undefined = { message, path, start: 0, end: bytes.length };
  while (within) {
    const found: Found = findIn(bytes, offset, within);
    path = found.path;
    within = found.next;
  }
  return `byte ${offset}, ${path === '' ? 'a field' : path},`;
}

interface Found {
  readonly path: string;
  readonly next?: Enclosing;
}

/** Goes through the fields of a message up to the one that the offset is in. */
function findIn(bytes: Uint8Array, offset: number, { message, path, start, end }: Enclosing): Found {
  const { fields } = messages[message] as MessageType;
  const counts = new Map<Field, number>();
  let pos = start;
  while (pos < end && pos <= offset) {
    const [tag, valueAt] = varintAt(bytes, pos);
    const field = fields.find(({ id }) => id === tag >>> 3);
    const index = field ? (counts.get(field) ?? 0) : 0;
    if (field) counts.set(field, index + 1);
    const isMessage = field?.message !== undefined && (tag & 7) === DELIMITED;
    const here = field ? `${path && `${path}.`}${field.name}${field.repeated && isMessage ? `[${index}]` : ''}` : path;
    if (pos === offset) return { path: here };
    const [from, to] = valueRange(bytes, tag & 7, valueAt);
    if (offset < to || to >= end) {
      return isMessage && offset >= from
        ? { path: here, next: { message: field.message, path: here, start: from, end: Math.min(to, bytes.length) } }
        : { path: here };
    }
    pos = to;
  }
  return { path };
}

/** Where a value begins and ends. */
function valueRange(bytes: Uint8Array, wireType: number, at: number): readonly [number, number] {
  if (wireType === DELIMITED) {
    const [length, from] = varintAt(bytes, at);
    return [from, from + length];
  }
  if (wireType === 0) return [at, varintAt(bytes, at)[1]];
  // Within a group nothing is named.
  return [at, wireType === 1 ? at + 8 : wireType === 5 ? at + 4 : Number.POSITIVE_INFINITY];
}

/** The low bits of a varint, and where it ends. */
function varintAt(bytes: Uint8Array, start: number): readonly [number, number] {
  let [value, pos] = [0, start];
  for (let shift = 0; pos < bytes.length && shift < 70; shift += 7) {
    const byte = bytes[pos++] as number;
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return [value >>> 0, pos];
}
