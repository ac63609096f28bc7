import type { HrTime } from '@opentelemetry/api';
import type { Origin } from 'wattline/figures';
import { secondsBetween, toHrTime, toSeconds } from 'wattline/plugin';
import { type Ceiling, mostWithin } from './ceilings.ts';
import { type Last, type Point, type Rival, timeOf } from './points.ts';
import { hasPassed, isCrossed, isFall, isNextTo, isOfRival, rivalOf, type Step } from './rivals.ts';

/** What is known of a counter beside its points. */
export interface CounterRules {
  readonly origin: Origin;
  /** The amounts, ascending, by which it may fall when its register overflows. */
  readonly ranges: readonly number[];
  readonly ceiling: Ceiling;
  /** By how much it may fall without a reason, however low it is. */
  readonly noise: number;
  /** How long it may stay where it cannot be counted until counting begins anew from there, in seconds. */
  readonly maxGap: number;
  /** A counter that began after this time, in seconds since 1970, is counted from its start. */
  readonly countedFrom: number;
}

/** Why a point that came in its turn is not counted. */
export type Doubt = 'beyond_ceiling' | 'unexplained_fall';

/**
 * What a counter's new point comes to. `counts`: what was used since a time. `begins`: nothing, and counting goes on from
 * there. `waits`: nothing yet, since the next point will tell. A reason is given where somebody should know.
 */
export type Verdict = (
  | { readonly kind: 'counts'; readonly from: HrTime; readonly amount: number; readonly isReset: boolean }
  | { readonly kind: 'begins' | 'waits'; readonly reason?: Doubt }
) & {
  /** What it says of who sends the counter. */
  readonly step?: Step;
  /** What was used beside, since a time, if all its points are of one sender. */
  readonly spare?: { readonly from: HrTime; readonly amount: number } | undefined;
  /** What another sender may be at, from now on. */
  readonly rival?: Rival | undefined;
};

/** Returns what a counter's point comes to, which must be after the last one, were it of the only sender. */
export function judge(point: Point, last: Last | undefined, rules: CounterRules): Verdict {
  if (!last) return first(point, rules);
  const rival = rivalOf(point, last, rules.maxGap);
  const isBegun = rules.origin === 'process' && beganAfter(timeOf(last), point, rules.ceiling) !== undefined;
  if (rival && !isBegun && isOfRival(point, last, rival, rules.noise)) return goBack(point, last, rival, rules);
  const verdict = goOn(point, last, rules);
  if (verdict.kind === 'waits' && verdict.reason === 'beyond_ceiling') {
    return { ...verdict, rival: { at: toSeconds(point.time), value: point.value, turns: 1, isSure: true } };
  }
  const { step, isWrap } = stepOf(point, last, verdict, rules, rival);
  if (step === undefined && !isWrap) return { rival, ...verdict };
  const then = [toSeconds(point.time), point.value] as const;
  return { ...verdict, ...(step && { step }), rival: { ...leave(last), then, ...(isWrap && { isWrap }) } };
}

function first(point: Point, rules: CounterRules): Verdict {
  const begun = beganAfter(undefined, point, rules.ceiling);
  const isWhole = begun && rules.origin === 'process' && toSeconds(begun) > rules.countedFrom;
  return isWhole ? { kind: 'counts', from: begun, amount: point.value, isReset: false } : { kind: 'begins' };
}

/** The next point of the sender of the last one. */
function goOn(point: Point, last: Last, rules: CounterRules): Verdict {
  const { time, value } = point;
  const { origin, ceiling, maxGap } = rules;
  const known = timeOf(last);
  const begun = beganAfter(known, point, ceiling);
  const [, , highest, doubtedSince] = last;
  const most = mostWithin(ceiling, secondsBetween(known, time));
  const isDoubtedLong = typeof doubtedSince === 'number' && toSeconds(time) - doubtedSince > maxGap;
  const count = (amount: number): Verdict => ({ kind: 'counts', from: known, amount, isReset: false });
  const reset = (): Verdict => ({ kind: 'counts', from: begun ?? known, amount: value, isReset: true });

  if (begun && origin === 'process') return reset();
  if (value >= highest) {
    if (value - highest <= most) return count(value - highest);
    return { kind: isDoubtedLong ? 'begins' : 'waits', reason: 'beyond_ceiling' };
  }
  const fall = highest - value;
  if (!isFall(highest, value, rules.noise)) {
    if (!isDoubtedLong) return { kind: 'waits' };
    return { kind: 'begins', reason: 'unexplained_fall', rival: { at: toSeconds(time), value: highest } };
  }
  // After a longer silence it cannot be told whether the register overflowed once, or the machine was booted.
  const range = secondsBetween(known, time) <= maxGap ? rules.ranges.find((one) => one >= fall) : undefined;
  if (range !== undefined && range - fall <= most) return count(range - fall);
  const isOther = origin === 'process' && hasOverlappingStart(point, last);
  return value <= most && !isOther ? reset() : { kind: 'begins', reason: 'unexplained_fall' };
}

