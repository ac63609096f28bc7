import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAt } from '../../../test/kit/live-streams.ts';
import { believe, type Doubt } from './doubts.ts';
import { advance, type MeterRules } from './increments.ts';
import type { Last } from './points.ts';

const MAX_GAP = 150;
const rules: MeterRules = {
  form: 'gauge',
  origin: 'device',
  ranges: [],
  ceiling: { rate: 20_000, atOnce: 20_000 },
  noise: 0,
  maxGap: MAX_GAP,
  countedFrom: 0,
};

type Sent = readonly [at: number, watts: number, witness?: string];

/** Takes points one by one, after the state has been stored and read, as `live` does those of a gauge. */
function follow(points: readonly Sent[]) {
  let last: Last | undefined;
  let doubt: Doubt | undefined;
  let [joules, refused] = [0, 0];
  for (const [at, value, witness] of points) {
    const time = timeAt(at);
    const came = advance([{ time, value, start: undefined }], last, { ...rules, witness });
    last = JSON.parse(JSON.stringify(came.last));
    const { believed, doubt: left } = believe(doubt, { ...came, newest: time }, MAX_GAP);
    doubt = left;
    joules += believed.reduce((sum, { amount }) => sum + amount, 0);
    if (doubt?.isMixed) refused++;
  }
  const waiting = (doubt?.held ?? []).reduce((sum, { amount }) => sum + amount, 0);
  return { joules, refused, waiting };
}

/** What lies below the lines between points. */
const trapezoids = (points: readonly Sent[]) =>
  points.slice(1).reduce((sum, [at, watts], i) => {
    const [before, other] = points[i] as Sent;
    return sum + ((watts + other) / 2) * (at - before);
  }, 0);

/** The points of senders which send each ten seconds, one after the other, what `watts` says of a time. */
function inTurn(seconds: number, senders: readonly { at: number; witness?: string; watts: (at: number) => number }[]) {
  const points: Sent[] = [];
  for (let at = 0; at < seconds; at += 10) {
    for (const { at: after, watts, witness } of senders) {
      const time = at + after;
      points.push(witness === undefined ? [time, watts(time)] : [time, watts(time), witness]);
    }
  }
  return points;
}
const of = (at: number, witness: string | undefined, watts: (at: number) => number) => {
  return { at, watts, ...(witness !== undefined && { witness }) };
};

describe('the gauges of two machines under one name', () => {
  it('are refused where their witnesses go back and forth as their levels do, and nothing of them counts', () => {
    const { joules, refused } = follow(inTurn(3600, [of(0, 'a', () => 100), of(5, 'b', () => 500)]));
    expect([joules, refused]).toEqual([0, 2 * 360 - 32]);
  });

  it('are refused where one is heard of more often', () => {
    const points = inTurn(3600, [of(0, 'a', () => 100), of(5, 'b', () => 500)]).filter(([at, , witness]) => {
      return witness === 'a' || at % 30 === 5;
    });
    expect(follow(points).refused).toBeGreaterThan(360);
  });

  it('are refused behind one address where the times between their points go back and forth as well', () => {
    for (const witness of [undefined, 'proxy']) {
      const { joules, refused } = follow(inTurn(3600, [of(0, witness, () => 100), of(4, witness, () => 500)]));
      expect(refused).toBeGreaterThan(670);
      expect(joules).toBeLessThanOrEqual(500 * 170);
    }
  });

  it('count once where they agree', () => {
    const points = inTurn(3600, [of(0, 'a', () => 100), of(4, 'b', () => 105)]);
    expect(follow(points)).toMatchObject({ joules: trapezoids(points), refused: 0 });
  });
});

describe('the gauge of one machine', () => {
  const loads = fc.record({
    seed: fc.integer(),
    phase: fc.integer({ min: 1, max: 9 }),
    witnesses: fc.constantFrom([undefined, undefined], ['a', 'b'], ['a', 'a'], [undefined, 'a']),
    /** How far the level leaps from one reading to the next, and the longest of the times in which it does not. */
    spread: fc.double({ min: 0, max: 0.6, noNaN: true }),
    steady: fc.integer({ min: 1, max: 20 }),
  });

  it('counts once where two agents send it, whatever its load', () => {
    fc.assert(
      fc.property(loads, ({ seed, phase, witnesses, spread, steady }) => {
        const watts = (at: number) => 300 * (1 + spread * (2 * noiseOf(seed, Math.floor(at / steady)) - 1));
        const points = inTurn(1200, [of(0, witnesses[0], watts), of(phase, witnesses[1], watts)]);
        const { joules, waiting, refused } = follow(points);
        expect(refused).toBe(0);
        expect(joules + waiting).toBeCloseTo(trapezoids(points), 6);
      }),
      { numRuns: 300, seed: 12 },
    );
  });

  it('counts whole where another agent takes over', () => {
    const one = inTurn(600, [of(0, 'a', () => 100)]);
    const other = inTurn(600, [of(0, 'b', () => 400)]).map(([at, watts]): Sent => [600 + at, watts, 'b']);
    expect(follow([...one, ...other])).toEqual({ joules: trapezoids([...one, ...other]), refused: 0, waiting: 0 });
  });

  it('counts whole where its requests come through several proxies', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(400)), { minLength: 50 }), (all) => {
        const points = all.map(([witness, watts], i): Sent => [10 * i, 200 + watts, witness]);
        const { joules, waiting } = follow(points);
        expect(joules + waiting).toBeLessThanOrEqual(trapezoids(points) + 1e-6);
        const steady = points.map(([at, , witness]): Sent => [at, 300 + 100 * Math.sin(at / 100), witness ?? '']);
        expect(follow(steady)).toMatchObject({ refused: 0, waiting: 0 });
      }),
    );
  });

  it('counts whole where its load comes and goes at every second reading', () => {
    const points = Array.from({ length: 200 }, (_, i): Sent => [30 * i + (i % 3) / 10, i % 2 ? 500 : 100, 'a']);
    const { joules, refused } = follow(points);
    expect(joules).toBeCloseTo(trapezoids(points), 6);
    expect(refused).toBe(0);
  });
});

/** A number from 0 to 1 that is the same for the same two. */
function noiseOf(seed: number, step: number): number {
  return hash('md5', `${seed} ${step}`, 'buffer').readUInt32BE() / 2 ** 32;
}
