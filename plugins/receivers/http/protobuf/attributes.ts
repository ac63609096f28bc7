import type { Attributes } from '@opentelemetry/api';
import { asAttribute, type Plain } from '../attributes.ts';
import { Unfamiliar, type WireReader } from './wire-reader.ts';

/** Attributes are hardly ever nested deeper; what is goes to protobufjs, which has a limit of its own. */
const DEEPEST = 8;

/** Reads a `KeyValue` with its length before it into `attributes`; one without a key or a value is left out. */
export function readAttribute(reader: WireReader, attributes: Attributes): void {
  const value = readKeyValue(reader, 1);
  const { key } = reader;
  // Assigned to, it would not become an attribute.
  if (key === '__proto__') throw new Unfamiliar();
  if (key !== '' && value !== null) attributes[key] = asAttribute(value);
}

/** Reads a `KeyValue`; its key is left in the reader. */
function readKeyValue(reader: WireReader, depth: number): Plain {
  const end = reader.end();
  let key = '';
  let value: Plain | undefined;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) key = reader.text();
    else if (tag !== 0x12) reader.skip(tag);
    else if (value === undefined) value = readAnyValue(reader, depth);
    else throw new Unfamiliar();
  }
  reader.finish(end);
  reader.key = key;
  return value ?? null;
}

/** Reads an `AnyValue` with its length before it; null is none. */
function readAnyValue(reader: WireReader, depth: number): Plain {
  const end = reader.end();
  let value: Plain | undefined;
  while (reader.pos < end) {
    const tag = reader.tag();
    const read = readValue(reader, tag, depth);
    if (read === undefined) reader.skip(tag);
    else if (value === undefined) value = read;
    else throw new Unfamiliar();
  }
  reader.finish(end);
  return value ?? null;
}

/** Reads one of the values that an `AnyValue` may have; undefined is another field. */
function readValue(reader: WireReader, tag: number, depth: number): Plain | undefined {
  switch (tag) {
    case 0x0a:
      return reader.text();
    case 0x10:
      return reader.bool();
    case 0x18:
      return readInteger(reader);
    case 0x21:
      return reader.double();
    case 0x2a:
      return readList(reader, deeper(depth));
    case 0x32:
      return readMap(reader, deeper(depth));
    case 0x3a:
      return readBytes(reader);
    default:
      return undefined;
  }
}

function deeper(depth: number): number {
  if (depth >= DEEPEST) throw new Unfamiliar();
  return depth + 1;
}

/** An integer that a double cannot hold becomes its digits. */
function readInteger(reader: WireReader): number | string {
  reader.varint();
  const number = reader.signed();
  if (Number.isSafeInteger(number)) return number;
  return String((BigInt(reader.high | 0) << 32n) | BigInt(reader.low));
}

function readBytes(reader: WireReader): string {
  const end = reader.end();
  const start = reader.pos;
  reader.pos = end;
  return reader.bytes.toString('base64', start, end);
}

function readList(reader: WireReader, depth: number): Plain[] {
  const end = reader.end();
  const list: Plain[] = [];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) list.push(readAnyValue(reader, depth));
    else reader.skip(tag);
  }
  reader.finish(end);
  return list;
}

function readMap(reader: WireReader, depth: number): Plain {
  const end = reader.end();
  const entries: [string, Plain][] = [];
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag !== 0x0a) {
      reader.skip(tag);
      continue;
    }
    const value = readKeyValue(reader, depth);
    entries.push([reader.key, value]);
  }
  reader.finish(end);
  return Object.fromEntries(entries);
}
