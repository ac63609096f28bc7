import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAt } from '../../../test/kit/live-streams.ts';
import type { Increment } from './increments.ts';
import { addedUp, cut, sumOf, takeOff, withMore } from './stretches.ts';

const stretch = (from: number, to: number, amount: number): Increment => ({
  from: timeAt(from),
  to: timeAt(to),
  amount,
});
const stretches = (most: number) =>
  fc.array(
    fc
      .tuple(
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
      )
      .map(([from, width, amount]) => stretch(from, from + width, amount)),
    { maxLength: most },
  );

describe('increments', () => {
  it('keep their sum when those of the same stretch are added up, however many they are', () => {
    fc.assert(
      fc.property(stretches(1500), (all) => {
        const sums = addedUp(all);
        expect(sums.length).toBeLessThanOrEqual(512);
        expect(sumOf(sums)).toBeCloseTo(sumOf(all), 2);
      }),
    );
    expect(addedUp([stretch(5, 9, 1), stretch(0, 5, 2), stretch(5, 9, 4)])).toEqual([
      stretch(0, 5, 2),
      stretch(5, 9, 5),
    ]);
  });

  it('are the same when they are added up one by one', () => {
    const next = fc.tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 1, max: 2 }),
      fc.integer({ max: 1e6, min: 0 }),
    );
    // Mostly what comes is of the last stretch, or of the next one.
    const inOrder = fc.array(next, { maxLength: 30 }).map((steps) => {
      let from = 0;
      return steps.map(([gap, width, amount]) => {
        if (gap > 0) from += gap;
        return stretch(from, from + width, amount);
      });
    });
    fc.assert(
      fc.property(fc.oneof(inOrder, stretches(30)), fc.nat(30), (all, at) => {
        const known = addedUp(all.slice(0, at));
        const [sum, whole] = [withMore(known, all.slice(at)), addedUp(all)];
        expect(sum.map(({ from, to }) => [from, to])).toEqual(whole.map(({ from, to }) => [from, to]));
        expect(sumOf(sum)).toBeCloseTo(sumOf(whole), 3);
      }),
    );
  });

  it('keep their sum when they are cut, each by its share', () => {
    expect(cut([stretch(0, 10, 5)], timeAt(4))).toEqual([[stretch(0, 4, 2)], [stretch(4, 10, 3)]]);
    fc.assert(
      fc.property(stretches(20), fc.integer({ min: 0, max: 120 }), (all, at) => {
        const [before, after] = cut(all, timeAt(at));
        expect(sumOf(before) + sumOf(after)).toBeCloseTo(sumOf(all), 4);
      }),
    );
  });
});

describe('what is left of a holder', () => {
  it('is what the others within it did not use', () => {
    const { left, beyond, debt } = takeOff([stretch(0, 10, 8), stretch(10, 20, 6)], [stretch(5, 15, 4)], undefined, 0);
    expect([left, beyond, debt]).toEqual([[stretch(0, 10, 6), stretch(10, 20, 4)], [], 0]);
  });

  it('keeps for later what was used later', () => {
    const { left, beyond } = takeOff([stretch(0, 10, 8)], [stretch(5, 15, 4)], undefined, 0);
    expect([left, beyond]).toEqual([[stretch(0, 10, 6)], [stretch(10, 15, 2)]]);
  });

  it('is owed what came too late, and is never below 0', () => {
    const late = takeOff([stretch(10, 20, 3)], [stretch(0, 10, 2)], timeAt(10), 2);
    expect([late.left, late.debt]).toEqual([[], 1]);
    expect(takeOff([stretch(20, 30, 3)], [], timeAt(20), late.debt).left).toEqual([stretch(20, 30, 2)]);
  });

  it('is all of it where the others were used while it was not measured', () => {
    expect(takeOff([stretch(50, 60, 3)], [stretch(20, 30, 2)], timeAt(10), 0)).toEqual({
      left: [stretch(50, 60, 3)],
      beyond: [],
      debt: 0,
    });
  });

  it('and what the others used come to what it measured, in whatever order they are known', () => {
    const uses = fc.array(
      fc.tuple(fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true })),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(uses, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 20 }), (all, width, delay) => {
        let [within, debt, left, inner]: [readonly Increment[], number, number, number] = [[], 0, 0, 0];
        const waiting: [number, Increment][] = [];
        for (const [i, [own, other]] of all.entries()) {
          const [from, to] = [i * width, (i + 1) * width];
          waiting.push([to + delay, stretch(from, to, other)]);
          const known = waiting.filter(([at]) => at <= to).map(([, one]) => one);
          for (const one of known)
            waiting.splice(
              waiting.findIndex(([, other]) => other === one),
              1,
            );
          inner += sumOf(known);
          const rest = takeOff(
            [stretch(from, to, own + other)],
            [...within, ...known],
            i ? timeAt(from) : undefined,
            debt,
          );
          left += sumOf(rest.left);
          [within, debt] = [rest.beyond, rest.debt];
        }
        const measured = all.reduce((sum, [own, other]) => sum + own + other, 0);
        expect(left + inner - debt).toBeLessThanOrEqual(measured + 1e-6);
        if (delay === 0) expect(left + inner - debt).toBeCloseTo(measured, 6);
      }),
    );
  });
});
