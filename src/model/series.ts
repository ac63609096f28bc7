import type { HrTime } from '@opentelemetry/api';
import type { DataPoint } from '@opentelemetry/sdk-metrics';
import { addSeconds, secondsBetween } from './hr-time.ts';

/**
 * What a sample says: the value at its time, between which it runs straight to the next; or the mean from its time to
 * the next one's, as rates do. The last of the latter lasts as long as the one before it.
 */
export type Sampling = 'instant' | 'interval';

/**
 * How samples are read: as their run says, or `held` until the time of the next one, however late that is, as stages write
 * what they have reckoned. Nothing is missing between the latter.
 */
export type SampleRule = Sampling | 'held';

/** How far apart two samples may be, in usual steps, so that what was between them is known; half a thousandth is rounding. */
const WIDEST_JOIN = 2.0005;

/** A series, what it comes to over time, and how that was reckoned. */
export interface Integrated {
  readonly series: Series;
  /** In the values' unit times seconds: W gives J, cores give core-seconds. */
  readonly value: number;
  /** The seconds that were integrated over; gaps are not among them. */
  readonly span: number;
  readonly sampling: SampleRule;
  /** The run's duration in seconds, where it is known. */
  readonly duration: number | undefined;
}

/**
 * The samples of one signal in time order: values, and for each its distance in seconds from `start`.
 * Distances are kept apart from the start, since a double holds an epoch time only to 0.2 µs.
 */
export class Series {
  readonly start: HrTime;
  readonly length: number;
  /** Seconds between two samples, where they are evenly spaced. */
  readonly step: number | undefined;
  /**
   * The sum of the values in their order, where it is known that every one of them is a number of 0 or more: whoever has
   * read them has seen that, and nobody needs to look again.
   */
  readonly sum: number | undefined;
  /** Whether means hold until the next one however late that is, which whoever has reckoned them knows. */
  readonly isHeld: boolean;
  /** The values are a range of a larger array, which many series share; a view of its own would cost more than a short series. */
  readonly #all: Float64Array;
  readonly #from: number;
  readonly #offsets: Float64Array | undefined;
  #values: Float64Array | undefined;
  #integrated: Integrated | undefined;
  #usualStep: number | undefined;

  private constructor(
    start: HrTime,
    all: Float64Array,
    from: number,
    length: number,
    step: number | undefined,
    sum: number | undefined,
    offsets: Float64Array | undefined,
    isHeld = false,
  ) {
    this.start = start;
    this.length = length;
    this.step = step;
    this.sum = sum;
    this.isHeld = isHeld;
    this.#all = all;
    this.#from = from;
    this.#offsets = offsets;
    this.#values = undefined;
    this.#integrated = undefined;
    this.#usualStep = undefined;
  }

  /** Returns samples every `step` seconds from `start` on; see `sum` for when to give it. */
  static regular(start: HrTime, step: number, values: Float64Array, sum?: number): Series {
    return new Series(start, values, 0, values.length, step, sum, undefined);
  }

  /** Returns samples at their own `offsets`, in seconds from `start`, ascending. */
  static irregular(start: HrTime, offsets: Float64Array, values: Float64Array): Series {
    return new Series(start, values, 0, values.length, undefined, undefined, offsets);
  }

  /** Returns means at their own `offsets` that hold until the next one however late that is. */
  static held(start: HrTime, offsets: Float64Array, values: Float64Array): Series {
    return new Series(start, values, 0, values.length, undefined, undefined, offsets, true);
  }

  /** Returns samples every `step` seconds whose values are `length` items of a larger array, which nobody changes any more. */
  static within(
    all: Float64Array,
    from: number,
    length: number,
    start: HrTime,
    step: number,
    sum: number | undefined,
  ): Series {
    return new Series(start, all, from, length, step, sum, undefined);
  }

  /** The values alone. */
  get values(): Float64Array {
    this.#values ??= this.#all.subarray(this.#from, this.#from + this.length);
    return this.#values;
  }

  /** What was last made of it: every stage asks for the same. */
  get integrated(): Integrated | undefined {
    return this.#integrated;
  }

  set integrated(integrated: Integrated | undefined) {
    this.#integrated = integrated;
  }

  /** Returns a series of the same times with one value wherever this one has any. */
  holding(value: number): Series {
    const values = this.values.map((one) => (Number.isNaN(one) ? one : value));
    return new Series(this.start, values, 0, this.length, this.step, undefined, this.#offsets, this.isHeld);
  }

  /** Returns the value of sample `index`, which must be below `length`. */
  at(index: number): number {
    return this.#all[this.#from + index] as number;
  }

  /** Returns the seconds from `start` to sample `index`. */
  offset(index: number): number {
    return this.#offsets ? (this.#offsets[index] ?? 0) : index * (this.step ?? 0);
  }

  /** Returns when sample `index` was taken. */
  time(index: number): HrTime {
    return addSeconds(this.start, this.offset(index));
  }

  /** The seconds between two samples: the step, or the median of the distances; 0 where there are none. */
  get usualStep(): number {
    this.#usualStep ??= this.step ?? medianDistance(this);
    return this.#usualStep;
  }

  /** Returns whether something is missing between two samples that are so many seconds apart. */
  isHole(seconds: number): boolean {
    return seconds > this.usualStep * WIDEST_JOIN;
  }

  /**
   * Returns when sample `index` ends where each is of a time, in seconds from `start`: at the next one, and the last one
   * lasts as long as the one before it. A mean before a hole lasts one usual step; a single sample lasts its step.
   */
  endOf(index: number, sampling: SampleRule): number {
    const from = this.offset(index);
    if (this.length === 1) return from + (this.step ?? 0);
    const next = index + 1 < this.length ? this.offset(index + 1) : from + (from - this.offset(index - 1));
    return sampling === 'interval' && !this.isHeld && this.isHole(next - from) ? from + this.usualStep : next;
  }

  /** Returns when the last sample ends, in seconds from `start`: a single one lasts its step, and other instants no time. */
  end(sampling: SampleRule): number {
    const last = this.length - 1;
    return sampling === 'instant' && last > 0 ? this.offset(last) : this.endOf(last, sampling);
  }

  toJSON() {
    const { start, step, length } = this;
    const spacing =
      step === undefined ? { offsets: Array.from({ length }, (_, index) => this.offset(index)) } : { step };
    return { start, ...spacing, values: [...this.values] };
  }
}

function medianDistance(series: Series): number {
  if (series.length < 2) return 0;
  const distances = Float64Array.from({ length: series.length - 1 }, (_, i) => series.offset(i + 1) - series.offset(i));
  return distances.sort()[Math.floor(distances.length / 2)] as number;
}

/** Returns the values of points as samples in time order; undefined where there is no point. */
export function seriesOf(given: readonly DataPoint<number>[]): Series | undefined {
  const points = inOrder(given);
  const [first] = points;
  if (!first) return undefined;
  const offsets = new Float64Array(points.length);
  const values = new Float64Array(points.length);
  for (let i = 0; i < points.length; i++) {
    const { endTime, value } = points[i] as DataPoint<number>;
    offsets[i] = secondsBetween(first.endTime, endTime);
    values[i] = value;
  }
  return Series.irregular(first.endTime, offsets, values);
}

/** The points in time order, which they mostly are in. */
function inOrder(points: readonly DataPoint<number>[]): readonly DataPoint<number>[] {
  let before = points[0];
  for (const point of points) {
    if (secondsBetween((before as DataPoint<number>).endTime, point.endTime) < 0) {
      return [...points].sort((a, b) => secondsBetween(b.endTime, a.endTime));
    }
    before = point;
  }
  return points;
}
