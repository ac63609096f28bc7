import type { HrTime } from '@opentelemetry/api';
import { secondsBetween, toSeconds } from 'wattline/plugin';
import { mostWithin } from './ceilings.ts';
import { type CounterRules, type Doubt, judge } from './counter.ts';
import { type Heard, hear } from './levels.ts';
import type { Rival } from './points.ts';
import { type Last, type Point, timeOf } from './points.ts';
import type { Step } from './rivals.ts';

/** The share of an interval by which one of a delta may begin within the one before: clocks are rounded. */
const NOISE = 0.01;

/** How values are to be read: as a level, as a count since some start, or as what came since the point before. */
export type Form = 'gauge' | 'counter' | 'delta';

/** How the points of a meter are read. */
export interface MeterRules extends CounterRules {
  readonly form: Form;
  /** What stands for the address that the points came from, where that is known. */
  readonly witness?: string | undefined;
}

/** What was used over a stretch of time: joules or core-seconds, at an even rate. */
export interface Increment {
  readonly from: HrTime;
  readonly to: HrTime;
  readonly amount: number;
  /** Of modelled energy: between which parts of the amount it is, where that is known. */
  readonly bounds?: readonly [lower: number, upper: number];
  /** Of modelled energy: whether it is outside of what its model was learnt from. */
  readonly extrapolated?: true;
}

/** What the points of one meter came to. */
export interface Advanced {
  readonly increments: readonly Increment[];
  readonly last: Last | undefined;
  /** How many points were not after the last one. */
  readonly late: number;
  readonly resets: number;
  /** The gaps of a gauge that were too wide, in seconds. */
  readonly gaps: readonly number[];
  /** One for each point that could not be believed. */
  readonly doubts: readonly Doubt[];
  /** What they say of who sends them, as far as that is in doubt. */
  readonly steps: readonly Step[];
  /** What was used beside, if all points are of one sender. */
  readonly spare: readonly Increment[];
}

/**
 * Takes the points of a meter beyond its last one. A gauge's level runs straight from point to point, whose integral is
 * that of the trapezoidal rule, unless they are more than `maxGap` seconds apart. What a counter's point comes to is judged
 * by `judge`. Nothing counts that is beyond the ceiling.
 */
export function advance(points: readonly Point[], before: Last | undefined, rules: MeterRules): Advanced {
  const meter = new Meter(before, rules);
  for (const point of [...points].sort((a, b) => secondsBetween(b.time, a.time))) meter.take(point);
  return meter;
}

class Meter implements Advanced {
  readonly increments: Increment[] = [];
  readonly gaps: number[] = [];
  readonly doubts: Doubt[] = [];
  readonly steps: Step[] = [];
  readonly spare: Increment[] = [];
  last: Last | undefined;
  late = 0;
  resets = 0;
  readonly #rules: MeterRules;

  constructor(before: Last | undefined, rules: MeterRules) {
    this.last = before;
    this.#rules = rules;
  }

