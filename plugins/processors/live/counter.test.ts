import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeAt } from '../../../test/kit/live-streams.ts';
import { advance, type MeterRules } from './increments.ts';
import type { Last, Point } from './points.ts';

const RANGE = 262_143.328_85;
const MAX_GAP = 150;
/** 1,500 W, and as much at once as in a second. */
const rulesOf = (more: Partial<MeterRules> = {}): MeterRules => {
  const ceiling = { rate: 1500, atOnce: 1500 };
  return { form: 'counter', origin: 'device', ranges: [], ceiling, noise: 0, maxGap: MAX_GAP, countedFrom: 0, ...more };
};
const ofProcess = (more: Partial<MeterRules> = {}) => rulesOf({ origin: 'process', ...more });

type Sent = readonly [at: number, value: number, start?: number];
const pointOf = ([at, value, start]: Sent): Point => ({
  time: timeAt(at),
  value,
  start: start === undefined ? undefined : timeAt(start),
});

/** Sends each point by itself, after the state has been stored and read. */
function send(points: readonly Sent[], rules: MeterRules, before?: Last) {
  let last = before;
  const amounts: number[] = [];
  const came = { resets: 0, late: 0, doubts: [] as string[] };
  for (const point of points) {
    const advanced = advance([pointOf(point)], last, rules);
    last = JSON.parse(JSON.stringify(advanced.last)) as Last;
    amounts.push(advanced.increments.reduce((sum, { amount }) => sum + amount, 0));
    came.resets += advanced.resets;
    came.late += advanced.late;
    came.doubts.push(...advanced.doubts);
  }
  return { amounts, last, ...came };
}

describe('a counter below its highest value', () => {
  it('has overflowed where its register can have, be it after lost scrapes', () => {
    const rules = rulesOf({ ranges: [65_532.610_987, RANGE] });
    const { amounts, resets, doubts } = send(
      [
        [0, 262_000],
        [15, 1000],
        [30, 4000],
      ],
      rules,
    );
    expect([amounts, resets, doubts]).toEqual([[0, RANGE - 261_000, 3000], 0, []]);
    const lost = send(
      [
        [0, 255_000],
        [90, 9000],
      ],
      rules,
    );
    expect(lost.amounts[1]).toBeCloseTo(RANGE - 246_000, 6);
    const small = send(
      [
        [0, 65_000],
        [15, 500],
      ],
      rules,
    );
    expect(small.amounts[1]).toBeCloseTo(65_532.610_987 - 64_500, 6);
  });

  it('has been booted where it was silent for long, whatever its register', () => {
    const booted = send(
      [
        [0, 200_000],
        [600, 5000],
      ],
      rulesOf({ ranges: [RANGE] }),
    );
    expect([booted.amounts, booted.resets]).toEqual([[0, 5000], 1]);
  });

  it('is noise by a step of 1 %, and counts on from the highest', () => {
    const backAndForth = Array.from({ length: 100 }, (_, i): Sent => [15 * i, i % 2 ? 999 : 1000]);
    for (const rules of [rulesOf(), ofProcess(), rulesOf({ ranges: [RANGE] })]) {
      expect(send(backAndForth, rules)).toMatchObject({ amounts: backAndForth.map(() => 0), resets: 0, doubts: [] });
    }
    // Scrapes may be further apart than the longest gap.
    const seldom = backAndForth.map(([at, value]): Sent => [20 * at, value]);
    expect(send(seldom, rulesOf()).amounts).toEqual(seldom.map(() => 0));
    const goesOn = send(
      [
        [0, 1000],
        [15, 995],
        [30, 998],
        [45, 1010],
      ],
      rulesOf(),
    );
    expect(goesOn.amounts).toEqual([0, 0, 0, 10]);
  });

  it('counts anew where it stays there for longer than `max_gap`', () => {
    const fallen = send(
      [
        [0, 1000],
        [15, 995],
        [165, 996],
        [166, 997],
        [180, 998],
      ],
      rulesOf(),
    );
    expect([fallen.amounts, fallen.doubts]).toEqual([[0, 0, 0, 0, 1], ['unexplained_fall']]);
  });

  it('has been reset by a reboot that no start time tells of, or by a driver that was loaded again', () => {
    const { amounts, resets } = send(
      [
        [0, 5e6],
        [120, 6000],
        [135, 7500],
      ],
      rulesOf(),
    );
    expect([amounts, resets]).toEqual([[0, 6000, 1500], 1]);
  });

  it('has been reset by a container that was restarted under its id', () => {
    const cores = { ceiling: { rate: 8.8, atOnce: 1 } };
    const { amounts, resets } = send(
      [
        [0, 5000, -9000],
        [15, 7, 10],
        [30, 20, 10],
      ],
      ofProcess(cores),
    );
    expect([amounts, resets]).toEqual([[0, 7, 13], 1]);
  });

  it('counts for nothing where that cannot have been used since, and goes on from there', () => {
    const { amounts, doubts } = send(
      [
        [0, 126e6],
        [15, 60e6],
        [30, 60e6 + 300],
      ],
      rulesOf(),
    );
    expect([amounts, doubts]).toEqual([[0, 0, 300], ['unexplained_fall']]);
  });
});

