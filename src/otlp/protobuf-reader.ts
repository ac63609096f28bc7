import { plainOf } from './attributes.ts';
import { countedAs, type Field, messageTypes, sliced } from './message-type.ts';
import { MOST_IN_A_PART } from './otlp-error.ts';
import type { Message, MessageName, ScalarName } from './schema.ts';
import type { WireReader } from './wire-reader.ts';

/** How values that come often are read; all others by `scalar`. */
const METHODS: Partial<Record<ScalarName, string>> = { string: 'text()', double: 'double()', time: 'time()' };

type Readers = { readonly [Name in MessageName]: (reader: WireReader) => Message<Name> };
type SlicedReaders = { readonly [Name in MessageName]: (reader: WireReader) => Generator<undefined, Message<Name>> };

/**
 * Reads the fields of the message that is open. Where a field that is no list holds a message twice, the last counts: they
 * are not merged, and no sender writes that.
 */
export const readFields: Readers = compileAll(false);

/** The same of messages that are `sliced`: it yields each time when others should have a turn. */
export const readSlices = compileAll(true) as unknown as SlicedReaders;

/**
 * Returns a function for each message. They are compiled from the schema, as libraries for protobuf do it: a loop over
 * fields that looks up each takes half as long again.
 */
function compileAll(inSlices: boolean): Readers {
  const readers: Record<string, unknown> = {};
  for (const name of Object.keys(messageTypes) as MessageName[]) {
    const { absent, fields } = messageTypes[name];
    const names = [...new Set(fields.flatMap((field) => [field.name, ...(field.choice ? [field.choice] : [])]))];
    const source = `return ${inSlices && sliced.has(name) ? 'function* (reader)' : '(reader) =>'} {
      let ${names.map((field) => `$${field} = absent.${field}`).join(', ')};
      for (let fields = 0; ; fields++) {
        ${sliced.has(name) ? '' : `if (fields > ${MOST_IN_A_PART}) reader.failFields();`}
        switch (reader.nextField()) {
          case 0: return plainOf('${name}', { ${names.map((field) => `${field}: $${field}`).join(', ')} });
          ${fields.map((field) => `case ${field.id}: ${reading(field, inSlices)} break;`).join('\n')}
          default: reader.skip();
        }
      }
    };`;
    readers[name] = new Function('absent', 'readers', 'plainOf', source)(absent, readers, plainOf);
  }
  return readers as Readers;
}

/** Returns the statements that read a field. */
function reading({ name, scalar, message, isList, isAttributes, choice }: Field, inSlices: boolean): string {
  if (isAttributes) return `$${name} = reader.attributes($${name}, readers.${message});`;
  const begin = isList ? `if ($${name} === absent.${name}) $${name} = []; ` : '';
  if (scalar && isList) return `${begin}reader.numbers('${scalar}', $${name});`;
  if (scalar) return `$${name} = reader.${METHODS[scalar] ?? `scalar('${scalar}')`};${chosen(name, choice)}`;
  const counted = countedAs[message as MessageName];
  const count = counted ? `reader.left.take('${counted}'); ` : '';
  const isSliced = inSlices && sliced.has(message as MessageName);
  const content = `${isSliced ? 'yield* ' : ''}readers.${message}(reader)`;
  if (!isList) return `reader.open(0); ${count}$${name} = ${content};${chosen(name, choice)}`;
  const pause = inSlices && counted ? ' if (reader.left.isPauseDue()) yield;' : '';
  return `${begin}reader.open($${name}.length); ${count}$${name}.push(${content});${pause}`;
}

function chosen(name: string, choice: string | undefined): string {
  return choice ? ` $${choice} = '${name}';` : '';
}
