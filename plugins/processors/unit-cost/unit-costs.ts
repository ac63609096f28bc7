import type { Attributes } from '@opentelemetry/api';
import { findFigure, knownFigures, type WorkUnit, workOf } from 'wattline/figures';
import { Attribute, describeRun, type FigureDefinition, type Line, type Run } from 'wattline/plugin';

const TOTAL = knownFigures.totalCost.name;
const { costPerPixel, costPerWatchHour, costPerHour, costPerMonth } = knownFigures;

/** A figure with its explanation, or the reason why it is missing. */
export type UnitCost = { readonly figure: FigureDefinition } & (
  | { readonly value: number; readonly lines: readonly Line[] }
  | { readonly value: undefined; readonly reason: string; readonly problem: string }
);

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
    // What another cost includes would count twice.
    if (!point || point.labels[Attribute.includedIn] !== undefined) continue;
    const labels = { ...cost.labels, ...point.labels };
    cost = { value: cost.value + point.value, figures: [...cost.figures, name], labels };
  }
  return cost;
}

/** Returns the cost of a run per pixel, watch hour, hour, and month of `hoursPerMonth`: its cost divided by its work. */
export function unitCosts(run: Run, cost: Cost | undefined, hoursPerMonth: number): UnitCost[] {
  const shared = (figure: FigureDefinition, unit: WorkUnit): UnitCost => {
    if (!cost) {
      const problem = `${describeRun(run)} has no \`${TOTAL}\`; the processor \`cost\` gives it one, and must come before`;
      return { figure, value: undefined, reason: 'no_cost', problem };
    }
    const work = workOf(run, unit);
    if (work.value === undefined) return { figure, ...work };
    const value = cost.value / work.value;
    const sum = cost.figures.length === 1 ? TOTAL : `(${cost.figures.join(' + ')})`;
    const expression = `${sum} / ${work.lines.at(-1)?.name}`;
    return { figure, value, lines: [...work.lines, { name: figure.name, expression, value, unit: figure.unit }] };
  };
  const hourly = shared(costPerHour, 'hour');
  const others = [shared(costPerPixel, 'pixel'), shared(costPerWatchHour, 'stream_hour')];
  return [...others, hourly, monthly(hourly, hoursPerMonth)];
}

function monthly(hourly: UnitCost, hoursPerMonth: number): UnitCost {
  const { name, unit } = costPerMonth;
  if (hourly.value === undefined) return { ...hourly, figure: costPerMonth };
  const value = hourly.value * hoursPerMonth;
  const expression = `${costPerHour.name} * ${hoursPerMonth}`;
  return {
    figure: costPerMonth,
    value,
    lines: [{ name, expression, value, unit, note: `a month of ${hoursPerMonth} h` }],
  };
}
