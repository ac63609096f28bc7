import { type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { attributesKey, type Skipped, secondsBetween, toHrTime } from 'wattline/plugin';
import type { Named } from './samples.ts';
import type { Family, Sample } from './text-format.ts';

/** The metrics of a page. */
export interface Converted {
  readonly metrics: readonly MetricData[];
  /** The number of their points. */
  readonly samples: number;
  readonly skipped: readonly Skipped[];
}

const PROCESS_START = 'process_start_time_seconds';
const CREATED = '_created';
const UNKNOWN: HrTime = [0, 0];
const distributions: ReadonlySet<string> = new Set(['histogram', 'gaugehistogram', 'summary']);

/** What happens to samples on their way. */
export interface Conversion {
  /** Returns what becomes of a name and labels; undefined where the sample is dropped. */
  readonly rename?: ((sample: Named) => Named | undefined) | undefined;
  /** Whether the times of the page do not count. */
  readonly ignoresTimes?: boolean;
}

/**
 * Returns the metrics of a page with names to keep, their names and units unchanged unless they are renamed: counters are
 * cumulative sums, all others are gauges; histograms and summaries are left out. A sample without a time gets that of the
 * scrape.
 */
export function metricsOf(
  families: readonly Family[],
  keeps: (name: string) => boolean,
  scraped: HrTime,
  { rename, ignoresTimes = false }: Conversion = {},
): Converted {
  const metrics = new Map<string, PointsOfMetric>();
  const skipped: Skipped[] = [];
  const processStart = families.find(({ name }) => name === PROCESS_START)?.samples[0]?.value;
  for (const family of families) {
    if (distributions.has(family.type)) {
      if (keeps(family.name)) skipped.push(unsupported(family));
      continue;
    }
    const startOf = startsIn(family, processStart);
    let metric: PointsOfMetric | undefined;
    for (const sample of family.samples) {
      const isStart = family.type === 'counter' && sample.name === family.name + CREATED;
      if (isStart || !keeps(sample.name)) continue;
      const named = rename ? rename(sample) : sample;
      if (!named) continue;
      if (metric?.name !== named.name) metric = metricNamed(named.name, family, metrics);
      const endTime = (ignoresTimes ? undefined : sample.time) ?? scraped;
      const start = startOf(sample);
      const startTime = start && secondsBetween(start, endTime) > 0 ? start : UNKNOWN;
      addPoint(metric, { startTime, endTime, attributes: named.labels, value: sample.value });
    }
  }
  const all = [...metrics.values()];
  for (const { name } of all.filter(({ hasDuplicate }) => hasDuplicate)) skipped.push(duplicate(name));
  return { metrics: all.map(metricOf), samples: all.reduce((sum, { points }) => sum + points.size, 0), skipped };
}

/** The points of one name. */
interface PointsOfMetric {
  readonly name: string;
  /** The family of the first of its samples. */
  readonly family: Family;
  readonly points: Map<string, DataPoint<number>>;
  hasDuplicate: boolean;
}

/** Returns the metric of that name, and adds it where there is none. A counter and a gauge of one name stay apart. */
function metricNamed(name: string, family: Family, metrics: Map<string, PointsOfMetric>): PointsOfMetric {
  const key = `${family.type === 'counter'} ${name}`;
  const metric = metrics.get(key) ?? { name, family, points: new Map(), hasDuplicate: false };
  metrics.set(key, metric);
  return metric;
}

/** Adds a point; of several with the same labels and time the first stays. */
function addPoint(metric: PointsOfMetric, point: DataPoint<number>): void {
  const key = `${point.endTime} ${attributesKey(point.attributes)}`;
  if (metric.points.has(key)) metric.hasDuplicate = true;
  else metric.points.set(key, point);
}

function metricOf({ name, family: { type, help, unit }, points }: PointsOfMetric): MetricData {
  const common = {
    descriptor: { name, unit, description: help, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [...points.values()],
  };
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE };
}

type StartOf = (sample: Sample) => HrTime | undefined;

/**
 * Returns the start of counters where the page states it: in OpenMetrics beside the counter, and for `process_…` by the
 * start of the process. Other counters may be the kernel's or the hardware's and go on when their process restarts; to
 * treat that as a reset would count everything again. Consumers detect a reset by a decrease, as Prometheus does.
 */
function startsIn(family: Family, processStart: number | undefined): StartOf {
  if (family.type !== 'counter') return () => undefined;
  const created = new Map<string, number>();
  for (const sample of family.samples) {
    if (sample.name === family.name + CREATED) created.set(attributesKey(sample.labels), sample.value);
  }
  const ofProcess = family.name.startsWith('process_') ? processStart : undefined;
  return (sample) => {
    const seconds = (created.size ? created.get(attributesKey(sample.labels)) : undefined) ?? ofProcess ?? 0;
    return seconds > 0 && Number.isFinite(seconds) ? toHrTime(seconds) : undefined;
  };
}

function unsupported({ name, type }: Family): Skipped {
  return {
    item: type,
    reason: 'unsupported_type',
    message: `\`${name}\` is a ${type}, which is not supported; leave it out of \`metric_names\``,
  };
}

function duplicate(name: string): Skipped {
  return {
    item: 'sample',
    reason: 'duplicate_sample',
    message: `\`${name}\` has several samples with the same labels and time; the first is used`,
  };
}
