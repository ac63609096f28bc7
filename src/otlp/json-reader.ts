import { OPEN_BRACE, OPEN_BRACKET } from '../results/ascii.ts';
import { addAttribute, NO_ATTRIBUTES, plainOf } from './attributes.ts';
import { fixed64OfBigint, unsigned64 } from './fixed64.ts';
import type { JsonText } from './json-text.ts';
import { countedAs, type Field, messageTypes, sliced } from './message-type.ts';
import { failPart, MOST_IN_A_PART, OtlpError } from './otlp-error.ts';
import type { Message, MessageName, ScalarName } from './schema.ts';

const INTEGER = /^-?\d{1,20}$/;
const DECIMAL = /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/;
const TEMPORALITIES: Readonly<Record<string, number>> = {
  AGGREGATION_TEMPORALITY_DELTA: 1,
  AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
};

/** A message that is being read. */
type Fields = Record<string, unknown>;

/**
 * Makes of JSON the message of that name, or the value that stands for it: fields by their names in camelCase, or as in
 * the .proto files; whole numbers, and any number, may be text. Throws `OtlpError` where a field is of a wrong type.
 */
export function readMessage(json: JsonText, name: MessageName, depth = 0): unknown {
  const message = begin(json, name, depth);
  let fields = 0;
  for (let field = nextField(json, name, depth); field; field = nextField(json, name, depth)) {
    if (++fields > MOST_IN_A_PART) failPart(json.path);
    if (field === 'passed') continue;
    if (field.isAttributes) message[field.name] = readAttributes(json, field, depth);
    else if (field.isList) message[field.name] = readList(json, field, depth);
    else message[field.name] = readField(json, field, depth);
    settle(json, field, message);
  }
  return plainOf(name, message);
}

/** The same of a message that is `sliced`: it yields each time when others should have a turn. */
export function* readSlices(json: JsonText, name: MessageName, depth = 0): Generator<undefined, Fields> {
  const message = begin(json, name, depth);
  for (let field = nextField(json, name, depth); field; field = nextField(json, name, depth)) {
    if (json.left.isPauseDue()) yield;
    if (field === 'passed') continue;
    const { message: inner } = field;
    if (!inner || !(field.isList || sliced.has(inner))) message[field.name] = readField(json, field, depth);
    else if (!field.isList) message[field.name] = yield* readSlices(json, inner, depth + 1);
    else {
      const list: unknown[] = [];
      for (openList(json); nextOf(json, field, list.length); json.leave()) {
        list.push(sliced.has(inner) ? yield* readSlices(json, inner, depth + 1) : readField(json, field, depth));
        if (json.left.isPauseDue()) yield;
      }
      message[field.name] = list;
    }
    settle(json, field, message);
  }
  return message;
}

/** The resources of an `ExportMetricsServiceRequest`, one after the other, and undefined as in `readSlices`. */
export function* readResources(json: JsonText): Generator<Message<'ResourceMetrics'> | undefined> {
  const name = 'ExportMetricsServiceRequest';
  begin(json, name, 0);
  let index = 0;
  for (let field = nextField(json, name, 0); field; field = nextField(json, name, 0)) {
    if (json.left.isPauseDue()) yield;
    if (field === 'passed') continue;
    for (openList(json); nextOf(json, field, index); json.leave()) {
      yield (yield* readSlices(json, 'ResourceMetrics', 1)) as Message<'ResourceMetrics'>;
      index++;
    }
    json.leave();
  }
  json.end();
}

function begin(json: JsonText, name: MessageName, depth: number): Fields {
  json.count(depth);
  if (!json.open(OPEN_BRACE)) wrong(json.path, 'an object', json.scalar());
  return { ...messageTypes[name].absent };
}

/** Goes on to the next field; one that nobody knows is passed over, and so is null, which is a field that is absent. */
function nextField(json: JsonText, name: MessageName, depth: number): Field | 'passed' | undefined {
  const key = json.nextKey();
  if (key === undefined) return undefined;
  const field = messageTypes[name].named(key);
  if (!field) json.pass(depth + 1);
  else if (!json.readNull()) {
    json.enter(field.name);
    return field;
  }
  return 'passed';
}

function settle(json: JsonText, field: Field, message: Fields): void {
  if (field.choice) message[field.choice] = field.name;
  json.leave();
}

function openList(json: JsonText): void {
  if (!json.open(OPEN_BRACKET)) wrong(json.path, 'a list', json.scalar());
}

/** Goes on to the next item of a list, and counts it against its limit. */
function nextOf(json: JsonText, { message }: Field, index: number): boolean {
  if (!json.nextItem()) return false;
  json.enter(index);
  const counted = message && countedAs[message];
  if (counted) json.left.take(counted);
  return true;
}

function readList(json: JsonText, field: Field, depth: number): unknown[] {
  const list: unknown[] = [];
  for (openList(json); nextOf(json, field, list.length); json.leave()) {
    list.push(readField(json, field, depth));
    if (list.length > MOST_IN_A_PART) failPart(json.path);
  }
  return list;
}

function readAttributes(json: JsonText, field: Field, depth: number): Message<'Resource'>['attributes'] {
  const { left } = json;
  const attributes: Message<'Resource'>['attributes'] = {};
  // An attribute is two messages, and more where it is a list.
  left.fewest = Math.max(0, left.messages - 2 * MOST_IN_A_PART);
  let count = 0;
  for (openList(json); nextOf(json, field, count); json.leave()) {
    left.take('attributes');
    addAttribute(attributes, readField(json, field, depth) as Message<'KeyValue'>);
    count++;
  }
  left.fewest = 0;
  return count === 0 ? NO_ATTRIBUTES : attributes;
}

function readField(json: JsonText, field: Field, depth: number): unknown {
  if (field.message) return readMessage(json, field.message, depth + 1);
  const value = json.scalar();
  // Numbers of a list are taken with any sign.
  if (field.isList && field.scalar === 'fixed64') return unsigned64(Number(wholeOf(value, json)));
  return readScalar(field.scalar as ScalarName, value, json);
}

function readScalar(type: ScalarName, value: unknown, json: JsonText): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : wrong(json.path, 'a string', value);
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(json.path, 'true or false', value);
    case 'double':
      return doubleOf(value, json);
    case 'bytes':
      if (typeof value !== 'string') return wrong(json.path, 'a string', value);
      return Buffer.from(value, 'base64').toString('base64');
    case 'temporality':
      if (typeof value === 'string' && !INTEGER.test(value)) return TEMPORALITIES[value] ?? 0;
      return Number(wholeOf(value, json));
    case 'time':
      return fixed64OfBigint(BigInt(wholeOf(value, json))) ?? wrong(json.path, 'nanoseconds since 1970', value);
    case 'fixed64':
      if (!fixed64OfBigint(BigInt(wholeOf(value, json))))
        wrong(json.path, 'a whole number of 64 bits without sign', value);
      return unsigned64(Number(value));
    case 'int64':
      return exactOrDigits(wholeOf(value, json));
    default:
      return Number(wholeOf(value, json));
  }
}

function doubleOf(value: unknown, json: JsonText): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : wrong(json.path, 'a number', value);
}

function wholeOf(value: unknown, json: JsonText): string | number {
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  return typeof value === 'string' && INTEGER.test(value) ? value : wrong(json.path, 'a whole number', value);
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
