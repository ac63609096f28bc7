import type { HrTime } from '@opentelemetry/api';
import { RequestError } from './answer.ts';

/** An OTLP message as `JSON.parse` or protobufjs gives it: fields by their camelCase names, not yet checked. */
export type Message = Readonly<Record<string, unknown>>;

/** A 64-bit integer as protobufjs gives it. */
interface Long {
  readonly low: number;
  readonly high: number;
  readonly unsigned: boolean;
}

const NANOSECONDS = 1_000_000_000;
const WORD = 0x1_0000_0000;
const INTEGER = /^-?\d+$/;
const DECIMAL = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;

/** Whether a field is there; protobufjs keeps the defaults of absent ones on the prototype. */
export function has(message: Message, field: string): boolean {
  return Object.hasOwn(message, field) && message[field] !== null && message[field] !== undefined;
}

/** The message in a field, or undefined where it is absent. This and the following throw `RequestError` for a wrong type. */
export function messageIn(parent: Message, field: string): Message | undefined {
  return has(parent, field) ? asMessage(parent[field], field) : undefined;
}

/** The messages of a repeated field. */
export function messagesIn(parent: Message, field: string): Message[] {
  return listIn(parent, field).map((item) => asMessage(item, field));
}

/** The whole numbers of a repeated field. */
export function integersIn(parent: Message, field: string): number[] {
  return listIn(parent, field).map((item) => asInteger(item, field));
}

/** The numbers of a repeated field. */
export function doublesIn(parent: Message, field: string): number[] {
  return listIn(parent, field).map((item) => asDouble(item, field));
}

/** The text in a field, or undefined where it is absent. */
export function textIn(parent: Message, field: string): string | undefined {
  if (!has(parent, field)) return undefined;
  const value = parent[field];
  return typeof value === 'string' ? value : wrong(field, 'a string', value);
}

/** Whether a field is true. */
export function flagIn(parent: Message, field: string): boolean {
  if (!has(parent, field)) return false;
  const value = parent[field];
  return typeof value === 'boolean' ? value : wrong(field, 'true or false', value);
}

/** The number in a field, or undefined where it is absent. */
export function doubleIn(parent: Message, field: string): number | undefined {
  return has(parent, field) ? asDouble(parent[field], field) : undefined;
}

/** The whole number in a field, or undefined where it is absent; beyond 2^53 it is the nearest double. */
export function integerIn(parent: Message, field: string): number | undefined {
  return has(parent, field) ? asInteger(parent[field], field) : undefined;
}

/** The whole number in a field as decimal digits, exact to 64 bits, or undefined where it is absent. */
export function digitsIn(parent: Message, field: string): string | undefined {
  if (!has(parent, field)) return undefined;
  const value = parent[field];
  return isLong(value) ? bigintOf(value).toString() : String(asWhole(value, field));
}

/** The time in a field, exact to the nanosecond, or undefined where it is absent or 0, which is OTLP's "unknown". */
export function timeIn(parent: Message, field: string): HrTime | undefined {
  if (!has(parent, field)) return undefined;
  const value = parent[field];
  const time = isLong(value) ? timeOfBigint(bigintOf(value)) : timeOfText(asWhole(value, field), field);
  return time[0] === 0 && time[1] === 0 ? undefined : time;
}

function listIn(parent: Message, field: string): readonly unknown[] {
  if (!has(parent, field)) return [];
  const value = parent[field];
  return Array.isArray(value) ? value : wrong(field, 'a list', value);
}

function asMessage(value: unknown, field: string): Message {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong(field, 'an object', value);
  return value as Message;
}

function asDouble(value: unknown, field: string): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && DECIMAL.test(value)) return Number(value);
  return wrong(field, 'a number', value);
}

function asInteger(value: unknown, field: string): number {
  if (!isLong(value)) return Number(asWhole(value, field));
  return (value.unsigned ? value.high >>> 0 : value.high) * WORD + (value.low >>> 0);
}

function asWhole(value: unknown, field: string): string | number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  if (typeof value === 'string' && INTEGER.test(value)) return value;
  return wrong(field, 'a whole number', value);
}

function timeOfBigint(nanoseconds: bigint): HrTime {
  return [Number(nanoseconds / BigInt(NANOSECONDS)), Number(nanoseconds % BigInt(NANOSECONDS))];
}

function timeOfText(value: string | number, field: string): HrTime {
  const nanoseconds = BigInt(value);
  if (nanoseconds < 0n || nanoseconds >= 1n << 64n) return wrong(field, 'nanoseconds since 1970', value);
  return timeOfBigint(nanoseconds);
}

function isLong(value: unknown): value is Long {
  return typeof value === 'object' && value !== null && 'low' in value && 'high' in value && 'unsigned' in value;
}

function bigintOf({ low, high, unsigned }: Long): bigint {
  const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return unsigned ? bits : BigInt.asIntN(64, bits);
}

function wrong(field: string, expected: string, value: unknown): never {
  const text = JSON.stringify(value) ?? String(value);
  const shown = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  throw new RequestError(400, `\`${field}\` must be ${expected}, not ${shown}`);
}
