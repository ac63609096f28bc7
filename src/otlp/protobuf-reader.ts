import { plainOf } from './attributes.ts';
import { type Field, messageTypes } from './message-type.ts';
import type { Message, MessageName, ScalarName } from './schema.ts';
import type { WireReader } from './wire-reader.ts';

/** How values that come often are read; all others by `scalar`. */
const METHODS: Partial<Record<ScalarName, string>> = { string: 'text()', double: 'double()', time: 'time()' };

type Readers = { readonly [Name in MessageName]: (reader: WireReader) => Message<Name> };

/**
 * Reads the fields of the message that is open. Where a field that is no list holds a message twice, the last counts: they
 * are not merged, and no sender writes that.
 */
export const readFields: Readers = compileAll();

/**
 * Returns a function for each message. They are compiled from the schema, as libraries for protobuf do it: a loop over
 * fields that looks up each takes half as long again.
 */
function compileAll(): Readers {
  const readers: Record<string, unknown> = {};
  for (const name of Object.keys(messageTypes) as MessageName[]) {
    const { absent, fields } = messageTypes[name];
    const names = [...new Set(fields.flatMap((field) => [field.name, ...(field.choice ? [field.choice] : [])]))];
    const source = `return (reader) => {
      let ${names.map((field) => `$${field} = absent.${field}`).join(', ')};
      for (;;) switch (reader.nextField()) {
        case 0: return plainOf('${name}', { ${names.map((field) => `${field}: $${field}`).join(', ')} });
        ${fields.map((field) => `case ${field.id}: ${reading(field)} break;`).join('\n')}
        default: reader.skip();
      }
    };`;
    readers[name] = new Function('absent', 'readers', 'plainOf', source)(absent, readers, plainOf);
  }
  return readers as Readers;
}

/** Returns the statements that read a field. */
function reading({ name, scalar, message, isList, isAttributes, choice }: Field): string {
  if (isAttributes) return `$${name} = reader.attributes($${name}, readers.${message});`;
  const open = isList ? `if ($${name} === absent.${name}) $${name} = []; ` : '';
  if (scalar && isList) return `${open}reader.numbers('${scalar}', $${name});`;
  if (scalar) return `$${name} = reader.${METHODS[scalar] ?? `scalar('${scalar}')`};${chosen(name, choice)}`;
  if (isList) return `${open}reader.open($${name}.length); $${name}.push(readers.${message}(reader));`;
  return `reader.open(0); $${name} = readers.${message}(reader);${chosen(name, choice)}`;
}

function chosen(name: string, choice: string | undefined): string {
  return choice ? ` $${choice} = '${name}';` : '';
}
