import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import { Attribute, type Batch, numberOf } from './attributes.ts';
import type { Factor } from './factor.ts';
import { type Figure, FigureGauge } from './figure-gauge.ts';
import { RunFacts, type RunWindow } from './run-facts.ts';
import { RunResource } from './run-resource.ts';
import { pointCount, SampledGauge, secondsBetween, toHrTime } from './series.ts';

export type { Figure } from './figure-gauge.ts';

/** A batch that knows how many data points it holds, since every stage counts them. */
class Run implements Batch {
  readonly resource: Batch['resource'];
  readonly scopeMetrics: ScopeMetrics[];
  readonly #points: number;

  constructor(resource: Batch['resource'], scopeMetrics: ScopeMetrics[], points: number) {
    this.resource = resource;
    this.scopeMetrics = scopeMetrics;
    this.#points = points;
  }

  static countPoints(batch: Batch): number {
    if (#points in batch) return batch.#points;
    let count = 0;
    for (const { metrics } of batch.scopeMetrics) count += pointsOf(metrics);
    return count;
  }
}

/** A run as a batch: its attributes, and the metrics measured under the given scope. */
export function makeRun(attributes: Attributes, scope: string, metrics: MetricData[]): Batch {
  const resource = new RunResource(new RunFacts(attributes), []);
  return new Run(resource, [{ scope: { name: scope }, metrics }], pointsOf(metrics));
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
  if (metrics.length === 0) return new Run(resource, batch.scopeMetrics, Run.countPoints(batch));
  const scopeMetrics = withLast(batch.scopeMetrics, { scope: { name: scope }, metrics });
  return new Run(resource, scopeMetrics, Run.countPoints(batch) + pointsOf(metrics));
}

/** A list with one more item; a spread would make room for more than these, for every run anew. */
function withLast<T>(list: readonly T[], item: T): T[] {
  const longer = new Array<T>(list.length + 1);
  for (let i = 0; i < list.length; i++) longer[i] = list[i] as T;
  longer[list.length] = item;
  return longer;
}

/**
 * A figure of a run as a gauge with one point. It carries the run's labels and the `extra` ones, and is stamped with
 * the run's end.
 */
export function figureGauge(figure: Figure, value: number, batch: Batch, extra?: Attributes): FigureGauge {
  return new FigureGauge(figure, value, RunResource.factsOf(batch.resource).labelsWith(extra), runWindow(batch));
}

/** What a run says of itself: all its attributes but the records of the factors that its figures rest on. */
export function ownAttributes(batch: Batch): Attributes {
  return RunResource.factsOf(batch.resource).attributes;
}

/**
 * When a run began and ended: its own `run.end_time`, else start plus duration, else its last sample, else now.
 */
export function runWindow(batch: Batch): RunWindow {
  const { window, attributes } = RunResource.factsOf(batch.resource);
  if (window) return window;
  const started = numberOf(attributes, Attribute.startTime);
  const end = lastSample(batch) ?? toHrTime(Date.now() / 1000);
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
  return Run.countPoints(batch);
}

function pointsOf(metrics: readonly MetricData[]): number {
  let count = 0;
  for (const metric of metrics) count += pointCount(metric);
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
