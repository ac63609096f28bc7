import type { HrTime } from '@opentelemetry/api';
import type { DataPoint, ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import { attributesOf } from './attributes.ts';
import { numberOfFixed64 } from './fixed64.ts';
import type {
  Buckets,
  ExponentialHistogramDataPoint,
  HistogramDataPoint,
  KeyValue,
  NumberDataPoint,
} from './generated/metrics.js';

/** Why a point cannot be used. */
export interface Flaw {
  /** A word in lower_snake_case. */
  readonly reason: string;
  /** What is wrong, to follow the words "point 3 ". */
  readonly problem: string;
}

/** Says why a number cannot be used, if it cannot. */
export type CheckNumber = (value: number) => Flaw | undefined;

/** What the points of a metric came to. Those that say nothing was recorded are in neither list. */
export interface ReadPoints<T> {
  readonly points: DataPoint<T>[];
  readonly flaws: readonly Flaw[];
}

/** What all points have. */
interface Point {
  readonly attributes: KeyValue[];
  readonly start_time_unix_nano: HrTime | 0;
  readonly time_unix_nano: HrTime | 0;
  readonly flags: number;
}

const NO_RECORDED_VALUE = 1;
const UNKNOWN: HrTime = [0, 0];

/** The points of a gauge or a sum. */
export function numberPoints(messages: readonly NumberDataPoint[], check?: CheckNumber): ReadPoints<number> {
  return readPoints(messages, numberOf, (value) => check?.(value));
}

/** The points of a histogram. */
export function histogramPoints(messages: readonly HistogramDataPoint[]): ReadPoints<Histogram> {
  return readPoints(messages, histogramOf, checkBuckets);
}

/** The points of an exponential histogram. */
export function exponentialHistogramPoints(
  messages: readonly ExponentialHistogramDataPoint[],
): ReadPoints<ExponentialHistogram> {
  return readPoints(messages, exponentialHistogramOf, () => undefined);
}

function readPoints<P extends Point, T>(
  messages: readonly P[],
  readValue: (point: P) => T | undefined,
  check: (value: T) => Flaw | undefined,
): ReadPoints<T> {
  const points: DataPoint<T>[] = [];
  const flaws: Flaw[] = [];
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index] as P;
    if (message.flags & NO_RECORDED_VALUE) continue;
    const endTime = message.time_unix_nano;
    const value = readValue(message);
    const flaw = isUnknown(endTime) ? noTime : value === undefined ? noValue : check(value);
    if (flaw) flaws.push({ reason: flaw.reason, problem: `point ${index} ${flaw.problem}` });
    else {
      points.push({
        startTime: message.start_time_unix_nano || UNKNOWN,
        endTime: endTime as HrTime,
        attributes: attributesOf(message.attributes),
        value: value as T,
      });
    }
  }
  return { points, flaws };
}

const noTime: Flaw = { reason: 'no_time', problem: 'has no `timeUnixNano`' };
const noValue: Flaw = { reason: 'no_value', problem: 'has no value' };

/** The time 0 is OTLP's "unknown". */
function isUnknown(time: HrTime | 0): boolean {
  return time === 0 || (time[0] === 0 && time[1] === 0);
}

function numberOf(point: NumberDataPoint): number | undefined {
  if (point.value === 'as_double') return point.as_double;
  return point.value === 'as_int' ? point.as_int : undefined;
}

function histogramOf(point: HistogramDataPoint): Histogram {
  return { buckets: { boundaries: point.explicit_bounds, counts: point.bucket_counts }, ...totalsOf(point) };
}

/** A histogram has one count more than boundaries, or nothing of both. */
function checkBuckets({ buckets: { boundaries, counts } }: Histogram): Flaw | undefined {
  if (counts.length === boundaries.length + 1 || counts.length + boundaries.length === 0) return undefined;
  const problem = `has ${counts.length} \`bucketCounts\` for ${boundaries.length} \`explicitBounds\``;
  return { reason: 'invalid_buckets', problem };
}

function exponentialHistogramOf(point: ExponentialHistogramDataPoint): ExponentialHistogram {
  return {
    ...totalsOf(point),
    scale: point.scale,
    zeroCount: numberOfFixed64(point.zero_count),
    positive: bucketsOf(point.positive),
    negative: bucketsOf(point.negative),
  };
}

/** The absence of these is not the same as 0. */
function totalsOf(point: HistogramDataPoint | ExponentialHistogramDataPoint) {
  return {
    count: numberOfFixed64(point.count),
    ...(point._sum && { sum: point.sum }),
    ...(point._min && { min: point.min }),
    ...(point._max && { max: point.max }),
  };
}

function bucketsOf(buckets: Buckets | undefined): ExponentialHistogram['positive'] {
  return { offset: buckets?.offset ?? 0, bucketCounts: buckets?.bucket_counts ?? [] };
}