  take(point: Point): void {
    const known = this.last && timeOf(this.last);
    const isOverlapping = this.last && this.#rules.form === 'delta' && overlapsWith(point, this.last);
    if (isOverlapping) this.#noteOverlap(point);
    if (known && secondsBetween(known, point.time) <= 0) {
      if (!isOverlapping) this.late++;
    } else if (this.#rules.form === 'counter') this.#takeCount(point);
    else if (this.#rules.form === 'delta') this.#takeDelta(point, known);
    else this.#takeLevel(point, known);
  }

  #takeCount(point: Point): void {
    const verdict = judge(point, this.last, this.#rules);
    if (verdict.kind === 'counts') {
      const { from, amount, isReset } = verdict;
      this.increments.push({ from, to: point.time, amount });
      if (isReset) this.resets++;
    } else if (verdict.reason) this.doubts.push(verdict.reason);
    if (verdict.step) this.steps.push(verdict.step);
    if (verdict.spare) this.spare.push({ ...verdict.spare, to: point.time });
    if (verdict.kind !== 'waits' || !this.last) this.#moveTo(point, verdict.rival);
    else {
      const [seconds, nanoseconds, value, doubtedSince, , ...starts] = this.last;
      this.last = [
        seconds,
        nanoseconds,
        value,
        doubtedSince ?? toSeconds(point.time),
        verdict.rival ?? null,
        ...starts,
      ];
    }
  }

  /** One interval that begins within the one before may have been made of two that were sent in vain; another is not. */
  #noteOverlap({ time }: Point): void {
    const [seconds, nanoseconds, value, overlappedAt, , ...starts] = this.last as Last;
    const now = toSeconds(time);
    const isAgain = typeof overlappedAt === 'number' && now - overlappedAt <= this.#rules.maxGap;
    this.steps.push(isAgain ? 'crossed' : 'fell');
    this.last = [seconds, nanoseconds, value, Math.max(now, overlappedAt ?? 0), null, ...starts];
  }

  #takeDelta(point: Point, known: HrTime | undefined): void {
    const { start, time, value: amount } = point;
    const from = start && secondsBetween(start, time) > 0 ? start : known;
    this.last = [time[0], time[1], amount, this.last?.[3] ?? null, null, start ? [toSeconds(start)] : []];
    if (!from) return;
    const whole = { from, to: time, amount };
    if (amount > mostWithin(this.#rules.ceiling, secondsBetween(from, time))) this.doubts.push('beyond_ceiling');
    else this.increments.push(...(known ? after(known, [whole]) : [whole]));
  }

  #takeLevel(point: Point, known: HrTime | undefined): void {
    const { time, value } = point;
    const { ceiling, maxGap, witness } = this.#rules;
    if (value > ceiling.rate) {
      this.doubts.push('beyond_ceiling');
      return;
    }
    const { step, rival }: Heard = this.last ? hear(point, this.last, witness, maxGap) : {};
    if (step) this.steps.push(step);
    if (this.last && known) {
      const width = secondsBetween(known, time);
      if (width > maxGap) this.gaps.push(width);
      else this.increments.push({ from: known, to: time, amount: ((this.last[2] + value) / 2) * width });
    }
    const [seconds, nanoseconds] = time;
    if (witness !== undefined) this.last = [seconds, nanoseconds, value, null, rival ?? null, [], witness];
    else this.last = rival ? [seconds, nanoseconds, value, null, rival] : [seconds, nanoseconds, value];
  }

  #moveTo({ time: [seconds, nanoseconds], value, start }: Point, rival?: Rival): void {
    const starts = this.#rules.origin === 'process' && start ? startsWith(toSeconds(start), this.last) : undefined;
    if (starts) this.last = [seconds, nanoseconds, value, null, rival ?? null, starts];
    else this.last = rival ? [seconds, nanoseconds, value, null, rival] : [seconds, nanoseconds, value];
  }
}

/** Whether an interval has a part in common with the last one and is not the same, sent again. */
function overlapsWith({ start, time, value }: Point, last: Last): boolean {
  const [, , known, , , [begun] = []] = last;
  if (!start || begun === undefined) return false;
  const ended = toSeconds(timeOf(last));
  const [from, to] = [toSeconds(start), toSeconds(time)];
  const noise = NOISE * Math.min(to - from, ended - begun);
  const isAgain = Math.abs(from - begun) <= noise && Math.abs(to - ended) <= noise && value === known;
  return !isAgain && Math.min(to, ended) - Math.max(from, begun) > noise;
}

/** The starts of the senders of a meter: the latest, and the one before it. */
function startsWith(start: number, last: Last | undefined): readonly number[] {
  const before = last?.[5] ?? [];
  if (before[0] === start) return before;
  return [start, ...before.filter((one) => one !== start).slice(0, 1)];
}

/** The increments as far as they lie after a time; of one that lies on both sides its share. */
export function after(floor: HrTime, increments: readonly Increment[]): Increment[] {
  return increments.flatMap((increment) => {
    const { from, to, amount } = increment;
    const left = secondsBetween(floor, to);
    if (left <= 0) return [];
    const width = secondsBetween(from, to);
    return left >= width ? [increment] : [{ ...increment, from: floor, amount: amount * (left / width) }];
  });
}