describe('a counter above its last value', () => {
  it('counts nothing of a step that is beyond the ceiling, and is judged over the whole time after that', () => {
    const spike = send(
      [
        [0, 1000],
        [10, 9e9],
        [20, 1400],
      ],
      rulesOf(),
    );
    expect([spike.amounts, spike.doubts]).toEqual([[0, 0, 400], ['beyond_ceiling']]);
    const slow = send(
      [
        [0, 1000],
        [1, 5000],
        [2, 5000],
      ],
      rulesOf(),
    );
    expect(slow.amounts).toEqual([0, 0, 4000]);
  });

  it('counts anew after `max_gap`', () => {
    const leapt = send(
      [
        [0, 1000],
        [15, 9e9],
        [160, 9e9 + 10],
        [170, 9e9 + 20],
        [180, 9e9 + 50],
      ],
      rulesOf(),
    );
    expect([leapt.amounts, leapt.doubts]).toEqual([[0, 0, 0, 0, 30], Array(3).fill('beyond_ceiling')]);
  });

  it('was not reset by an agent whose start moved, but by a process whose own did', () => {
    const restarted: Sent[] = [
      [10, 5000, 0],
      [25, 5100, 15],
    ];
    expect(send(restarted, rulesOf()).amounts).toEqual([0, 100]);
    expect(send(restarted, rulesOf({ origin: 'boot' })).amounts).toEqual([0, 100]);
    expect(send(restarted, ofProcess())).toMatchObject({ amounts: [0, 5100], resets: 1 });
    // An asynchronous counter of Python, whose start is that of its first collection.
    const asynchronous: Sent[] = [
      [10, 500_000, 9.999],
      [25, 500_100, 24.999],
    ];
    expect(send(asynchronous, ofProcess()).amounts).toEqual([0, 100]);
  });

  it('of a pair of replicas counts once, whatever their starts', () => {
    const pair = Array.from({ length: 40 }, (_, i): Sent => [7.5 * i, 100 * i, i % 2 ? -500 : -1000]);
    for (const rules of [rulesOf(), ofProcess()]) {
      const { amounts, resets } = send(pair, rules);
      expect([amounts.reduce((a, b) => a + b), resets]).toEqual([3900, 0]);
    }
  });
});

describe('the first point of a counter', () => {
  it('counts from its start only where a process began after counting did', () => {
    const job: Sent[] = [[108, 50, 100]];
    const begunAt = (countedFrom: number, more: Partial<MeterRules> = {}) =>
      send(job, rulesOf({ countedFrom, ...more })).amounts[0];
    expect(begunAt(99, { origin: 'process' })).toBe(50);
    expect(begunAt(101, { origin: 'process' })).toBe(0);
    expect(begunAt(99)).toBe(0);
    expect(begunAt(99, { origin: 'boot' })).toBe(0);
    expect(begunAt(99, { origin: 'process', ceiling: { rate: 4, atOnce: 1 } })).toBe(0);
    expect(send([[108, 50]], ofProcess({ countedFrom: 99 })).amounts).toEqual([0]);
  });

  it('is as the version before has stored it', () => {
    expect(send([[20, 130]], rulesOf(), [10, 0, 100])).toMatchObject({ amounts: [30], last: [20, 0, 130] });
  });
});

