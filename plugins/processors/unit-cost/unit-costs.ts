import type { Attributes } from '@opentelemetry/api';
import { findFigure, knownFigures, type WorkUnit, workOf } from 'wattline/figures';
import { describeRun, type FigureDefinition, type Line, type Run } from 'wattline/plugin';

const TOTAL = knownFigures.totalCost.name;
const {
  costPerPixel: perPixel,
  costPerWatchHour: perWatchHour,
  costPerHour: perHour,
  costPerMonth: perMonth,
} = knownFigures;

/** A figure with its explanation, or the reason why it is missing. */
export type UnitCost =
  | { readonly figure: FigureDefinition; readonly value: number; readonly lines: readonly Line[] }
  | { readonly figure: FigureDefinition; readonly value: undefined; readonly reason: string; readonly problem: string };

/** The cost of a run in USD, and the figures that it is the sum of. */
export interface Cost {
  readonly value: number;
  readonly figures: readonly string[];
  /** The labels of all of them. */
  readonly labels: Attributes;
}

/** Returns the total of a run with those of the `additions` that it has; undefined where it has no total. */
export function costOf(run: Run, additions: readonly string[]): Cost | undefined {
  const total = findFigure(run, TOTAL);
  if (!total) return undefined;
  let cost: Cost = { value: total.value, figures: [TOTAL], labels: total.labels };
  for (const name of additions) {
    const point = findFigure(run, name);
    if (!point) continue;
    const labels = { ...cost.labels, ...point.labels };
    cost = { value: cost.value + point.value, figures: [...cost.figures, name], labels };
  }
  return cost;
}

/** Returns the cost of a run per pixel, watch hour, hour, and month of `hoursPerMonth`: its cost divided by its work. */
export function unitCosts(run: Run, cost: Cost | undefined, hoursPerMonth: number): UnitCost[] {
  const shared = (figure: FigureDefinition, unit: WorkUnit): UnitCost => {
    if (!cost) return noCost(figure, run);
    const work = workOf(run, unit);
    if (work.value === undefined) return { figure, ...work };
    const value = cost.value / work.value;
    const sum = cost.figures.length === 1 ? TOTAL : `(${cost.figures.join(' + ')})`;
    const expression = `${sum} / ${work.lines.at(-1)?.name}`;
    return { figure, value, lines: [...work.lines, { name: figure.name, expression, value, unit: figure.unit }] };
  };
  const hourly = shared(perHour, 'hour');
  return [shared(perPixel, 'pixel'), shared(perWatchHour, 'stream_hour'), hourly, monthly(hourly, hoursPerMonth)];
}

function noCost(figure: FigureDefinition, run: Run): UnitCost {
  const problem = `${describeRun(run)} has no \`${TOTAL}\`; the processor \`cost\` gives it one, and must come before`;
  return { figure, value: undefined, reason: 'no_cost', problem };
}

function monthly(hourly: UnitCost, hoursPerMonth: number): UnitCost {
  if (hourly.value === undefined) return { ...hourly, figure: perMonth };
  const value = hourly.value * hoursPerMonth;
  const expression = `${perHour.name} * ${hoursPerMonth}`;
  const note = `a month of ${hoursPerMonth} h`;
  return { figure: perMonth, value, lines: [{ name: perMonth.name, expression, value, unit: perMonth.unit, note }] };
}
