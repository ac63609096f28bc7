import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { AnyValue, KeyValue } from './generated/metrics.js';

/** A value as JSON has it. */
type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

const NONE: Attributes = Object.freeze({});

/**
 * Attributes as the SDK has them. Maps and mixed lists become JSON text, bytes become base64, integers that a double
 * cannot hold become digits, and attributes without a key or a value are left out.
 */
export function attributesOf(list: readonly KeyValue[]): Attributes {
  if (list.length === 0) return NONE;
  const attributes: Attributes = {};
  for (const { key, value } of list) {
    const plain = value ? plainOf(value) : null;
    if (plain === null || key === '') continue;
    if (key === '__proto__') {
      // Assigned to, it would not become an attribute.
      Object.defineProperty(attributes, key, { value: asAttribute(plain), enumerable: true, configurable: true });
    } else attributes[key] = asAttribute(plain);
  }
  return attributes;
}

function plainOf(value: AnyValue): Plain {
  switch (value.value) {
    case 'string_value':
      return value.string_value;
    case 'bool_value':
      return value.bool_value;
    case 'int_value':
      return typeof value.int_value === 'number' ? value.int_value : String(value.int_value);
    case 'double_value':
      return value.double_value;
    case 'bytes_value':
      return Buffer.from(value.bytes_value ?? []).toString('base64');
    case 'array_value':
      return value.array_value?.values.map(plainOf) ?? null;
    case 'kvlist_value':
      return Object.fromEntries(value.kvlist_value?.values.map(plainEntry) ?? []);
    default:
      return null;
  }
}

function plainEntry({ key, value }: KeyValue): [string, Plain] {
  return [key, value ? plainOf(value) : null];
}

/** Maps and mixed lists become JSON text. */
function asAttribute(value: Exclude<Plain, null>): AttributeValue {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value) && isUniform(value)) return value as AttributeValue;
  return JSON.stringify(value);
}

function isUniform(list: readonly Plain[]): boolean {
  return list.every((item) => item !== null && typeof item !== 'object' && typeof item === typeof list[0]);
}
