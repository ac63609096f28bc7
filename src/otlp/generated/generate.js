/**
 * Writes the files of this folder that are made from `metrics.proto`: `metrics.js`, which is pbf's, its types, and the
 * same messages as data. Run it with `npm run otlp`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileRaw } from 'pbf/compile';
import { parse } from 'protocol-buffers-schema';

const SOURCE = new URL('metrics.proto', import.meta.url);
const NOTE = '// Generated from metrics.proto by generate.js. Do not edit.\n';
/** What `WireReader` and the JSON reader make of a value of each type. */
const TYPES = {
  string: 'string',
  bool: 'boolean',
  double: 'number',
  uint32: 'number',
  int32: 'number',
  sint32: 'number',
  uint64: 'number',
  sfixed64: 'number',
  int64: 'number | bigint',
  fixed64: 'Fixed64',
  bytes: 'Uint8Array',
};
/** What pbf gives a field that is absent. */
const ABSENT = { string: "''", bool: 'false', bytes: 'undefined' };

/** The generated files by their names. */
export function generate() {
  const schema = parse(readFileSync(SOURCE, 'utf8'));
  const enums = new Map(schema.enums.map(({ name, values }) => [name, values]));
  const messages = new Map(schema.messages.map(({ name, fields }) => [name, fields]));
  const all = [...messages];
  return {
    'metrics.js': compileRaw(schema, { noWrite: true }),
    'metrics.d.ts': `${NOTE}import type { Fixed64, WireReader } from '../wire-reader.js';\n${all.map(([name, fields]) => typesOf(name, fields, messages, enums)).join('')}`,
    'messages.ts': `${NOTE}import type { MessageTypes } from '../message-type.ts';\n\nexport const messages: MessageTypes = {\n${all.map(([name, fields]) => dataOf(name, fields, messages, enums)).join('')}};\n`,
  };
}

function typesOf(name, fields, messages, enums) {
  const lines = fields.map((field) => `  ${field.name}: ${typeOf(field, messages, enums)};\n`);
  const oneofs = Map.groupBy(
    fields.filter(({ oneof }) => oneof),
    ({ oneof }) => oneof,
  );
  const choices = [...oneofs].map(
    ([oneof, members]) => `  ${oneof}: ${members.map((member) => `'${member.name}'`).join(' | ')} | undefined;\n`,
  );
  return `\nexport interface ${name} {\n${[...lines, ...choices].join('')}}\nexport function read${name}(reader: WireReader, end?: number): ${name};\n`;
}

/** A singular 64-bit field that is absent is 0, whatever its type. */
function typeOf({ type, repeated }, messages, enums) {
  if (messages.has(type)) return repeated ? `${type}[]` : `${type} | undefined`;
  if (repeated) return `${type === 'fixed64' ? 'number' : TYPES[type]}[]`;
  if (enums.has(type)) return 'number';
  if (type === 'fixed64') return 'Fixed64 | 0';
  return type === 'bytes' ? 'Uint8Array | undefined' : TYPES[type];
}

function dataOf(name, fields, messages, enums) {
  const lines = fields.map(({ tag, name: field, type, repeated, oneof }) => {
    const kind = messages.has(type) ? `message: '${type}'` : enums.has(type) ? enumOf(enums.get(type)) : `type: '${type}'`;
    const choice = oneof ? `, oneof: '${oneof}'` : '';
    return `      { id: ${tag}, name: '${field}', jsonName: '${camelCase(field)}', ${kind}, repeated: ${repeated}${choice} },\n`;
  });
  const absent = fields.map((field) => `${field.name}: ${absenceOf(field, messages)}`);
  const choices = [...new Set(fields.flatMap(({ oneof }) => oneof ?? []))].map((oneof) => `${oneof}: undefined`);
  return `  ${name}: {\n    create: () => ({ ${[...absent, ...choices].join(', ')} }),\n    fields: [\n${lines.join('')}    ],\n  },\n`;
}

function enumOf(values) {
  return `type: 'enum', values: { ${Object.entries(values).map(([name, { value }]) => `${name}: ${value}`).join(', ')} }`;
}

function absenceOf({ type, repeated }, messages) {
  if (repeated) return '[]';
  return messages.has(type) ? 'undefined' : (ABSENT[type] ?? '0');
}

function camelCase(name) {
  return name.replaceAll(/(?<=[a-z])_([a-z])/g, (_, letter) => letter.toUpperCase());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(generate())) writeFileSync(new URL(name, import.meta.url), text);
}
