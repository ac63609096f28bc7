import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricData } from '@opentelemetry/sdk-metrics';
import { type Batch, figureLabels } from './attributes.ts';
import { FigureGauge } from './figure-gauge.ts';
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

const NONE: Attributes = Object.freeze({});
const common: ReadonlySet<string> = new Set(figureLabels);
/** Where a factor comes from does not tell figures apart. */
const OF_FACTORS: ReadonlySet<string> = new Set(['region_known', 'state']);

/** All numbers of a run that are figures rather than samples: those of metrics whose points are told apart. */
export function figuresOf(batch: Batch): FigurePoint[] {
  const figures: FigurePoint[] = [];
  eachFigure(batch, (name, unit, value, attributes) => figures.push({ name, unit, value, attributes }));
  return figures;
}

/** Takes the parts of a `FigurePoint`. */
export type VisitFigure = (name: string, unit: string, value: number, attributes: Attributes) => void;

/** Visits the same without making anything of them. */
export function eachFigure(batch: Batch, visit: VisitFigure): void {
  const own = new OwnAttributes();
  for (const { metrics } of batch.scopeMetrics) {
    for (const metric of metrics) {
      if (metric instanceof FigureGauge) {
        own.read(metric.extra ?? NONE);
        const { name, unit } = metric.descriptor;
        visit(name + own.suffix, unit, metric.value, own.attributes);
      } else if (!isSignal(metric)) visitPoints(metric, own, visit);
    }
  }
}

function visitPoints({ descriptor: { name, unit }, dataPoints }: MetricData, own: OwnAttributes, visit: VisitFigure) {
  const points = (dataPoints as DataPoint<unknown>[]).flatMap(({ value, attributes }) => {
    own.read(attributes);
    return typeof value === 'number' ? { name: name + own.suffix, value, attributes: own.attributes } : [];
  });
  if (new Set(points.map((point) => point.name)).size < points.length) return;
  for (const point of points) visit(point.name, unit, point.value, point.attributes);
}

/** What points say beyond the common labels, and what that adds to a name; figures of a run mostly share their attributes. */
class OwnAttributes {
  attributes: Attributes = NONE;
  suffix = '';
  #of: Attributes | undefined;

  read(attributes: Attributes): void {
    if (attributes === this.#of) return;
    this.#of = attributes;
    this.attributes = NONE;
    this.suffix = '';
    for (const label in attributes) {
      if (common.has(label)) continue;
      this.#readOwn(attributes);
      return;
    }
  }

  #readOwn(attributes: Attributes): void {
    const own = Object.entries(attributes).filter(([label]) => !common.has(label));
    const kind = own.filter(([label, of]) => isTelling(label, of)).map(([, of]) => String(of));
    this.attributes = Object.fromEntries(own);
    if (kind.length) this.suffix = ` (${kind.join(', ')})`;
  }
}

/** Figures by location are those that are meant where no method is named. */
function isTelling(label: string, value: unknown): boolean {
  return !OF_FACTORS.has(label) && !(label === 'method' && value === 'location');
}
