import type { HrTime } from '@opentelemetry/api';
import { Series, toHrTime } from './series.ts';

/** Times in milliseconds are far above this, and nanoseconds of later times do not fit into OTLP's 64 bits. */
export const LATEST_TIME = 1e10;

/** Samples of a run, or why a list is refused. */
export type Samples = { readonly series: Series } | { readonly reason: string; readonly problem: string };

/**
 * Reads a list of samples; null stands for a missing one. They are at the run's `timestamps` (one a sample, seconds since
 * 1970 or ISO 8601) where it has any, else `step_seconds` apart from the time that `start` gives for that step.
 */
export function readSamples(
  list: readonly unknown[],
  { step_seconds: step, timestamps }: Readonly<Record<string, unknown>>,
  start: (step: number) => HrTime,
): Samples {
  const values = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const value = list[i];
    if (value === null) values[i] = Number.NaN;
    else if (typeof value !== 'number' || !Number.isFinite(value)) {
      return { reason: 'not_a_number', problem: `sample ${i} is ${describe(value)}, not a number` };
    } else if (value < 0) return { reason: 'negative', problem: `sample ${i} is ${value}, below 0` };
    else values[i] = value;
  }
  if (timestamps !== undefined && timestamps !== null) return atTimes(timestamps, values);
  if (typeof step !== 'number' || step <= 0 || step >= LATEST_TIME) {
    const what = step === undefined ? 'is missing' : `is ${describe(step)}`;
    const problem = `\`step_seconds\` ${what}; it must be a number of seconds above 0, or there must be \`timestamps\``;
    return { reason: 'no_step', problem };
  }
  return { series: Series.regular(start(step), step, values) };
}

function atTimes(timestamps: unknown, values: Float64Array): Samples {
  const refused = (problem: string) => ({ reason: 'invalid_timestamps', problem });
  if (!Array.isArray(timestamps)) return refused(`\`timestamps\` must be a list, not ${describe(timestamps)}`);
  if (timestamps.length !== values.length) {
    return refused(`there are ${values.length} samples and ${timestamps.length} \`timestamps\``);
  }
  const times = new Float64Array(values.length);
  for (let i = 0; i < times.length; i++) {
    const given: unknown = timestamps[i];
    const time = typeof given === 'number' ? given : timeOf(given);
    if (time === undefined || !(time >= 0 && time < LATEST_TIME)) {
      return refused(
        `timestamp ${i} is ${describe(given)}, not seconds since 1970 or a time such as 2026-01-31T12:00:00Z`,
      );
    }
    if (i > 0 && time <= (times[i - 1] as number)) return refused(`timestamp ${i} is not after the one before it`);
    times[i] = time;
  }
  const first = times[0] as number;
  const offsets = times.map((time) => time - first);
  return { series: Series.irregular(toHrTime(first), offsets, values) };
}

/** Seconds since 1970 of an ISO 8601 time, UTC where it has no zone; undefined where it is none. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const milliseconds = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(value) ? value : `${value}Z`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** A value as it stands in messages, shortened. */
export function describe(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
