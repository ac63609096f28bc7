import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterTexts } from './counter-texts.ts';
import type { Counter } from './counters.ts';

const counter = fc.record({
  name: fc.constantFrom('x_total', 'y_total'),
  unit: fc.constant('J'),
  description: fc.string(),
  labels: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
  start: fc.constant<[number, number]>([1, 0]),
  end: fc.tuple(fc.nat(), fc.nat(1e9 - 1)),
});

it('a counter is what its text holds, whatever was written or read of that key before', () => {
  const texts = new CounterTexts();
  fc.assert(
    fc.property(fc.constantFrom('k', 'l'), counter, fc.boolean(), (key, one: Counter, isWritten) => {
      const text = isWritten ? texts.write(key, one) : JSON.stringify(one);
      expect(text).toBe(JSON.stringify(one));
      expect(texts.read(key, text)).toEqual(JSON.parse(text));
    }),
  );
});