/** What a meter truly does from one scrape to the next, and what becomes of the scrape. */
const scrape = fc.record({
  seconds: fc.integer({ min: 1, max: 60 }),
  watts: fc.integer({ min: 0, max: 700 }),
  fate: fc.constantFrom('sent', 'sent', 'sent', 'lost', 'twice', 'late', 'noisy'),
  /** Where in the time before the scrape the counter began at 0, if it did. */
  resetAt: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 10, nil: undefined }),
  agentRestarts: fc.boolean(),
});
const scrapes = fc.array(scrape, { minLength: 2, maxLength: 60 });
type Scrape = typeof scrape extends fc.Arbitrary<infer T> ? T : never;

/** The points of a meter, and what was truly used between the first and the last of those that come. */
function simulate(all: readonly Scrape[], { hasResets = false, hasRange = false, saysStart = false } = {}) {
  const points: Sent[] = [];
  let [at, used, base, start] = [1000, 300_000, 0, 0];
  const read = () => (hasRange ? (used - base) % RANGE : used - base);
  let late: Sent | undefined;
  let isNoisy = false;
  let [first, last] = [Number.NaN, used];
  for (const { seconds, watts, fate, resetAt, agentRestarts } of all) {
    const joules = watts * seconds;
    if (hasResets && resetAt !== undefined) {
      base = used + joules * resetAt;
      start = at + seconds * resetAt;
    } else if (!hasResets && agentRestarts) start = at + seconds / 2;
    at += seconds;
    used += joules;
    const point: Sent = [at, read(), ...(saysStart ? [start] : [])] as unknown as Sent;
    if (fate === 'lost') continue;
    if (fate === 'late') {
      late = point;
      continue;
    }
    if (Number.isNaN(first)) first = used;
    // Noise that lasts cannot be told from a fall.
    isNoisy = fate === 'noisy' && points.length > 0 && !isNoisy;
    const sent = isNoisy ? ([at, point[1] * 0.995, ...point.slice(2)] as never) : point;
    last = used;
    points.push(sent, ...(fate === 'twice' ? [sent] : []), ...(late ? [late] : []));
    late = undefined;
  }
  return { points, truth: Number.isNaN(first) ? 0 : Math.max(0, last - first) };
}
const total = (amounts: readonly number[]) => amounts.reduce((a, b) => a + b, 0);

describe('whatever becomes of the scrapes, what is counted', () => {
  it.each([
    ['a device whose agent is restarted', { saysStart: true }, rulesOf()],
    ['a register that overflows', { hasRange: true }, rulesOf({ ranges: [65_532.610_987, RANGE] })],
  ])('is the truth to 1e-9 for %s', (_, how, rules) => {
    fc.assert(
      fc.property(scrapes, (all) => {
        // A time without points must end before it could be taken for a reboot.
        const near = all.map((one) => ({ ...one, seconds: 1 + (one.seconds % 2) }));
        const kept = near.map((one) => (one.fate === 'noisy' ? { ...one, fate: 'sent' as const } : one));
        const { points, truth } = simulate(kept, how);
        const counted = total(send(points, rules).amounts);
        expect(Math.abs(counted - truth)).toBeLessThanOrEqual(1e-9 * truth + 1e-8);
      }),
    );
  });

  it.each([
    ['a device that is reset', {}, rulesOf()],
    ['a process that is restarted and says so', { saysStart: true }, ofProcess({ countedFrom: 1e12 })],
  ])('never exceeds the truth for %s', (_, how, rules) => {
    fc.assert(
      fc.property(scrapes, (all) => {
        const { points, truth } = simulate(all, { hasResets: true, ...how });
        expect(total(send(points, rules).amounts)).toBeLessThanOrEqual(truth + 1e-6);
      }),
      { numRuns: 500 },
    );
  });

  it('is no more than before where the clock steps back, and goes on where it has caught up', () => {
    const truth = (at: number): Sent => [at, 100 * at];
    const stepped: Sent[] = [
      truth(1000),
      truth(1015),
      [615, 103_000],
      [630, 104_500],
      [1020, 142_000],
      [1035, 143_500],
    ];
    const { amounts, late } = send(stepped, rulesOf());
    expect(late).toBe(2);
    expect(total(amounts)).toBeLessThanOrEqual(42_000);
  });
});
