import type { HrTime } from '@opentelemetry/api';
import { plainOf } from './attributes.ts';
import { type Field, messageTypes } from './message-type.ts';
import type { Message, MessageName, Plain } from './schema.ts';
import type { WireReader } from './wire-reader.ts';

const NONE: never[] = [];
const UNKNOWN: HrTime = [0, 0];
const { AnyValue } = messageTypes;

/** Reads the message that a field is; `index` is its place where the field is a list. */
export function readMessage<Name extends MessageName>(reader: WireReader, name: Name, index = 0): Message<Name> {
  reader.open(index);
  return readFields(reader, name);
}

/**
 * Reads the fields of the message that is open. Where a field that is no list holds a message twice, the last counts: they
 * are not merged, and no sender writes that.
 */
export function readFields<Name extends MessageName>(reader: WireReader, name: Name): Message<Name> {
  const type = messageTypes[name];
  const message = type.create();
  let id = reader.nextField();
  while (id !== 0) {
    const field = type.field(id);
    if (field?.isList) {
      const list = message[field.name] as unknown[];
      // Items mostly stand in a row.
      do {
        if (field.scalar) reader.numbers(field.scalar, list);
        else list.push(readValue(reader, field, list.length));
        id = reader.nextField();
      } while (id === field.id);
      continue;
    }
    if (field) {
      message[field.name] = readValue(reader, field, 0);
      if (field.choice) message[field.choice] = field.name;
    } else reader.skip();
    id = reader.nextField();
  }
  return message as Message<Name>;
}

function readValue(reader: WireReader, { scalar, message }: Field, index: number): unknown {
  if (scalar) return reader.scalar(scalar);
  switch (message) {
    case 'NumberDataPoint':
      return readNumberDataPoint(reader, index);
    case 'KeyValue':
      return readKeyValue(reader, index);
    case 'AnyValue':
      return readAnyValue(reader, index);
    default:
      return plainOf(message as MessageName, readMessage(reader, message as MessageName, index));
  }
}

// Points and attributes are most of what comes: these read the same as `readMessage`, in less time.

function readNumberDataPoint(reader: WireReader, index: number): Message<'NumberDataPoint'> {
  reader.open(index);
  let attributes: Message<'KeyValue'>[] = NONE;
  let startTimeUnixNano = UNKNOWN;
  let timeUnixNano = UNKNOWN;
  let asDouble = 0;
  let asInt = 0;
  let value: Message<'NumberDataPoint'>['value'];
  let flags = 0;
  for (let id = reader.nextField(); id !== 0; id = reader.nextField()) {
    if (id === 2) startTimeUnixNano = reader.time();
    else if (id === 3) timeUnixNano = reader.time();
    else if (id === 4) {
      asDouble = reader.double();
      value = 'asDouble';
    } else if (id === 6) {
      asInt = reader.integer64(true);
      value = 'asInt';
    } else if (id === 7) {
      if (attributes === NONE) attributes = [];
      attributes.push(readKeyValue(reader, attributes.length));
    } else if (id === 8) flags = reader.scalar('uint32') as number;
    else reader.skip();
  }
  return { attributes, startTimeUnixNano, timeUnixNano, asDouble, asInt, value, flags };
}

function readKeyValue(reader: WireReader, index: number): Message<'KeyValue'> {
  reader.open(index);
  let key = '';
  let value: Plain | undefined;
  for (let id = reader.nextField(); id !== 0; id = reader.nextField()) {
    if (id === 1) key = reader.text();
    else if (id === 2) value = readAnyValue(reader, 0);
    else reader.skip();
  }
  return { key, value };
}

function readAnyValue(reader: WireReader, index: number): Plain {
  reader.open(index);
  let plain: Plain = null;
  for (let id = reader.nextField(); id !== 0; id = reader.nextField()) {
    const field = AnyValue.field(id);
    if (field) plain = readValue(reader, field, 0) as Plain;
    else reader.skip();
  }
  return plain;
}
