import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

it('hands out what was added, oldest first, whatever comes between', () => {
  const steps = fc.array(fc.oneof(fc.constant('add' as const), fc.nat(5)), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (all) => {
      const fifo = new Fifo<number>();
      const expected: number[] = [];
      for (const [index, step] of all.entries()) {
        if (step === 'add') {
          fifo.add(index);
          expected.push(index);
        } else expect(fifo.take(step)).toEqual(expected.splice(0, step));
        expect(fifo.length).toBe(expected.length);
      }
      expect(fifo.take(Number.POSITIVE_INFINITY)).toEqual(expected);
    }),
  );
});
