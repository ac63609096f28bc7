import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Increment } from './increments.ts';
import { idleRules, shareEnergy, type Use } from './shares.ts';

const stretch = (from: number, to: number, amount: number): Increment => ({ from: [from, 0], to: [to, 0], amount });

/** Two workloads with 6 and 2 core-seconds, and 2 of others, on a host with two cores over ten seconds and 1000 J. */
const energy = stretch(0, 10, 1000);
const use: Use = {
  unit: 's',
  workloads: [[stretch(0, 10, 6)], [stretch(-10, 10, 4)]],
  others: [stretch(0, 20, 4)],
  capacity: 2,
};

describe('shareEnergy', () => {
  it('shares what goes with use in proportion to it, and leaves the idle part to the host', () => {
    expect(shareEnergy(energy, use, { idleRule: 'none', idleWatts: 50 })).toEqual({ parts: [300, 100], rest: 600 });
  });

  it('gives each workload that was there as much of the idle part', () => {
    expect(shareEnergy(energy, use, { idleRule: 'even', idleWatts: 50 })).toEqual({ parts: [550, 350], rest: 100 });
  });

  it('gives a workload that was there for half of the time half as much of the idle part', () => {
    const half = { ...use, workloads: [[stretch(0, 10, 6)], [stretch(5, 10, 2)]] };
    const { parts } = shareEnergy(energy, half, { idleRule: 'even', idleWatts: 60 });
    expect(parts).toEqual([240 + 400, 80 + 200]);
  });

  it('counts the time once in which several meters of a workload were read', () => {
    const twice = { ...use, workloads: [[stretch(0, 6, 3), stretch(3, 10, 3)], [stretch(0, 10, 2)]] };
    expect(shareEnergy(energy, twice, { idleRule: 'even', idleWatts: 50 }).parts).toEqual([550, 350]);
  });

  it('shares the idle part as the rest', () => {
    expect(shareEnergy(energy, use, { idleRule: 'by_use', idleWatts: 50 })).toEqual({ parts: [600, 200], rest: 200 });
  });

  it('takes for idle the part of the cores that was not used, where nobody says more', () => {
    expect(shareEnergy(energy, use, { idleRule: 'none' })).toEqual({ parts: [300, 100], rest: 600 });
  });

  it('takes for idle what a meter of power says is idle', () => {
    const told: Use = { unit: 'J', workloads: [[stretch(0, 10, 60)]], others: [], all: [stretch(0, 10, 80)] };
    const shares = shareEnergy(energy, { ...told, idle: [stretch(0, 10, 120)] }, { idleRule: 'none' });
    expect(shares.parts[0]).toBeCloseTo(300, 9);
    expect(shares.rest).toBeCloseTo(700, 9);
  });

  it('gives a workload the joules that a meter of power says, where it says nothing of the rest', () => {
    const told: Use = { unit: 'J', workloads: [[stretch(0, 10, 60)]], others: [] };
    const { parts } = shareEnergy(stretch(0, 10, 500), told, { idleRule: 'none' }, 1000);
    expect(parts[0]).toBeCloseTo(30, 9);
  });

  it('leaves all to the host where nothing was used', () => {
    const unused = { ...use, workloads: [[stretch(0, 10, 0)], []], others: [] };
    expect(shareEnergy(energy, unused, { idleRule: 'by_use' })).toEqual({ parts: [0, 0], rest: 1000 });
    expect(shareEnergy(energy, unused, { idleRule: 'even', idleWatts: 50 })).toEqual({ parts: [500, 0], rest: 500 });
  });

  it('loses nothing, makes nothing, and is never negative', () => {
    const amount = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e9, noNaN: true }));
    const increment = fc
      .tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 1, max: 30 }), amount)
      .map(([from, width, used]) => stretch(from, from + width, used));
    const increments = fc.array(increment, { maxLength: 4 });
    const uses = fc.record({
      unit: fc.constantFrom('s' as const, 'J' as const),
      workloads: fc.array(increments, { maxLength: 6 }),
      others: increments,
      all: fc.option(increments, { nil: undefined }),
      idle: fc.option(increments, { nil: undefined }),
      capacity: fc.option(fc.integer({ min: 1, max: 512 }), { nil: undefined }),
    });
    const options = fc.record({
      idleRule: fc.constantFrom(...idleRules),
      idleWatts: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(amount, uses, options, (joules, some, how) => {
        const { parts, rest } = shareEnergy(stretch(0, 10, joules), some, how);
        expect(Math.min(rest, ...parts)).toBeGreaterThanOrEqual(0);
        const sum = parts.reduce((all, part) => all + part, rest);
        expect(Math.abs(sum - joules)).toBeLessThanOrEqual(1e-12 * joules);
      }),
      { numRuns: 2000 },
    );
  });
});
