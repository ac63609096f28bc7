import { attributesOf, plainOf } from './attributes.ts';
import { fixed64OfBigint } from './fixed64.ts';
import { type Field, messageTypes } from './message-type.ts';
import { DEEPEST, OtlpError } from './otlp-error.ts';
import type { Message, MessageName, ScalarName } from './schema.ts';

const INTEGER = /^-?\d{1,20}$/;
const DECIMAL = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
const TEMPORALITIES: Readonly<Record<string, number>> = {
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
};

/** How many messages of a body may still come. */
export interface MessagesLeft {
  left: number;
}

/**
 * Makes of JSON the message of that name, or the value that stands for it: fields by their names in camelCase, or as in
 * the .proto files; whole numbers, and any number, may be text. Throws `OtlpError` where a field is of a wrong type.
 */
export function readMessage(name: MessageName, value: unknown, messages: MessagesLeft, path = '', depth = 0): unknown {
  if (--messages.left < 0) throw new OtlpError(`${path} is one of more messages than its body may hold`);
  if (depth > DEEPEST) throw new OtlpError(`${path} is nested more than ${DEEPEST} levels deep`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(path, 'an object', value);
  const source = value as Readonly<Record<string, unknown>>;
  const type = messageTypes[name];
  const message: Record<string, unknown> = { ...type.absent };
  for (const field of type.fields) {
    const found = source[field.name] ?? source[field.protoName];
    // Null is a field that is absent.
    if (found === undefined || found === null) continue;
    const place = path === '' ? field.name : `${path}.${field.name}`;
    message[field.name] = field.isList
      ? readList(field, found, messages, place, depth)
      : readField(field, found, messages, place, depth);
    if (field.isAttributes) message[field.name] = attributesOf(message[field.name] as Message<'KeyValue'>[]);
    if (field.choice) message[field.choice] = field.name;
  }
  return plainOf(name, message);
}

function readList(field: Field, value: unknown, messages: MessagesLeft, path: string, depth: number): unknown[] {
  if (!Array.isArray(value)) return wrong(path, 'a list', value);
  return value.map((item, index) => readField(field, item, messages, `${path}[${index}]`, depth));
}

function readField(field: Field, value: unknown, messages: MessagesLeft, path: string, depth: number): unknown {
  if (field.message) return readMessage(field.message, value, messages, path, depth + 1);
  // Numbers of a list are taken with any sign.
  if (field.isList && field.scalar === 'fixed64') return Number(wholeOf(value, path));
  return readScalar(field.scalar as ScalarName, value, path);
}

function readScalar(type: ScalarName, value: unknown, path: string): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : wrong(path, 'a string', value);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(path, 'true or false', value);
    case 'double':
      return doubleOf(value, path);
    case 'bytes':
      if (typeof value !== 'string') return wrong(path, 'a string', value);
      return Buffer.from(value, 'base64').toString('base64');
    case 'temporality':
      if (typeof value === 'string' && !INTEGER.test(value)) return TEMPORALITIES[value] ?? 0;
      return Number(wholeOf(value, path));
    case 'time':
      return fixed64OfBigint(BigInt(wholeOf(value, path))) ?? wrong(path, 'nanoseconds since 1970', value);
    case 'fixed64':
      if (!fixed64OfBigint(BigInt(wholeOf(value, path)))) wrong(path, 'a whole number of 64 bits without sign', value);
      return Number(value);
    case 'int64':
      return exactOrDigits(wholeOf(value, path));
    default:
      return Number(wholeOf(value, path));
  }
}

function doubleOf(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : wrong(path, 'a number', value);
}

function wholeOf(value: unknown, path: string): string | number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  return typeof value === 'string' && INTEGER.test(value) ? value : wrong(path, 'a whole number', value);
}

function exactOrDigits(value: string | number): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(BigInt(value));
}

/** What stands there is shown where it is short, and never looked into: it may be nested without end. */
function wrong(path: string, expected: string, value: unknown): never {
  const shown = Array.isArray(value)
    ? 'a list'
    : typeof value === 'object' && value
      ? 'an object'
      : JSON.stringify(value);
  const short = shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
  throw new OtlpError(`${path === '' ? 'the body' : `\`${path}\``} must be ${expected}, not ${short}`);
}
