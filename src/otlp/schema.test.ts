import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { messageTypes } from './message-type.ts';

const { root } = protobuf.parse(readFileSync(new URL('metrics.proto', import.meta.url), 'utf8'));
/** Types that the schema tells apart, though they are written alike. */
const WRITTEN_AS: Readonly<Record<string, string>> = { time: 'fixed64', temporality: 'AggregationTemporality' };

it.each(Object.entries(messageTypes))('%s has the fields that metrics.proto gives it', (name, { fields }) => {
  const written = root.lookupType(name).fieldsArray.map(({ id, name, type, repeated, partOf }) => {
    // An `optional` field is a choice of its own.
    const choice = partOf?.name.startsWith('_') ? undefined : partOf?.name;
    return { id, name, type, isList: repeated, choice };
  });
  const known = fields.map(({ id, name, scalar, message, isList, choice }) => {
    const type = scalar ?? message ?? '';
    return { id, name, type: WRITTEN_AS[type] ?? type, isList, choice };
  });
  expect(known).toEqual(written);
});

it('has every message of metrics.proto', () => {
  const names = root.nestedArray.filter((one) => one instanceof protobuf.Type).map(({ name }) => name);
  expect(Object.keys(messageTypes)).toEqual(names);
});
