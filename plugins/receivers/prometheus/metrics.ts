import { type HrTime, ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { attributesKey, type Skipped, secondsBetween, toHrTime } from 'wattline/plugin';
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

/**
 * Returns the metrics of a page with names to keep, their names and units unchanged: counters are cumulative sums, all
 * others are gauges; histograms and summaries are left out. A sample without a time gets that of the scrape.
 */
export function metricsOf(families: readonly Family[], keeps: (name: string) => boolean, scraped: HrTime): Converted {
  const metrics: MetricData[] = [];
  const skipped: Skipped[] = [];
  let samples = 0;
  const processStart = families.find(({ name }) => name === PROCESS_START)?.samples[0]?.value;
  for (const family of families) {
    if (distributions.has(family.type)) {
      if (keeps(family.name)) skipped.push(unsupported(family));
      continue;
    }
    const startOf = startsIn(family, processStart);
    for (const [name, sameName] of Map.groupBy(family.samples, (sample) => sample.name)) {
      const isStart = family.type === 'counter' && name === family.name + CREATED;
      if (isStart || !keeps(name)) continue;
      const dataPoints = pointsOf(sameName, startOf, scraped);
      if (dataPoints.length < sameName.length) skipped.push(duplicate(name));
      samples += dataPoints.length;
      metrics.push(metricOf(name, family, dataPoints));
    }
  }
  return { metrics, samples, skipped };
}

function metricOf(name: string, { type, help, unit }: Family, dataPoints: DataPoint<number>[]): MetricData {
  const common = {
    descriptor: { name, unit, description: help, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints,
  };
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE };
}

/** Returns the points of samples of one name; of several with the same labels and time, the first. */
function pointsOf(samples: readonly Sample[], startOf: StartOf, scraped: HrTime): DataPoint<number>[] {
  const points = new Map<string, DataPoint<number>>();
  for (const sample of samples) {
    const endTime = sample.time ?? scraped;
    const key = `${endTime} ${attributesKey(sample.labels)}`;
    if (points.has(key)) continue;
    const start = startOf(sample);
    const startTime = start && secondsBetween(start, endTime) > 0 ? start : UNKNOWN;
    points.set(key, { startTime, endTime, attributes: sample.labels, value: sample.value });
  }
  return [...points.values()];
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
