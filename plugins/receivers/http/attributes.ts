import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { RequestError } from './answer.ts';
import { digitsIn, doubleIn, flagIn, has, type Message, messageIn, messagesIn, textIn } from './message.ts';

/** Attributes nested deeper than this are malformed; protobuf itself stops at 100. */
const DEEPEST = 100;

/** A value as JSON has it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * The attributes of a message as the SDK has them. Maps and mixed lists become JSON text, bytes become base64, integers
 * that a double cannot hold become digits, and attributes without a value are left out.
 */
export function attributesOf(parent: Message | undefined): Attributes {
  if (!parent) return {};
  const entries = messagesIn(parent, 'attributes').flatMap((keyValue): [string, AttributeValue][] => {
    const value = messageIn(keyValue, 'value');
    const plain = value && plainOf(value, 1);
    const key = textIn(keyValue, 'key') ?? '';
    return plain === null || plain === undefined || key === '' ? [] : [[key, asAttribute(plain)]];
  });
  return Object.fromEntries(entries);
}

/** A value as the SDK has it in attributes: maps and mixed lists become JSON text. */
export function asAttribute(value: Exclude<Plain, null>): AttributeValue {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value) && isUniform(value)) return value as AttributeValue;
  return JSON.stringify(value);
}

function isUniform(list: readonly Plain[]): boolean {
  return list.every((item) => item !== null && typeof item !== 'object' && typeof item === typeof list[0]);
}

function plainOf(value: Message, depth: number): Plain {
  if (depth > DEEPEST) throw new RequestError(400, `an attribute is nested more than ${DEEPEST} levels deep`);
  if (has(value, 'stringValue')) return textIn(value, 'stringValue') as string;
  if (has(value, 'boolValue')) return flagIn(value, 'boolValue');
  if (has(value, 'intValue')) return asNumber(digitsIn(value, 'intValue') as string);
  if (has(value, 'doubleValue')) return doubleIn(value, 'doubleValue') as number;
  if (has(value, 'bytesValue')) return asBase64(value);
  const list = messageIn(value, 'arrayValue');
  if (list) return messagesIn(list, 'values').map((item) => plainOf(item, depth + 1));
  const map = messageIn(value, 'kvlistValue');
  if (map) return Object.fromEntries(messagesIn(map, 'values').map((item) => plainEntry(item, depth + 1)));
  return null;
}

function plainEntry(keyValue: Message, depth: number): [string, Plain] {
  const value = messageIn(keyValue, 'value');
  return [textIn(keyValue, 'key') ?? '', value ? plainOf(value, depth) : null];
}

function asNumber(digits: string): number | string {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : digits;
}

/** JSON has bytes in base64 already. */
function asBase64(value: Message): string {
  const { bytesValue } = value;
  return bytesValue instanceof Uint8Array
    ? Buffer.from(bytesValue).toString('base64')
    : (textIn(value, 'bytesValue') as string);
}
