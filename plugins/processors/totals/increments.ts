import type { Attributes, HrTime } from '@opentelemetry/api';
import { type LabelledFigure, labelledFigures, runLabelsOf } from 'wattline/figures';
import { Attribute, type FigureDefinition, type Run } from 'wattline/plugin';
import { counterName, type Summed, totalCost } from './figures.ts';

/** What a slice adds to a counter. */
export interface Increment {
  /** The name of the counter, such as `cost_energy_load_aware_usd_total`. */
  readonly counter: string;
  readonly unit: string;
  readonly description: string;
  readonly labels: Attributes;
  readonly value: number;
  readonly from: HrTime;
  readonly to: HrTime;
  /** The figure that it comes from, where the counter is the sum of several. */
  readonly part?: string;
}

/** Returns what the figures of a slice add to counters, without those that are not summed. */
export function incrementsOf(run: Run, figures: ReadonlyMap<string, Summed>): Increment[] {
  const boundary = run.attributes[Attribute.boundary];
  const runLabels = runLabelsOf(run);
  const isSummed = ({ name }: FigureDefinition) => name === totalCost || figures.has(name);
  return labelledFigures(run, isSummed).flatMap((own) => {
    const { name } = own.definition;
    const figure = figures.get(name);
    const point = { ...own, labels: { ...runLabels, ...own.labels } };
    const total = name === totalCost ? [incrementOf(totalCost, { ...point, value: 0 }, totalCost)] : [];
    if (!figure) return total;
    const hasBoundary = figure.hasBoundary && boundary !== undefined;
    const labels = hasBoundary ? { ...point.labels, [Attribute.boundary]: boundary } : point.labels;
    const part = figure.isCost ? [incrementOf(totalCost, point, name)] : [];
    return [...total, incrementOf(name, { ...point, labels }), ...part];
  });
}

function incrementOf(figure: string, { definition, labels, value, window }: LabelledFigure, part?: string): Increment {
  const { unit, description } = definition;
  const { start: from, end: to } = window;
  return { counter: counterName(figure, unit), unit, description, labels, value, from, to, ...(part && { part }) };
}
