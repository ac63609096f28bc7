import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type GaugeMetricData,
  type ScopeMetrics,
} from '@opentelemetry/sdk-metrics';
import type { Figure, FigureDefinition } from './figure.ts';
import { secondsBetween } from './hr-time.ts';
import type { Samples } from './signals.ts';

/** The instrumentation scope of what does not name one. */
const SCOPE = 'wattline';

/** Returns samples as gauges in the SDK's shape, a point each; those of one scope stand together. */
export function scopesOfSamples(samples: readonly Samples[]): ScopeMetrics[] {
  const scopes = new Scopes();
  for (const one of samples) scopes.add(one.scope, gaugeOf(one.signal, pointsOf(one)));
  return scopes.all;
}

/**
 * Returns figures as gauges in the SDK's shape, those of one scope together; several of one definition are the points of
 * one gauge. `pointOf` makes the point of a figure.
 */
export function scopesOfFigures(
  figures: readonly Figure[],
  pointOf: (figure: Figure) => DataPoint<number>,
): ScopeMetrics[] {
  const scopes = new Scopes();
  for (const [definition, alike] of Map.groupBy(figures, (figure) => figure.definition)) {
    scopes.add(definition.scope ?? SCOPE, gaugeOf(definition, alike.map(pointOf)));
  }
  return scopes.all;
}

function gaugeOf({ name, unit, description }: FigureDefinition, dataPoints: DataPoint<number>[]): GaugeMetricData {
  return {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints,
  };
}

const NONE: Attributes = Object.freeze({});

function pointsOf({ series }: Samples): DataPoint<number>[] {
  return Array.from(series.values, (value, index) => {
    const time = series.time(index);
    return { startTime: time, endTime: time, attributes: NONE, value };
  });
}

class Scopes {
  readonly all: ScopeMetrics[] = [];

  add(name: string, metric: GaugeMetricData): void {
    const known = this.all.find(({ scope }) => scope.name === name);
    if (known) known.metrics.push(metric);
    else this.all.push({ scope: { name }, metrics: [metric] });
  }
}

/** Returns how many data points these are in the SDK's shape. */
export function countPoints(
  samples: readonly Samples[],
  figures: readonly Figure[],
  metrics: readonly ScopeMetrics[],
): number {
  let count = figures.length;
  for (let i = 0; i < samples.length; i++) count += (samples[i] as Samples).series.length;
  for (let i = 0; i < metrics.length; i++) {
    for (const { dataPoints } of (metrics[i] as ScopeMetrics).metrics) count += dataPoints.length;
  }
  return count;
}

/** Returns the time of the last sample or point; undefined where there is none. */
export function lastTime(samples: readonly Samples[], scopes: readonly ScopeMetrics[]): HrTime | undefined {
  let last: HrTime | undefined;
  const take = (time: HrTime) => {
    if (!last || secondsBetween(last, time) > 0) last = time;
  };
  for (const { series } of samples) if (series.length) take(series.time(series.length - 1));
  for (const { metrics } of scopes) {
    for (const { dataPoints } of metrics) for (const { endTime } of dataPoints) take(endTime);
  }
  return last;
}
