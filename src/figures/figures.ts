import type { Attributes } from '@opentelemetry/api';
import { type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { Attribute, figureLabels } from '../model/attributes.ts';
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
/** Where a factor comes from, what includes a cost, and how CPU use came about, does not tell figures apart. */
const NOT_TELLING: ReadonlySet<string> = new Set(['region_known', 'state', Attribute.includedIn, Attribute.cpu]);

/** All numbers of a run that are figures rather than samples: those of metrics whose points are told apart. */
export function figuresOf(run: Run): FigurePoint[] {
  const figures: FigurePoint[] = [];
  eachFigure(run, (name, unit, value, attributes) => figures.push({ name, unit, value, attributes }));
  return figures;
}

/** Takes the parts of a `FigurePoint`. */
export type VisitFigure = (name: string, unit: string, value: number, attributes: Attributes) => void;

/**
 * Visits the same without making anything of them: what came as metrics first, then what stages have added. Who visits many
 * runs gives one `own`, which knows attributes that come again.
 */
export function eachFigure(run: Run, visit: VisitFigure, own = new OwnAttributes()): void {
  for (const { metrics } of run.metrics) {
    for (const metric of metrics) if (!isSignal(metric)) visitPoints(metric, own, visit);
  }
  for (const { definition, value, labels } of run.figures) {
    const of = own.read(labels ?? NONE);
    visit(of.nameOf(definition.name), definition.unit, value, of.attributes);
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
  const names: string[] = [];
  const values: number[] = [];
  const owns: Own[] = [];
  for (const { value, attributes } of dataPoints as DataPoint<unknown>[]) {
    if (typeof value !== 'number') continue;
    const of = own.read(attributes);
    owns.push(of);
    names.push(of.nameOf(name));
    values.push(value);
  }
  if (names.length > 1 && new Set(names).size < names.length) return;
  for (let index = 0; index < names.length; index++) {
    visit(names[index] as string, unit, values[index] as number, (owns[index] as Own).attributes);
  }
}

/** What attributes say beyond the common labels, and what that adds to the name of a metric. */
class Own {
  readonly attributes: Attributes;
  readonly #suffix: string;
  /** Attributes mostly come with points of one metric. */
  #name = '';
  #whole = '';

  constructor(attributes: Attributes, suffix: string) {
    this.attributes = attributes;
    this.#suffix = suffix;
  }

  nameOf(name: string): string {
    if (this.#suffix === '') return name;
    if (name !== this.#name) {
      this.#name = name;
      this.#whole = name + this.#suffix;
    }
    return this.#whole;
  }
}

const NOTHING = new Own(NONE, '');
const MOST_KNOWN = 65_536;

/**
 * Reads what points say beyond the common labels. Figures of a run mostly share their attributes; of frozen ones, which
 * senders of streams repeat, it keeps what it has read.
 */
export class OwnAttributes {
  readonly #known = new Map<Attributes, Own>();
  #of: Attributes | undefined;
  #own = NOTHING;

  read(attributes: Attributes): Own {
    if (attributes !== this.#of) {
      this.#of = attributes;
      this.#own = this.#find(attributes);
    }
    return this.#own;
  }

  #find(attributes: Attributes): Own {
    const known = this.#known.get(attributes);
    if (known) return known;
    for (const label in attributes) {
      if (common.has(label)) continue;
      const own = readOwn(attributes);
      if (Object.isFrozen(attributes)) this.#keep(attributes, own);
      return own;
    }
    return NOTHING;
  }

  #keep(attributes: Attributes, own: Own): void {
    // Those of senders that have gone must not stay.
    if (this.#known.size === MOST_KNOWN) this.#known.clear();
    this.#known.set(attributes, own);
  }
}

function readOwn(attributes: Attributes): Own {
  const own = Object.entries(attributes).filter(([label]) => !common.has(label));
  const kind = own.filter(([label, of]) => isTelling(label, of)).map(([, of]) => String(of));
  return new Own(Object.fromEntries(own), kind.length ? ` (${kind.join(', ')})` : '');
}

/** Figures by location are those that are meant where no method is named. */
function isTelling(label: string, value: unknown): boolean {
  return !NOT_TELLING.has(label) && !(label === 'method' && value === 'location');
}
