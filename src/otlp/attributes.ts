import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { Message, MessageName, Plain } from './schema.ts';

/** Those of what has none. */
export const NO_ATTRIBUTES: Attributes = Object.freeze({});

/** Attributes as the SDK has them; see `addAttribute`. */
export function attributesOf(list: readonly Message<'KeyValue'>[]): Attributes {
  if (list.length === 0) return NO_ATTRIBUTES;
  const attributes: Attributes = {};
  for (const one of list) addAttribute(attributes, one);
  return attributes;
}

/**
 * Adds an attribute to others, or replaces the one of its name. Maps and mixed lists become JSON text, bytes become base64,
 * integers that a double cannot hold become digits, and one without a key or a value is left out.
 */
export function addAttribute(attributes: Attributes, { key, value }: Message<'KeyValue'>): void {
  if (value === undefined || value === null || key === '') return;
  if (key === '__proto__') {
    // Assigned to, it would not become an attribute.
    Object.defineProperty(attributes, key, { value: asAttribute(value), enumerable: true, configurable: true });
  } else attributes[key] = asAttribute(value);
}

/** Returns the value that a message of an attribute holds, and any other message as it is. */
export function plainOf(name: MessageName, message: object): unknown {
  switch (name) {
    case 'AnyValue': {
      const any = message as Message<'AnyValue'>;
      return any.value ? any[any.value] : null;
    }
    case 'ArrayValue':
      return (message as Message<'ArrayValue'>).values;
    case 'KeyValueList':
      return Object.fromEntries(
        (message as Message<'KeyValueList'>).values.map(({ key, value }) => [key, value ?? null]),
      );
    default:
      return message;
  }
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
