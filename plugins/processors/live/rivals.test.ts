import fc from 'fast-check';
import { expect, it } from 'vitest';
import { timeAt } from '../../../test/kit/live-streams.ts';
import { believe, type Doubt } from './doubts.ts';
import { advance, type MeterRules } from './increments.ts';
import type { Last } from './points.ts';

const MAX_GAP = 150;
/** A container on a host of which nobody knows how many cores it has. */
const unknown: MeterRules = {
  form: 'counter',
  origin: 'process',
  ranges: [],
  ceiling: { rate: 1.1 * 1024, atOnce: 1 },
  noise: 0.05,
  maxGap: MAX_GAP,
  countedFrom: 0,
};

type Sent = readonly [at: number, value: number];

/** Takes points one by one, as `live` does those of a feed with one meter. */
function follow(points: readonly Sent[], rules: MeterRules) {
  let last: Last | undefined;
  let doubt: Doubt | undefined;
  let [counted, refused, refusedAt, atRefusal] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (const [at, value] of points) {
    const time = timeAt(at);
    const came = advance([{ time, value, start: undefined }], last, rules);
    last = came.last;
    if (came.late) continue;
    const { believed, doubt: left } = believe(doubt, { ...came, newest: time }, MAX_GAP);
    doubt = left;
    counted += believed.reduce((sum, { amount }) => sum + amount, 0);
    if (!doubt?.isMixed) continue;
    if (refused++ === 0) atRefusal = counted;
    refusedAt = Math.min(refusedAt, at);
  }
  const waiting = [...(doubt?.held ?? []), ...(doubt?.spare ?? [])].reduce((sum, { amount }) => sum + amount, 0);
  return { counted, refused, refusedAt, waiting, atRefusal: refused ? atRefusal : counted };
}

/** A small generator of numbers from 0 to 1, so that a case is told by its seed. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Loop {
  readonly seed: number;
  readonly interval: number;
  /** The shortest and the longest life, in intervals. */
  readonly life: readonly [number, number];
  readonly cores: number;
  /** How far the load may be off its mean. */
  readonly spread: number;
  /** Core-seconds that each start costs within five seconds. */
  readonly startup: number;
  readonly lost: number;
}

/** The points of a container that crashes again and again, and what a reader could count who knew that it is one. */
function crashLoop({ seed, interval, life, cores, spread, startup, lost }: Loop, seconds = 3600) {
  const random = randomOf(seed);
  const points: Sent[] = [];
  let [value, truth, readable, age] = [0, 0, 0, 0];
  let before: number | undefined;
  const lifetime = () => interval * (life[0] + random() * (life[1] - life[0]));
  let end = lifetime();
  for (let at = 1; at <= seconds; at++) {
    if (++age > end) [value, age, end] = [0, 0, lifetime()];
    const used = cores * (1 + spread * (2 * random() - 1)) + (age < 5 ? startup / 5 : 0);
    value += used;
    truth += used;
    if (at % interval || random() < lost) continue;
    if (before !== undefined) readable += value >= before ? value - before : value;
    before = value;
    points.push([at, value]);
  }
  return { points, truth, readable };
}

interface Sender {
  readonly period: number;
  readonly phase: number;
  readonly cores: number;
  readonly value: number;
}

/** The points of two senders under one name, and what the busier one has used by each since it was first heard of. */
function interleaved(senders: readonly Sender[], seed: number, lost: number, seconds = 1800) {
  const random = randomOf(seed);
  const points: Sent[] = [];
  const all = senders.map((sender) => ({ ...sender, used: 0, heard: Number.NaN }));
  const used: number[] = [];
  for (let at = 1; at <= seconds; at++) {
    for (const [i, one] of all.entries()) {
      const more = one.cores * 2 * random();
      one.value += more;
      if (!Number.isNaN(one.heard)) one.used += more;
      if (at % one.period !== one.phase % one.period) continue;
      // One that is not heard of for longer than `max_gap` is gone.
      if (random() < lost && at + one.period - one.heard <= MAX_GAP) continue;
      one.heard = at;
      // Readings are a few ticks of the kernel out of order.
      points.push([at + i / 2, one.value - 0.02 * random()]);
      used.push(Math.max(...all.map((each) => each.used)));
    }
  }
  return { points, used };
}

