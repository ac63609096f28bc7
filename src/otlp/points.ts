import type { HrTime } from '@opentelemetry/api';
import type { DataPoint, ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import type { Message } from './schema.ts';

/** Why a point cannot be used. */
export interface Flaw {
  /** A word in lower_snake_case. */
  readonly reason: string;
  /** What is wrong, to follow the words "point 3 ". */
  readonly problem: string;
}

/** Says why a number cannot be used, if it cannot. */
export type CheckNumber = (value: number) => Flaw | undefined;

/** What the points of a metric came to. Those that say nothing was recorded are not counted. */
export interface ReadPoints<T> {
  readonly points: DataPoint<T>[];
  /** The flaw of the first point that cannot be used, and how many there are. */
  readonly flaw: Flaw | undefined;
  readonly flawed: number;
}

/** How points are read. */
export interface PointOptions {
  /** Says which numbers may be there; without it all may. */
  readonly check?: CheckNumber | undefined;
  /** Whether the time 0 is one like any other, rather than OTLP's "unknown". */
  readonly knowsTime0: boolean;
}

/** What all points have. */
type Point = Pick<Message<'NumberDataPoint'>, 'attributes' | 'startTimeUnixNano' | 'timeUnixNano' | 'flags'>;

const NO_RECORDED_VALUE = 1;

/** The points of a gauge or a sum. */
export function numberPoints(
  messages: readonly Message<'NumberDataPoint'>[],
  options: PointOptions,
): ReadPoints<number> {
  return readPoints(messages, options, numberOf, (value) => options.check?.(value));
}

/** The points of a histogram. */
export function histogramPoints(
  messages: readonly Message<'HistogramDataPoint'>[],
  options: PointOptions,
): ReadPoints<Histogram> {
  return readPoints(messages, options, histogramOf, checkBuckets);
}

/** The points of an exponential histogram. */
export function exponentialHistogramPoints(
  messages: readonly Message<'ExponentialHistogramDataPoint'>[],
  options: PointOptions,
): ReadPoints<ExponentialHistogram> {
  return readPoints(messages, options, exponentialHistogramOf, () => undefined);
}

function readPoints<P extends Point, T>(
  messages: readonly P[],
  { knowsTime0 }: PointOptions,
  readValue: (point: P) => T | undefined,
  check: (value: T) => Flaw | undefined,
): ReadPoints<T> {
  const points: DataPoint<T>[] = [];
  let first: Flaw | undefined;
  let flawed = 0;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index] as P;
    if (message.flags & NO_RECORDED_VALUE) continue;
    const { startTimeUnixNano: startTime, timeUnixNano: endTime } = message;
    const value = readValue(message);
    const flaw = !knowsTime0 && isZero(endTime) ? noTime : value === undefined ? noValue : check(value);
    if (!flaw) points.push({ startTime, endTime, attributes: message.attributes, value: value as T });
    else if (flawed++ === 0) first = { reason: flaw.reason, problem: `point ${index} ${flaw.problem}` };
  }
  return { points, flaw: first, flawed };
}

const noTime: Flaw = { reason: 'no_time', problem: 'has no `timeUnixNano`' };
const noValue: Flaw = { reason: 'no_value', problem: 'has no value' };

function isZero([seconds, nanoseconds]: HrTime): boolean {
  return seconds === 0 && nanoseconds === 0;
}

function numberOf(point: Message<'NumberDataPoint'>): number | undefined {
  if (point.value === 'asDouble') return point.asDouble;
  return point.value === 'asInt' ? point.asInt : undefined;
}

function histogramOf(point: Message<'HistogramDataPoint'>): Histogram {
  return { buckets: { boundaries: point.explicitBounds, counts: point.bucketCounts }, ...totalsOf(point) };
}

/** A histogram has one count more than boundaries, or nothing of both. */
function checkBuckets({ buckets: { boundaries, counts } }: Histogram): Flaw | undefined {
  if (counts.length === boundaries.length + 1 || counts.length + boundaries.length === 0) return undefined;
  const problem = `has ${counts.length} \`bucketCounts\` for ${boundaries.length} \`explicitBounds\``;
  return { reason: 'invalid_buckets', problem };
}

function exponentialHistogramOf(point: Message<'ExponentialHistogramDataPoint'>): ExponentialHistogram {
  const { scale, zeroCount } = point;
  const [positive, negative] = [bucketsOf(point.positive), bucketsOf(point.negative)];
  return { ...totalsOf(point), scale, zeroCount, positive, negative };
}

function bucketsOf(buckets: Message<'Buckets'> | undefined): ExponentialHistogram['positive'] {
  return { offset: buckets?.offset ?? 0, bucketCounts: buckets?.bucketCounts ?? [] };
}

/** The absence of some of these is not the same as 0. */
function totalsOf({ count, sum, min, max }: Message<'HistogramDataPoint' | 'ExponentialHistogramDataPoint'>) {
  return {
    count,
    ...(sum !== undefined && { sum }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
}
