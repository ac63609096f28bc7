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

/** Says why a number cannot be used, if it cannot; undefined is none. */
export type CheckNumber = (value: number | undefined) => Flaw | undefined;

/** What the points of a metric came to. Those that say nothing was recorded are in neither list. */
export interface ReadPoints<T> {
  readonly points: DataPoint<T>[];
  readonly flaws: readonly Flaw[];
}

const NO_RECORDED_VALUE = 1;

/** What is wrong with a point without a time. */
export const noTime: Flaw = { reason: 'no_time', problem: 'has no `timeUnixNano`' };
const noValue: Flaw = { reason: 'no_value', problem: 'has no value' };

/** Reads the points of a metric, each with its times and attributes. */
export function readPoints<T>(messages: readonly Message[], readValue: ReadValue<T>): ReadPoints<T> {
  const points: DataPoint<T>[] = [];
  const flaws: Flaw[] = [];
  for (const [index, message] of messages.entries()) {
    if (!isRecorded(integerIn(message, 'flags') ?? 0)) continue;
    const endTime = timeIn(message, 'timeUnixNano');
    const result = readValue(message);
    if (!endTime) flaws.push(atPoint(index, noTime));
    else if ('flaw' in result) flaws.push(atPoint(index, result.flaw));
    else {
      const startTime = timeIn(message, 'startTimeUnixNano') ?? [0, 0];
      points.push({ startTime, endTime, attributes: attributesOf(message), value: result.value });
    }
  }
  return { points, flaws };
}

/** Whether the flags of a point do not say that nothing was recorded. */
export function isRecorded(flags: number): boolean {
  return (flags & NO_RECORDED_VALUE) === 0;
}

/** The flaw with the point named that has it. */
export function atPoint(index: number, { reason, problem }: Flaw): Flaw {
  return { reason, problem: `point ${index} ${problem}` };
}

/** Any number will do. */
export const checkNumber: CheckNumber = (value) => (value === undefined ? noValue : undefined);

/** The sample of a measured signal must be a number of 0 or more; NaN is a missing one. */
export const checkSample: CheckNumber = (value) => {
  if (value === undefined) return noValue;
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    return { reason: 'not_a_number', problem: `is ${value}, not a number` };
  return value < 0 ? { reason: 'negative', problem: `is ${value}, below 0` } : undefined;
};

/** A histogram has one count more than boundaries, or nothing of both. */
export function checkBuckets(boundaries: readonly number[], counts: readonly number[]): Flaw | undefined {
  if (counts.length === boundaries.length + 1 || counts.length + boundaries.length === 0) return undefined;
  const problem = `has ${counts.length} \`bucketCounts\` for ${boundaries.length} \`explicitBounds\``;
  return { reason: 'invalid_buckets', problem };
}

/** Reads the number of a gauge's or a sum's point. */
export function readNumber(check: CheckNumber): ReadValue<number> {
  return (point) => {
    const value = doubleIn(point, 'asDouble') ?? integerIn(point, 'asInt');
    const flaw = check(value);
    return flaw ? { flaw } : { value: value as number };
  };
}

/** The buckets of a histogram's point. */
export const readHistogram: ReadValue<Histogram> = (point) => {
  const boundaries = doublesIn(point, 'explicitBounds');
  const counts = integersIn(point, 'bucketCounts');
  const flaw = checkBuckets(boundaries, counts);
  return flaw ? { flaw } : { value: { buckets: { boundaries, counts }, ...totalsOf(point) } };
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
