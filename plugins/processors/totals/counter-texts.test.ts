import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterTexts, keyed } from './counter-texts.ts';
import { type Counter, keyOf } from './counters.ts';

const counters = fc
  .array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.string({ maxLength: 2 }), { noNullPrototype: true }), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((labels) =>
    fc.array(
      fc.record({
        name: fc.constantFrom('x_total', 'y_total'),
        unit: fc.constant('J'),
        description: fc.string(),
        labels: fc.constantFrom(...labels),
        value: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
        start: fc.constant<[number, number]>([1, 0]),
        end: fc.tuple(fc.nat(), fc.nat(1e9 - 1)),
      }),
    ),
  );

it('counters have the keys that each has alone', () => {
  fc.assert(
    fc.property(counters, (all: Counter[]) => {
      expect(keyed(all)).toEqual(all.map((counter) => [keyOf(counter), counter]));
    }),
  );
});

it('a counter is what its text holds, whatever was written or read of that key before', () => {
  const texts = new CounterTexts();
  fc.assert(
    fc.property(fc.constantFrom('k', 'l'), counters, fc.boolean(), (key, all: Counter[], isWritten) => {
      for (const counter of all) {
        const text = isWritten ? texts.write(key, counter) : JSON.stringify(counter);
        expect(text).toBe(JSON.stringify(counter));
        expect(texts.read(key, text)).toEqual(JSON.parse(text));
      }
    }),
  );
});
