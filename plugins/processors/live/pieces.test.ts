import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measure } from 'wattline/figures';
import { hostPower, Run, samplesOf, secondsBetween } from 'wattline/plugin';
import { timeAt } from '../../../test/kit/live-streams.ts';
import type { Increment } from './increments.ts';
import { type Piece, piecesOf } from './pieces.ts';

/** What the pipeline makes of a piece, in joules, and over how many seconds. */
function measured({ start, end, series }: Piece) {
  const attributes = { 'run.duration': secondsBetween(start, end), 'run.sampling': 'interval' };
  return measure(Run.of(attributes, { samples: [samplesOf(hostPower, series)] }), hostPower) as {
    value: number;
    span: number;
  };
}

const increment = (from: number, to: number, amount: number): Increment => ({
  from: timeAt(from),
  to: timeAt(to),
  amount,
});

describe('the pieces of increments', () => {
  it('come to the same energy, over the same time, without a gap within', () => {
    const one = fc
      .record({
        from: fc.integer({ min: 0, max: 20_000 }),
        width: fc.integer({ min: 1, max: 5000 }),
        amount: fc.nat(1e9).map((amount) => amount / 7),
      })
      .map(({ from, width, amount }) =>
        increment(1_766_947_958 + from / 1000, 1_766_947_958 + (from + width) / 1000, amount),
      );
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 20 }), (increments) => {
        const pieces = piecesOf(increments);
        const expected = increments.reduce((sum, { amount }) => sum + amount, 0);
        const energy = pieces.reduce((sum, piece) => sum + measured(piece).value, 0);
        expect(Math.abs(energy - expected)).toBeLessThanOrEqual(expected * 1e-12);
        for (const [i, piece] of pieces.entries()) {
          expect(measured(piece).span).toBeCloseTo(secondsBetween(piece.start, piece.end), 9);
          const next = pieces[i + 1];
          if (next) expect(secondsBetween(piece.end, next.start)).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('are one where everything is even, and apart where there is a gap', () => {
    const [even, ...others] = piecesOf([increment(0, 1, 5), increment(1, 2, 7), increment(0, 2, 20)]);
    expect(others).toEqual([]);
    expect(even?.series.step).toBe(1);
    expect([...(even?.series.values ?? [])]).toEqual([15, 17]);
    const apart = piecesOf([increment(0, 1, 5), increment(2, 2.5, 5)]);
    expect(apart.map((piece) => [piece.start, piece.end, measured(piece).value])).toEqual([
      [timeAt(0), timeAt(1), 5],
      [timeAt(2), timeAt(2.5), 5],
    ]);
  });

  it('end with their last part, be it shorter or longer than the one before', () => {
    const [piece] = piecesOf([increment(0, 1, 1), increment(1, 5, 8)]);
    expect(measured(piece as Piece)).toMatchObject({ value: 9, span: 5 });
  });
});
