import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelsFrom, plainName } from './prometheus-names.ts';

it('leaves empty labels out and writes others as text', () => {
  expect(labelsFrom({ a: '', b: 'x', c: 1.5, d: true, e: ['y', 'z'], f: undefined, g: [] })).toEqual({
    b: 'x',
    c: '1.5',
    d: 'true',
    e: '["y","z"]',
    g: '[]',
  });
  expect(labelsFrom({ a: 'half \ud83d' })).toEqual({ a: 'half \ufffd' });
});

it('joins the values of names that become one, in the order of the names', () => {
  expect(labelsFrom({ 'a.b': '1', a_b: '2', 'a-b': '3', c: '4' })).toEqual({ a_b: '3;1;2', c: '4' });
  expect(labelsFrom({ a_b: '2', 'a.b': '1' })).toEqual({ a_b: '1;2' });
  expect(labelsFrom({ le: '1', 'exported.le': '2' }, 'le')).toEqual({ exported_le: '2;1' });
});

it('gives valid names, and the same labels whatever the order of the attributes', () => {
  const attributes = fc.dictionary(fc.string({ maxLength: 4, unit: fc.constantFrom(...'a1._-é') }), fc.string());
  fc.assert(
    fc.property(attributes, (all) => {
      const labels = labelsFrom(all);
      for (const name of Object.keys(labels)) expect(name).toMatch(/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/);
      const reversed = Object.fromEntries(Object.entries(all).reverse());
      expect(labelsFrom(reversed)).toEqual(labels);
    }),
  );
});

it.each([
  ['http.server-duration', 'http_server_duration'],
  ['a..b__c', 'a_b_c'],
  ['2nd', '_2nd'],
  ['größe', 'gr_e'],
  ['', '_'],
])('makes %j the name %j', (name, plain) => {
  expect(plainName(name)).toBe(plain);
});

it('gives valid names that stay as they are', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      expect(plainName(name)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
      expect(plainName(plainName(name))).toBe(plainName(name));
    }),
  );
});
