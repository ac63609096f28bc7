import type { Attributes, HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { DataPoint, GaugeMetricData, MetricData } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { Attribute, type Batch, labelsOf, numberOf } from './attributes.ts';
import { pointCount, SampledGauge, secondsBetween, toHrTime } from './series.ts';

/** What a figure is: its fixed name, its unit in UCUM, and a sentence about it. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** A run as a batch: its attributes, and the metrics measured under the given scope. */
export function makeRun(attributes: Attributes, scope: string, metrics: MetricData[]): Batch {
  return { resource: resourceFromAttributes(attributes), scopeMetrics: [{ scope: { name: scope }, metrics }] };
}

/** The same run with more metrics and, where given, more attributes; what it had is shared, not copied. */
export function extendRun(batch: Batch, scope: string, metrics: MetricData[], attributes?: Attributes): Batch {
  return {
    resource: attributes ? batch.resource.merge(resourceFromAttributes(attributes)) : batch.resource,
    scopeMetrics: metrics.length ? [...batch.scopeMetrics, { scope: { name: scope }, metrics }] : batch.scopeMetrics,
  };
}

/**
 * A figure of a run as a gauge with one point. It carries the run's labels and the `extra` ones, and is stamped with
 * the run's end.
 */
export function figureGauge(figure: Figure, value: number, batch: Batch, extra?: Attributes): GaugeMetricData {
  const { start, end } = runWindow(batch);
  return {
    descriptor: { ...figure, valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [{ startTime: start, endTime: end, value, attributes: labelsOf(batch.resource.attributes, extra) }],
  };
}

/**
 * When a run began and ended: its own `run.end_time`, else start plus duration, else its last sample, else now.
 */
export function runWindow(batch: Batch): { readonly start: HrTime; readonly end: HrTime } {
  const { attributes } = batch.resource;
  const started = numberOf(attributes, Attribute.startTime);
  const duration = numberOf(attributes, Attribute.duration);
  const ended =
    numberOf(attributes, Attribute.endTime) ??
    (started !== undefined && duration !== undefined ? started + duration : undefined);
  const end = ended === undefined ? (lastSample(batch) ?? toHrTime(Date.now() / 1000)) : toHrTime(ended);
  return { start: started === undefined ? end : toHrTime(started), end };
}

/** The run's duration in seconds, above 0: `run.duration`, else end minus start; undefined where neither is known. */
export function runDuration(attributes: Attributes): number | undefined {
  const duration = numberOf(attributes, Attribute.duration);
  if (duration !== undefined && duration > 0) return duration;
  const start = numberOf(attributes, Attribute.startTime);
  const end = numberOf(attributes, Attribute.endTime);
  return start !== undefined && end !== undefined && end > start ? end - start : undefined;
}

/** How many data points a batch holds. */
export function countPoints(batch: Batch): number {
  let count = 0;
  for (const { metrics } of batch.scopeMetrics) for (const metric of metrics) count += pointCount(metric);
  return count;
}

function lastSample(batch: Batch): HrTime | undefined {
  let last: HrTime | undefined;
  for (const { metrics } of batch.scopeMetrics) {
    for (const metric of metrics) {
      const times =
        metric instanceof SampledGauge
          ? [metric.series.time(Math.max(0, metric.series.length - 1))]
          : metric.dataPoints.map((point) => point.endTime);
      for (const time of times) if (!last || secondsBetween(last, time) > 0) last = time;
    }
  }
  return last;
}

/**
 * The point of a run's figure with that name, such as `co2_emissions_kg`; undefined where it has none, or several. Of
 * emissions that are counted by several methods it is the point without the label `method`, else the one whose method
 * is `location`.
 */
export function findFigure(batch: Batch, name: string): DataPoint<number> | undefined {
  const points = batch.scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap((metric) =>
      metric.descriptor.name === name && metric.dataPointType === DataPointType.GAUGE ? metric.dataPoints : [],
    );
  const unnamed = points.filter(({ attributes }) => attributes.method === undefined);
  const wanted = unnamed.length ? unnamed : points.filter(({ attributes }) => attributes.method === 'location');
  return wanted.length === 1 ? wanted[0] : undefined;
}
