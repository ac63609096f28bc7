import type { Attributes } from '@opentelemetry/api';
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

/** All numbers of a run that are figures rather than samples: those of metrics with a single point. */
export function figuresOf(batch: Batch): FigurePoint[] {
  const metrics = batch.scopeMetrics.flatMap((scope) => scope.metrics);
  return metrics.flatMap((metric) => {
    const [point, ...more] = metric.dataPoints;
    if (!point || more.length > 0 || isSignal(metric) || typeof point.value !== 'number') return [];
    const { name, unit } = metric.descriptor;
    const own = Object.entries(point.attributes).filter(([label]) => !common.has(label));
    const kind = own.filter(([label, value]) => isTelling(label, value)).map(([, value]) => String(value));
    const full = kind.length ? `${name} (${kind.join(', ')})` : name;
    return [{ name: full, unit, value: point.value, attributes: Object.fromEntries(own) }];
  });
}

/** Figures by location are those that are meant where no method is named. */
function isTelling(label: string, value: unknown): boolean {
  return !OF_FACTORS.has(label) && !(label === 'method' && value === 'location');
}
