import type { Attributes } from '@opentelemetry/api';
import type { DataPoint, MetricDescriptor } from '@opentelemetry/sdk-metrics';
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

const common: ReadonlySet<string> = new Set(figureLabels);
/** Where a factor comes from does not tell figures apart. */
const OF_FACTORS: ReadonlySet<string> = new Set(['region_known', 'state']);

/** All numbers of a run that are figures rather than samples: those of metrics whose points are told apart. */
export function figuresOf(batch: Batch): FigurePoint[] {
  const figures: FigurePoint[] = [];
  const read = new FigureReader();
  for (const { metrics } of batch.scopeMetrics) {
    for (const metric of metrics) {
      if (isSignal(metric)) continue;
      if (metric instanceof FigureGauge) figures.push(read.figure(metric.descriptor, metric.value, metric.labels));
      else {
        const points = (metric.dataPoints as DataPoint<unknown>[]).flatMap(({ value, attributes }) =>
          typeof value === 'number' ? read.figure(metric.descriptor, value, attributes) : [],
        );
        if (new Set(points.map(({ name }) => name)).size === points.length) figures.push(...points);
      }
    }
  }
  return figures;
}

/** What points say beyond the common labels; figures of a run mostly share their attributes. */
class FigureReader {
  #attributes: Attributes | undefined;
  #own: Attributes = {};
  #suffix = '';

  figure({ name, unit }: MetricDescriptor, value: number, attributes: Attributes): FigurePoint {
    if (attributes !== this.#attributes) this.#read(attributes);
    return { name: this.#suffix ? name + this.#suffix : name, unit, value, attributes: this.#own };
  }

  #read(attributes: Attributes): void {
    const own: [string, Attributes[string]][] = [];
    for (const label of Object.keys(attributes)) if (!common.has(label)) own.push([label, attributes[label]]);
    const kind = own.filter(([label, of]) => isTelling(label, of)).map(([, of]) => String(of));
    this.#attributes = attributes;
    this.#own = Object.fromEntries(own);
    this.#suffix = kind.length ? ` (${kind.join(', ')})` : '';
  }
}

/** Figures by location are those that are meant where no method is named. */
function isTelling(label: string, value: unknown): boolean {
  return !OF_FACTORS.has(label) && !(label === 'method' && value === 'location');
}