const seeds = fc.integer();
const loops = fc.record({
  seed: seeds,
  interval: fc.constantFrom(10, 15, 30),
  life: fc
    .tuple(fc.double({ min: 0.2, max: 3, noNaN: true }), fc.double({ min: 0.1, max: 8, noNaN: true }))
    .map(([shortest, more]) => [shortest, shortest + more] as const),
  cores: fc.double({ min: 0.3, max: 4, noNaN: true }),
  spread: fc.double({ min: 0.2, max: 1, noNaN: true }),
  startup: fc.constantFrom(0, 0, 2, 10),
  lost: fc.constantFrom(0, 0.05, 0.2),
});

it('a container that crashes again and again counts for no more than it used', () => {
  fc.assert(
    fc.property(loops, (loop) => {
      const { points, truth } = crashLoop(loop);
      expect(follow(points, unknown).counted).toBeLessThanOrEqual(truth + 1e-6);
    }),
  );
});

it('a container that crashes again and again is hardly ever taken for two senders, and mostly counted', () => {
  const sums = { points: 0, refused: 0, counted: 0, readable: 0 };
  for (const loop of fc.sample(loops, { numRuns: 300, seed: 12 })) {
    const { points, readable } = crashLoop(loop);
    const came = follow(points, unknown);
    sums.points += points.length;
    sums.refused += came.refused;
    sums.counted += came.counted + came.waiting;
    sums.readable += readable;
  }
  expect(sums.refused / sums.points).toBeLessThan(0.002);
  expect(sums.counted / sums.readable).toBeGreaterThan(0.97);
});

const senderOf = (least: number, most: number) =>
  fc.record({
    period: fc.integer({ min: 5, max: 60 }),
    phase: fc.nat(59),
    cores: fc.double({ min: 0.01, max: 2, noNaN: true }),
    value: fc.double({ min: least, max: most, noNaN: true }),
  });

it.each([
  ['of eight cores that have run for long', 8, 10_000, 50_000],
  ['of eight cores that have just begun', 8, 0, 60],
  ['that have just begun, whose cores nobody knows', 1024, 0, 600],
  ['whose cores nobody knows', 1024, 600, 100_000],
])('two senders under one name %s are refused before they count for more than one of them', (_, cores, least, most) => {
  const rules = { ...unknown, ceiling: { rate: 1.1 * cores, atOnce: 1 } };
  const pairs = fc.tuple(senderOf(least, most), senderOf(least, most)).filter(([a, b]) => {
    // What is no further apart than noise counts once.
    return Math.abs(a.value - b.value) > Math.max(1, 0.05 * Math.max(a.value, b.value));
  });
  fc.assert(
    fc.property(pairs, seeds, fc.constantFrom(0, 0.1, 0.3), (pair, seed, lost) => {
      const { points, used } = interleaved(pair, seed, lost);
      const { refused, refusedAt, atRefusal } = follow(points, rules);
      const end = refused ? points.findIndex(([at]) => at >= refusedAt) : points.length - 1;
      // All that a single one has ever used is what a reader could take for used, where its meter could have counted that.
      const apart = Math.abs(pair[0].value - pair[1].value);
      const isPlausible = apart <= rules.ceiling.rate * MAX_GAP;
      const ever = isPlausible ? Math.max(...points.slice(0, end + 1).map(([, value]) => value)) : 0;
      expect(atRefusal).toBeLessThanOrEqual(1.001 * (ever + (used[end] ?? 0)) + 1);
      if (apart > 20) expect(refused).toBeGreaterThan(0);
    }),
    { numRuns: 200 },
  );
});