/** A point at values that had been left: by a counter that was reset and has passed them, or by another sender. */
function goBack(point: Point, last: Last, rival: Rival, rules: CounterRules): Verdict {
  const { time, value } = point;
  const known = timeOf(last);
  const within = (from: HrTime, amount: number) => amount <= mostWithin(rules.ceiling, secondsBetween(from, time));
  const countFrom = (from: HrTime, used: number): Verdict => {
    const amount = Math.max(0, used);
    return within(from, amount) ? { kind: 'counts', from, amount, isReset: false } : { kind: 'begins' };
  };
  const isUp = rival.value > last[2];
  if (isUp && hasPassed(point, last, rival)) {
    const counted = countFrom(known, value - last[2]);
    if (rival.isWrap) return counted;
    return { ...counted, step: 'passed', rival: leave(last) };
  }
  // What one sender would have used: it was reset where it fell, and has risen where it did not.
  const alone = isUp ? value - last[2] : value;
  const isSure = rival.isSure || !within(known, alone) || hasOtherStart(point, last);
  const turns = (rival.turns ?? 0) + 1;
  const left: Rival = { ...leave(last), turns, ...(isSure && { isSure }) };
  if (isCrossed(turns, isSure)) return { kind: 'begins', step: 'crossed', rival: left };
  // A single point between is taken for a bad reading.
  if (turns > 1 || !isNextTo(last, rival)) {
    const spare = isSure ? undefined : { from: known, amount: alone };
    return { kind: 'begins', step: 'turned', spare, rival: left };
  }
  const from = toHrTime(rival.at);
  const spare = isSure ? undefined : { from, amount: alone - Math.max(0, value - rival.value) };
  return { ...countFrom(from, value - rival.value), step: 'turned', spare, rival: left };
}

/** What a step that went on says of who sent it. */
function stepOf(
  point: Point,
  last: Last,
  verdict: Verdict,
  rules: CounterRules,
  rival?: Rival,
): { step?: Step; isWrap?: true } {
  const { origin, maxGap } = rules;
  if (secondsBetween(timeOf(last), point.time) > maxGap) return {};
  const hasFallen = isFall(last[2], point.value, rules.noise);
  const isExplained = point.start !== undefined && secondsBetween(timeOf(last), point.start) > 0;
  if (hasFallen && !isExplained) {
    const isWrap = verdict.kind === 'counts' && !verdict.isReset;
    if (isWrap) return { isWrap };
    if (verdict.kind !== 'counts') return { step: 'turned' };
    return { step: rival ? 'reset' : 'fell' };
  }
  const isOther = origin === 'process' && verdict.kind === 'counts' && hasOverlappingStart(point, last);
  return isOther ? { step: 'fell' } : {};
}

/** Whether a point is of a process that began before the last point, and is none that has been heard of. */
function hasOverlappingStart({ start }: Point, last: Last): boolean {
  const [, , , , , starts = []] = last;
  if (!start || starts.length === 0 || secondsBetween(timeOf(last), start) > 0) return false;
  return !starts.includes(toSeconds(start));
}

/** Whether a point's process began before the last point, and is not that of the last point. */
function hasOtherStart({ start }: Point, last: Last): boolean {
  const [, , , , , [latest] = []] = last;
  return start !== undefined && latest !== undefined && latest !== toSeconds(start);
}

function leave(last: Last): Rival {
  return { at: toSeconds(timeOf(last)), value: last[2] };
}

/** Says why a point is not counted, as the rest of a sentence about its metric. */
export function describeDoubt(doubt: Doubt, { ceiling }: CounterRules): string {
  return doubt === 'beyond_ceiling'
    ? `has risen by more than its meter can measure (${ceiling.rate} a second), which is not counted`
    : 'has fallen to what cannot have been used since; it is counted from there';
}

/** The start of a point where it lies after the last one, and what was counted since can have been used since. */
function beganAfter(known: HrTime | undefined, { start, time, value }: Point, ceiling: Ceiling): HrTime | undefined {
  if (!start || (known && secondsBetween(known, start) <= 0)) return undefined;
  const seconds = secondsBetween(start, time);
  return seconds > 0 && value <= mostWithin(ceiling, seconds) ? start : undefined;
}
