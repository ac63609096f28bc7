import type { Attributes } from '@opentelemetry/api';
import { type Batch, describeRun, type Figure, findFigure, type Line, type WorkUnit, workOf } from 'wattline/plugin';

const TOTAL = 'cost_total_load_aware';

export const perPixel = {
  name: 'cost_per_pixel',
  unit: '{USD}/{pixel}',
  description: 'Price of a run for each pixel that it processed, in USD: total / `pixels_processed`',
};
export const perWatchHour = {
  name: 'cost_per_watch_hour',
  unit: '{USD}/{watch_hour}',
  description:
    'Price of a run for each hour that one viewer of one stream watches, in USD: total / (duration in hours × streams)',
};
export const perHour = {
  name: 'cost_per_hour',
  unit: '{USD}/h',
  description: 'Price of an hour at the rate of the run, in USD: total / duration in hours',
};
export const perMonth = {
  name: 'cost_per_month',
  unit: '{USD}/{month}',
  description: 'Price of a month of this workload without a pause, in USD: `cost_per_hour` × `hours_per_month`',
};

/** A figure with its explanation, or the reason why it is missing. */
export type UnitCost =
  | { readonly figure: Figure; readonly value: number; readonly lines: readonly Line[] }
  | { readonly figure: Figure; readonly value: undefined; readonly reason: string; readonly problem: string };

/** The cost of a run in USD, and the figures that it is the sum of. */
export interface Cost {
  readonly value: number;
  readonly figures: readonly string[];
  /** The labels of all of them. */
  readonly labels: Attributes;
}

/** Returns the total of a run with those of the `additions` that it has; undefined where it has no total. */
export function costOf(batch: Batch, additions: readonly string[]): Cost | undefined {
  const total = findFigure(batch, TOTAL);
  if (!total) return undefined;
  let cost: Cost = { value: total.value, figures: [TOTAL], labels: total.attributes };
  for (const name of additions) {
    const point = findFigure(batch, name);
    if (!point) continue;
    const labels = { ...cost.labels, ...point.attributes };
    cost = { value: cost.value + point.value, figures: [...cost.figures, name], labels };
  }
  return cost;
}

/** Returns the cost of a run per pixel, watch hour, hour, and month of `hoursPerMonth`: its cost divided by its work. */
export function unitCosts(batch: Batch, cost: Cost | undefined, hoursPerMonth: number): UnitCost[] {
  const shared = (figure: Figure, unit: WorkUnit): UnitCost => {
    if (!cost) return noCost(figure, batch);
    const work = workOf(batch, unit);
    if (work.value === undefined) return { figure, ...work };
    const value = cost.value / work.value;
    const sum = cost.figures.length === 1 ? TOTAL : `(${cost.figures.join(' + ')})`;
    const expression = `${sum} / ${work.lines.at(-1)?.name}`;
    return { figure, value, lines: [...work.lines, { name: figure.name, expression, value, unit: figure.unit }] };
  };
  const hourly = shared(perHour, 'hour');
  return [shared(perPixel, 'pixel'), shared(perWatchHour, 'stream_hour'), hourly, monthly(hourly, hoursPerMonth)];
}

function noCost(figure: Figure, batch: Batch): UnitCost {
  const problem = `${describeRun(batch)} has no \`${TOTAL}\`; the processor \`cost\` gives it one, and must come before`;
  return { figure, value: undefined, reason: 'no_cost', problem };
}

function monthly(hourly: UnitCost, hoursPerMonth: number): UnitCost {
  if (hourly.value === undefined) return { ...hourly, figure: perMonth };
  const value = hourly.value * hoursPerMonth;
  const expression = `${perHour.name} * ${hoursPerMonth}`;
  const note = `a month of ${hoursPerMonth} h`;
  return { figure: perMonth, value, lines: [{ name: perMonth.name, expression, value, unit: perMonth.unit, note }] };
}
