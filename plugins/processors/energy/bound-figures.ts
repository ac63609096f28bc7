import {
  type Bound,
  boundLine,
  boundNote,
  boundOf,
  boundOfSignal,
  bounds,
  measure,
  sampleLabels,
  samplesOfBound,
} from 'wattline/figures';
import { type Figure, type FigureDefinition, figure, type Run, type Signal, type SourceContext } from 'wattline/plugin';

/** A signal, and the figure of its integral. */
export interface Amount {
  readonly signal: Signal;
  readonly integral: FigureDefinition;
}

/** Returns a run with the bounds of those amounts of it that rest on a prediction; counts ends that cannot be used. */
export function withBoundFigures(run: Run, amounts: readonly Amount[], ctx: SourceContext): Run {
  const figures = amounts.flatMap((amount) => bounds.flatMap((bound) => boundFigure(run, amount, bound, ctx) ?? []));
  return figures.length ? run.with({ figures }) : run;
}

function boundFigure(
  run: Run,
  { signal, integral }: Amount,
  bound: Bound,
  { skip, explain }: SourceContext,
): Figure | undefined {
  const own = boundOfSignal(signal, bound);
  const definition = boundOf(integral, bound);
  if (!definition || !samplesOfBound(run, own)) return undefined;
  const { name, unit } = definition;
  const measured = measure(run, own);
  if (measured.value === undefined) {
    skip({ item: name, reason: measured.reason, message: `no ${name}: ${measured.problem}` });
    return undefined;
  }
  explain?.([boundLine(name, unit, measured, boundNote(run, own))]);
  return figure(definition, measured.value, sampleLabels(run, own));
}
