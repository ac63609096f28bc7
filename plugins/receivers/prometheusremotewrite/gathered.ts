import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { attributesKey, Run, secondsBetween } from 'wattline/plugin';
import { isCounter, type Metadata } from './metadata.ts';
import type { Flaw, Series } from './series.ts';

const SCOPE = 'wattline/receiver/prometheusremotewrite';
const UNKNOWN: HrTime = [0, 0];
/** Milliseconds since 1970 up to which OTLP has times, whose nanoseconds have 64 bits. */
const LAST_TIME = 18_446_744_073_709;
/** How many series are named that cannot be taken. */
const NAMED = 10;

/** A series that cannot be taken, or a sample of it. */
export interface InvalidSeries extends Flaw {
  readonly series: string;
}

interface Gathering {
  readonly metric: MetricData;
  readonly points: DataPoint<number>[];
  readonly isCounter: boolean;
  /** Whether a series came twice, or its samples not in the order of time. */
  isDisordered: boolean;
}

/** The metrics of a request, by target and name, while it is read. */
export class Gathered {
  /** The samples that it has, the ends of series among them. */
  samples = 0;
  /** Samples that cannot be taken, and the first series that have some. */
  invalidSamples = 0;
  invalidSeries = 0;
  readonly invalid: InvalidSeries[] = [];
  /** The names of metrics with native histograms and exemplars, which are left out. */
  readonly histograms = new Set<string>();
  readonly exemplars = new Set<string>();
  readonly #targets = new Map<Attributes, Map<string, Gathering>>();
  readonly #seen = new Set<Series>();
  #gathering: Gathering | undefined;
  #attributes: Attributes = {};
  #last = Number.NEGATIVE_INFINITY;
  #milliseconds = 0;
  #time: HrTime = UNKNOWN;

  /** Begins a series; `metadataOf` is asked what its metric is, unless that is known. */
  begin(series: Series, metadataOf: (name: string) => Metadata): void {
    const { target, name } = series;
    let metrics = this.#targets.get(target);
    if (!metrics) {
      metrics = new Map();
      this.#targets.set(target, metrics);
    }
    let gathering = metrics.get(name);
    if (!gathering) {
      gathering = gatheringOf(name, metadataOf(name));
      metrics.set(name, gathering);
    }
    const count = this.#seen.size;
    this.#seen.add(series);
    if (this.#seen.size === count) gathering.isDisordered = true;
    this.#gathering = gathering;
    this.#attributes = series.attributes;
    this.#last = Number.NEGATIVE_INFINITY;
  }

  /** Adds a sample to the series that was begun, at milliseconds since 1970; a start of 0 is not known. Returns what is wrong with it. */
  add(value: number, milliseconds: number, start: number): Flaw | undefined {
    if (!(milliseconds >= 0 && milliseconds <= LAST_TIME)) return invalidTime(milliseconds);
    const gathering = this.#gathering as Gathering;
    if (milliseconds <= this.#last) gathering.isDisordered = true;
    this.#last = milliseconds;
    const startTime = gathering.isCounter && start > 0 && start < milliseconds ? toTime(start) : UNKNOWN;
    gathering.points.push({ startTime, endTime: this.#timeOf(milliseconds), attributes: this.#attributes, value });
    return undefined;
  }

  /** Notes that a series, or samples of it, cannot be taken. */
  refuse(samples: number, series: () => string, flaw: Flaw): void {
    this.invalidSamples += samples;
    this.invalidSeries++;
    if (this.invalid.length < NAMED) this.invalid.push({ series: series(), ...flaw });
  }

  /** Returns what came of each target as a run, which came from an address. */
  runs(address: string | undefined): Run[] {
    const runs: Run[] = [];
    for (const [attributes, gatherings] of this.#targets) {
      const metrics: MetricData[] = [];
      for (const { metric, points, isDisordered } of gatherings.values()) {
        if (points.length === 0) continue;
        metrics.push(isDisordered ? ({ ...metric, dataPoints: this.#inOrder(metric, points) } as MetricData) : metric);
      }
      if (metrics.length === 0) continue;
      runs.push(Run.from({ resource: { attributes }, scopeMetrics: [{ scope: { name: SCOPE }, metrics }] }, address));
    }
    return runs;
  }

  /** Returns points in the order of time, each once; of two at one time with other values the first is taken. */
  #inOrder({ descriptor }: MetricData, points: readonly DataPoint<number>[]): DataPoint<number>[] {
    const sorted = points.toSorted((a, b) => secondsBetween(b.endTime, a.endTime));
    const known = new Map<string, number>();
    return sorted.filter(({ attributes, endTime, value }) => {
      const key = `${endTime} ${attributesKey(attributes)}`;
      const first = known.get(key);
      if (first === undefined) known.set(key, value);
      else if (!Object.is(first, value)) {
        const series = () => `${descriptor.name}${JSON.stringify(attributes)}`;
        this.refuse(1, series, { reason: 'duplicate_sample', problem: 'has two values at one time' });
      }
      return first === undefined;
    });
  }

  /** Mostly all samples of a request have few times. */
  #timeOf(milliseconds: number): HrTime {
    if (milliseconds === this.#milliseconds) return this.#time;
    this.#milliseconds = milliseconds;
    this.#time = toTime(milliseconds);
    return this.#time;
  }
}

function gatheringOf(name: string, metadata: Metadata): Gathering {
  const points: DataPoint<number>[] = [];
  const isSum = isCounter(name, metadata);
  const common = {
    descriptor: { name, unit: metadata.unit, description: metadata.help, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: points,
  };
  const metric: MetricData = isSum
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE };
  return { metric, points, isCounter: isSum, isDisordered: false };
}

function toTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1_000_000];
}

function invalidTime(milliseconds: number): Flaw {
  return { reason: 'invalid_time', problem: `has a sample at ${milliseconds} ms, which is no time from 1970 to 2554` };
}
