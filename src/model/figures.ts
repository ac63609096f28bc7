import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import { type Batch, figureLabels } from './attributes.ts';
import { isSignal } from './signals.ts';

/** A number that a stage has added to a run. */
export interface FigurePoint {
  /** The metric's name, and in parentheses what tells its points apart in a run, such as `coverage_ratio (power)`. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  /** What its point says beyond the labels that all figures of a run have. */
  readonly attributes: Attributes;
}

const common: ReadonlySet<string> = new Set(figureLabels);
/** Where a factor comes from does not tell figures apart. */
const OF_FACTORS: ReadonlySet<string> = new Set(['region_known', 'state']);

/** All numbers of a run that are figures rather than samples: those of metrics whose points are told apart. */
export function figuresOf(batch: Batch): FigurePoint[] {
  const metrics = batch.scopeMetrics.flatMap((scope) => scope.metrics);
  return metrics.flatMap((metric) => {
    if (isSignal(metric)) return [];
    const points = metric.dataPoints.flatMap((point) => figureOf(metric, point) ?? []);
    return new Set(points.map(({ name }) => name)).size === points.length ? points : [];
  });
}

function figureOf({ descriptor }: MetricData, { value, attributes }: DataPoint<unknown>): FigurePoint | undefined {
  if (typeof value !== 'number') return undefined;
  const { name, unit } = descriptor;
  const own = Object.entries(attributes).filter(([label]) => !common.has(label));
  const kind = own.filter(([label, of]) => isTelling(label, of)).map(([, of]) => String(of));
  const full = kind.length ? `${name} (${kind.join(', ')})` : name;
  return { name: full, unit, value, attributes: Object.fromEntries(own) };
}

/** Figures by location are those that are meant where no method is named. */
function isTelling(label: string, value: unknown): boolean {
  return !OF_FACTORS.has(label) && !(label === 'method' && value === 'location');
}
