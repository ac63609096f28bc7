import type { DataPoint, ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import { attributesOf } from './attributes.ts';
import { doubleIn, doublesIn, has, integerIn, integersIn, type Message, messageIn, timeIn } from './message.ts';

/** Why a point cannot be used. */
export interface Flaw {
  /** A word in lower_snake_case. */
  readonly reason: string;
  /** What is wrong, to follow the words "point 3 ". */
  readonly problem: string;
}

/** Turns a point's message into its value, or says why it cannot be used. */
export type ReadValue<T> = (point: Message) => { readonly value: T } | { readonly flaw: Flaw };

/** What the points of a metric came to. Those that say nothing was recorded are in neither list. */
export interface ReadPoints<T> {
  readonly points: DataPoint<T>[];
  readonly flaws: readonly Flaw[];
}

const NO_RECORDED_VALUE = 1;

/** Reads the points of a metric, each with its times and attributes. */
export function readPoints<T>(messages: readonly Message[], readValue: ReadValue<T>): ReadPoints<T> {
  const points: DataPoint<T>[] = [];
  const flaws: Flaw[] = [];
  for (const [index, message] of messages.entries()) {
    if ((integerIn(message, 'flags') ?? 0) & NO_RECORDED_VALUE) continue;
    const flaw = (reason: string, problem: string) => flaws.push({ reason, problem: `point ${index} ${problem}` });
    const endTime = timeIn(message, 'timeUnixNano');
    const result = readValue(message);
    if (!endTime) flaw('no_time', 'has no `timeUnixNano`');
    else if ('flaw' in result) flaw(result.flaw.reason, result.flaw.problem);
    else {
      const startTime = timeIn(message, 'startTimeUnixNano') ?? [0, 0];
      points.push({ startTime, endTime, attributes: attributesOf(message), value: result.value });
    }
  }
  return { points, flaws };
}

/** The number of a gauge's or a sum's point. */
export const readNumber: ReadValue<number> = (point) => {
  const value = doubleIn(point, 'asDouble') ?? integerIn(point, 'asInt');
  if (value === undefined) return { flaw: { reason: 'no_value', problem: 'has no value' } };
  return { value };
};

/** The sample of a measured signal, which must be a number of 0 or more; NaN is a missing one. */
export const readSample: ReadValue<number> = (point) => {
  const result = readNumber(point);
  if ('flaw' in result) return result;
  const { value } = result;
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    return { flaw: { reason: 'not_a_number', problem: `is ${value}, not a number` } };
  if (value < 0) return { flaw: { reason: 'negative', problem: `is ${value}, below 0` } };
  return result;
};

/** The buckets of a histogram's point. */
export const readHistogram: ReadValue<Histogram> = (point) => {
  const boundaries = doublesIn(point, 'explicitBounds');
  const counts = integersIn(point, 'bucketCounts');
  if (counts.length !== boundaries.length + 1 && counts.length + boundaries.length > 0) {
    const problem = `has ${counts.length} \`bucketCounts\` for ${boundaries.length} \`explicitBounds\``;
    return { flaw: { reason: 'invalid_buckets', problem } };
  }
  return { value: { buckets: { boundaries, counts }, ...totalsOf(point) } };
};

/** The buckets of an exponential histogram's point. */
export const readExponentialHistogram: ReadValue<ExponentialHistogram> = (point) => ({
  value: {
    ...totalsOf(point),
    scale: integerIn(point, 'scale') ?? 0,
    zeroCount: integerIn(point, 'zeroCount') ?? 0,
    positive: bucketsOf(messageIn(point, 'positive')),
    negative: bucketsOf(messageIn(point, 'negative')),
  },
});

/** Whether any of the points has a number with a fraction. */
export function hasDoubles(messages: readonly Message[]): boolean {
  return messages.some((message) => has(message, 'asDouble'));
}

function totalsOf(point: Message) {
  const totals: { count: number; sum?: number; min?: number; max?: number } = { count: integerIn(point, 'count') ?? 0 };
  for (const field of ['sum', 'min', 'max'] as const) {
    const value = doubleIn(point, field);
    if (value !== undefined) totals[field] = value;
  }
  return totals;
}

function bucketsOf(buckets: Message | undefined): ExponentialHistogram['positive'] {
  if (!buckets) return { offset: 0, bucketCounts: [] };
  return { offset: integerIn(buckets, 'offset') ?? 0, bucketCounts: integersIn(buckets, 'bucketCounts') };
}
