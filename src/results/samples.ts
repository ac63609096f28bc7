import type { HrTime } from '@opentelemetry/api';
import { toHrTime } from '../model/hr-time.ts';
import { Series } from '../model/series.ts';
import { LATEST_TIME, statedTime } from '../model/stated-time.ts';
import { ScannedList } from './fields.ts';

/** Samples of a run, or why a list is refused. */
export type ReadSamples = Series | { readonly reason: string; readonly problem: string };

/** Where the samples of a list are, in time. */
export interface Spacing {
  readonly step: unknown;
  readonly timestamps: unknown;
  /** The time zone of `timestamps` that are text without an offset. */
  readonly timeZone: string | undefined;
  /** Returns when the first sample was taken, by the step in seconds. */
  start(step: number): HrTime;
}

/**
 * Returns the samples of a list, in which null stands for a missing one. They are at the run's `timestamps` (one a sample,
 * since 1970 or ISO 8601) where it has any, else `step_seconds` apart from the start on.
 */
export function readSamples(list: ScannedList | readonly unknown[], spacing: Spacing): ReadSamples {
  const { step, timestamps } = spacing;
  const scanned = list instanceof ScannedList ? list : valuesOf(list);
  if ('reason' in scanned) return scanned;
  const { all, from, length, sum } = scanned;
  if (timestamps !== undefined && timestamps !== null) {
    return atTimes(timestamps, all.subarray(from, from + length), spacing.timeZone);
  }
  if (typeof step === 'number' && step > 0 && step < LATEST_TIME) {
    return Series.within(all, from, length, spacing.start(step), step, Number.isNaN(sum) ? undefined : sum);
  }
  const what = step === undefined ? 'is missing' : `is ${describe(step)}`;
  const problem = `\`step_seconds\` ${what}; it must be a number of seconds above 0, or there must be \`timestamps\``;
  return { reason: 'no_step', problem };
}

function valuesOf(list: readonly unknown[]): ScannedList | { readonly reason: string; readonly problem: string } {
  const scanned = new ScannedList();
  scanned.all = new Float64Array(list.length);
  scanned.length = list.length;
  for (let i = 0; i < list.length; i++) {
    const value = list[i] === null ? Number.NaN : list[i];
    if (typeof value !== 'number' || value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      return { reason: 'not_a_number', problem: `sample ${i} is ${describe(value)}, not a number` };
    }
    if (value < 0) return { reason: 'negative', problem: `sample ${i} is ${value}, below 0` };
    scanned.all[i] = value;
    scanned.sum += value;
  }
  return scanned;
}

function atTimes(given: unknown, values: Float64Array, timeZone: string | undefined): ReadSamples {
  const refused = (problem: string) => ({ reason: 'invalid_timestamps', problem });
  const timestamps = given instanceof ScannedList ? given.all.subarray(given.from, given.from + given.length) : given;
  if (!Array.isArray(timestamps) && !(timestamps instanceof Float64Array)) {
    return refused(`\`timestamps\` must be a list, not ${describe(timestamps)}`);
  }
  if (timestamps.length !== values.length) {
    return refused(`there are ${values.length} samples and ${timestamps.length} \`timestamps\``);
  }
  const times = new Float64Array(values.length);
  for (let i = 0; i < times.length; i++) {
    const stated: unknown = timestamps[i];
    const time = isPlainTime(stated) ? stated : statedTime(stated, timeZone);
    if (typeof time === 'string') return refused(`timestamp ${i}, ${describe(stated)}, ${time}`);
    if (i > 0 && time <= (times[i - 1] as number)) {
      const hint = typeof stated === 'string' && timeZone ? '; times need an offset where clocks change' : '';
      return refused(`timestamp ${i} is not after the one before it${hint}`);
    }
    times[i] = time;
  }
  const first = times[0] as number;
  return Series.irregular(
    toHrTime(first),
    times.map((time) => time - first),
    values,
  );
}

/** Returns whether a value is a time in seconds since 1970, as most are. */
export function isPlainTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < LATEST_TIME;
}

/** Returns a value as it stands in messages, shortened. */
export function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
