import type { Line } from 'wattline/plugin';
import type { GroupModel } from 'wattline/prediction';
import type { Predicted, Target } from './target.ts';

/** What a prediction was made for. */
export interface Asked {
  readonly feature: string;
  readonly x: number;
  readonly group: string;
  /** What was learnt from, such as `measured runs`. */
  readonly sources: string;
}

/** Returns how a prediction came about: the curve, what it was fitted to, its range, and the interval. */
export function predictionLine(target: Target, prediction: Predicted, asked: Asked): Line {
  const { value, interval, extrapolated, group } = prediction;
  const { feature, x, sources } = asked;
  const expression = expressionOf(group, x, value);
  const of = asked.group === '' ? '' : ` of ${asked.group}`;
  const bounds = interval
    ? `${interval.lower} to ${interval.upper} ${target.unit} at a level of ${interval.level}`
    : 'without an interval, since too few runs are known';
  const notes = [
    `predicted, ${bounds}`,
    `by ${curveWords(group)} through ${group.runs} ${sources}${of} (R² ${group.r2}), for ${x} ${feature}`,
    ...(group.borrowed ? [`the shape is that of ${group.borrowed.groups} groups`] : []),
    ...(prediction.isNewGroup ? ['no run of its group was learnt from'] : []),
    ...(extrapolated ? [`outside of what was learnt from, ${group.from} to ${group.to} ${feature}`] : []),
  ];
  return { name: target.line, ...(expression && { expression }), value, unit: target.unit, note: notes.join('; ') };
}

function curveWords({ curve }: GroupModel): string {
  switch (curve.kind) {
    case 'linear':
      return 'a line';
    case 'power':
      return `a power law with the exponent ${curve.exponent}`;
    case 'monotone':
      return 'a monotone cubic';
  }
}

/** Returns the arithmetic of a curve where it is one of few numbers and comes to the value. */
function expressionOf({ curve }: GroupModel, x: number, value: number): string | undefined {
  if (value === 0 || curve.kind === 'monotone') return undefined;
  const expression =
    curve.kind === 'linear'
      ? { text: `${curve.intercept} + ${curve.slope} * ${x}`, value: curve.intercept + curve.slope * x }
      : {
          text: `${curve.offset} + ${curve.scale} * ${x ** curve.exponent}`,
          value: curve.offset + curve.scale * x ** curve.exponent,
        };
  return expression.value === value ? expression.text : undefined;
}
