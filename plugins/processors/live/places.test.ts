import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { meanings } from 'wattline/figures';
import { Places, placeOf } from './places.ts';

const names = [
  'cpu',
  'cpu.logical_number',
  'state',
  'cpu_mode',
  'hw.type',
  'hw.id',
  'zone',
  'path',
  'UUID',
  'container',
];
const values = ['', '0', '3', 'cpu5', 'idle', 'user', 'gpu', 'cpu', 'package-0', 'dram', '/sys/intel-rapl-mmio', 7];
const anyAttributes = fc
  .tuple(fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values), { noNullPrototype: true }), fc.boolean())
  .map(([attributes, isShared]): Attributes => (isShared ? Object.freeze(attributes) : attributes));

it('the places of points that come again are those that are read of their attributes', () => {
  const points = fc
    .array(anyAttributes, { minLength: 1, maxLength: 6 })
    .chain((all) => fc.array(fc.tuple(fc.constantFrom(...meanings), fc.constantFrom(...all)), { maxLength: 60 }));
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 8 }), (list, most) => {
      const places = new Places(most);
      for (const [meaning, attributes] of list) {
        expect(places.of(meaning, attributes)).toEqual(placeOf(meaning, attributes));
      }
    }),
  );
});

it('the place of attributes that others may change is read each time', () => {
  const places = new Places();
  const [meaning] = meanings.filter(({ name }) => name === 'system.cpu.time') as [(typeof meanings)[number]];
  const attributes: Attributes = { cpu: 'cpu0', state: 'user' };
  expect(places.of(meaning, attributes)).toMatchObject({ role: 'counts', cores: 1 });
  attributes.state = 'idle';
  expect(places.of(meaning, attributes)).toMatchObject({ role: 'no_use', source: undefined });
});
