import type { Attributes } from '@opentelemetry/api';
import { type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { figureLabels } from '../model/attributes.ts';
import type { FigureDefinition } from '../model/figure.ts';
import type { Run } from '../model/run.ts';
import type { RunWindow } from '../model/run-parts.ts';
import { isSignal } from '../model/signals.ts';

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
export function figuresOf(run: Run): FigurePoint[] {
  const figures: FigurePoint[] = [];
  eachFigure(run, (name, unit, value, attributes) => figures.push({ name, unit, value, attributes }));
  return figures;
}

/** Takes the parts of a `FigurePoint`. */
export type VisitFigure = (name: string, unit: string, value: number, attributes: Attributes) => void;

/** Visits the same without making anything of them: what came as metrics first, then what stages have added. */
export function eachFigure(run: Run, visit: VisitFigure): void {
  const own = new OwnAttributes();
  for (const { metrics } of run.metrics) {
    for (const metric of metrics) if (!isSignal(metric)) visitPoints(metric, own, visit);
  }
  for (const { definition, value, labels } of run.figures) {
    own.read(labels ?? NONE);
    visit(definition.name + own.suffix, definition.unit, value, own.attributes);
  }
}

/** A figure as a point: with the labels of its run, and when it is of. */
export interface LabelledFigure {
  readonly definition: FigureDefinition;
  readonly value: number;
  readonly labels: Attributes;
  readonly window: RunWindow;
}

/** Returns the figures of a run that are wanted, points of gauges that came as metrics among them. */
export function labelledFigures(run: Run, isWanted: (definition: FigureDefinition) => boolean): LabelledFigure[] {
  const found: LabelledFigure[] = [];
  for (const { metrics } of run.metrics) {
    for (const metric of metrics) {
      const { descriptor: definition, dataPointType } = metric;
      if (dataPointType !== DataPointType.GAUGE || isSignal(metric) || !isWanted(definition)) continue;
      for (const { value, attributes: labels, startTime, endTime } of metric.dataPoints) {
        found.push({ definition, value, labels, window: { start: startTime, end: endTime } });
      }
    }
  }
  for (const figure of run.figures) {
    const { definition, value } = figure;
    if (isWanted(definition)) found.push({ definition, value, labels: run.labelsOf(figure), window: run.window });
  }
  return found;
}

/**
 * Returns the figure of a run with that name, such as `co2_emissions_kg`; undefined where it has none, or several. Of
 * emissions that are counted by several methods it is the one without the label `method`, else the one whose method is
 * `location`.
 */
export function findFigure(run: Run, name: string): LabelledFigure | undefined {
  const found = labelledFigures(run, (definition) => definition.name === name);
  const unnamed = found.filter(({ labels }) => labels.method === undefined);
  const wanted = unnamed.length ? unnamed : found.filter(({ labels }) => labels.method === 'location');
  return wanted.length === 1 ? wanted[0] : undefined;
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
