import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import type { Batch } from './attributes.ts';
import type { Factor } from './factor.ts';
import { type Figure, FigureGauge } from './figure-gauge.ts';
import { Run } from './run-batch.ts';
import { RunFacts, type RunWindow } from './run-facts.ts';
import { RunResource } from './run-resource.ts';
import { SampledGauge, secondsBetween, toHrTime } from './series.ts';

export type { Figure } from './figure-gauge.ts';

/** A run as a batch: its attributes, and the metrics measured under the given scope. */
export function makeRun(attributes: Attributes, scope: string, metrics: MetricData[]): Batch {
  return makeRunOf({ ...attributes }, scope, metrics);
}

/** The same of attributes that nobody else holds, which are not copied. */
export function makeRunOf(attributes: Attributes, scope: string, metrics: MetricData[]): Batch {
  const resource = new RunResource(new RunFacts(attributes), []);
  return Run.of(resource, { scope: { name: scope }, metrics });
}

/**
 * The same run with more metrics and, where given, more attributes and the factors that its figures rest on; what it had
 * is shared, not copied.
 */
export function extendRun(
  batch: Batch,
  scope: string,
  metrics: MetricData[],
  attributes?: Attributes,
  factors: readonly Factor[] = [],
): Batch {
  const resource =
    attributes || factors.length ? RunResource.extended(batch.resource, attributes, factors) : batch.resource;
  return Run.extended(batch, resource, metrics.length ? { scope: { name: scope }, metrics } : undefined);
}

/**
 * A figure of a run as a gauge with one point. It carries the run's labels and the `extra` ones, and is stamped with
 * the run's end.
 */
export function figureGauge(figure: Figure, value: number, batch: Batch, extra?: Attributes): FigureGauge {
  return figureGaugeOf(figure, value, batch, extra && { ...extra });
}

/** The same with labels that nobody changes any more, which are not copied: they are put together only for who asks. */
export function figureGaugeOf(figure: Figure, value: number, batch: Batch, extra: Attributes | undefined): FigureGauge {
  const facts = RunResource.factsOf(batch.resource);
  return new FigureGauge(figure, value, extra, facts, facts.hasWindow ? undefined : runWindow(batch));
}

/** What a run says of itself, without the records of the factors that its figures rest on, and what follows from that. */
export function factsOf(batch: Batch): RunFacts {
  return RunResource.factsOf(batch.resource);
}

/**
 * When a run began and ended: its own `run.end_time`, else start plus duration, else its last sample, else now.
 */
export function runWindow(batch: Batch): RunWindow {
  const { window, start } = RunResource.factsOf(batch.resource);
  if (window) return window;
  const end = lastSample(batch) ?? toHrTime(Date.now() / 1000);
  return { start: start === undefined ? end : toHrTime(start), end };
}

/** The run's duration in seconds, above 0: `run.duration`, else end minus start; undefined where neither is known. */
export function runDuration(attributes: Attributes): number | undefined {
  return new RunFacts(attributes).duration;
}

/** How many data points a batch holds. */
export function countPoints(batch: Batch): number {
  return Run.countPoints(batch);
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
