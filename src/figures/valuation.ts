import type { Attributes } from '@opentelemetry/api';
import { whyImplausible } from '../factors/plausible.ts';
import type { SeriesQuantity } from '../factors/units.ts';
import { describeRun } from '../model/attributes.ts';
import type { Factor, FactorSeries } from '../model/factor.ts';
import { type Figure, type FigureDefinition, figure } from '../model/figure.ts';
import type { Bound } from '../model/predicted.ts';
import type { Run } from '../model/run.ts';
import type { Integrated } from '../model/series.ts';
import type { Signal } from '../model/signals.ts';
import { noTime } from '../model/stream.ts';
import type { SourceContext } from '../plugin/contract.ts';
import { duration } from '../plugin/schema.ts';
import { boundOfSignal, isBound, mayHaveBounds, predictedSignalOf, sampleLabels } from './bounds.ts';
import { applyFactor } from './formula.ts';
import { mayLack, measure } from './measure.ts';
import { boundOf } from './names.ts';
import { valuationLines } from './valuation-lines.ts';
import { effectiveFactor, extentOf, type Part, RANK_OF_NOTHING, rankOf, weigh } from './weigh.ts';

/** Seconds of a measured time that may be without a factor, and part of it: the rounding of times since 1970, and of sums. */
const ROUNDING_OF_TIMES = 1e-6;
const ROUNDING_OF_SUMS = 1e-9;

/** The factors of a run and the labels that say which, or why there are none. */
export type FoundFactors =
  | {
      readonly series: FactorSeries;
      readonly labels: Attributes;
      /** What is to be said of factors that are not of their own time, where somebody asked. */
      readonly remark?: string | undefined;
      /** Whether more of them may come to be known. */
      readonly mayGrow?: boolean;
    }
  | { readonly series?: undefined; readonly reason: string; readonly problem: string };

/** Returns the factors for the time in which a signal of a run was measured. */
export type FindFactors = (run: Run, measured: Integrated) => FoundFactors;

/** Resolves with what finds the factors of these runs, for the time in which a signal of theirs was measured. */
export type FactorLookup = (runs: readonly Run[], signal: Signal, abort: AbortSignal) => Promise<FindFactors>;

/** What of its context a valuation needs. */
export type ValuationContext = Pick<SourceContext, 'skip' | 'explain'>;

/** What the figures of a run rest on, beside constants. */
export class Basis {
  /** Whether a factor may still be revised, or come to be known. */
  mayChange = false;
  /** The state of a factor that is furthest from live, by `rankOf`. */
  rank = 0;
  /** When factors that may be revised hold, in seconds since 1970; may be infinite. */
  periods: Pick<Part, 'from' | 'to'>[] = [];

  reset(): void {
    this.mayChange = false;
    this.rank = 0;
    if (this.periods.length) this.periods = [];
  }

  take(part: Part): void {
    const { mayChange, state } = part.factor;
    this.rank = Math.max(this.rank, rankOf(state));
    if (!mayChange) return;
    this.mayChange = true;
    this.periods.push(part);
  }

  /** Notes that a factor is not known yet: whatever comes to be known is better. */
  lack(): void {
    this.mayChange = true;
    this.rank = RANK_OF_NOTHING;
  }
}

/** How a signal of runs becomes a figure by factors. */
export interface ValuationOptions {
  readonly quantity: SeriesQuantity;
  readonly signal: Signal;
  readonly figure: FigureDefinition;
  /** How lines of arithmetic name the signal's integral, and its unit. */
  readonly integral: Pick<FigureDefinition, 'name' | 'unit'>;
  /** How many of its units make one of the factor's, such as joules in a kilowatt-hour. */
  readonly divisor: number;
  /** Whether it is of energy at the meter of the data centre, so that the run's PUE applies. */
  readonly atMeter: boolean;
  /** Whether a PUE counts that is not plausible. */
  readonly plausible?: 'any' | undefined;
  /** Whether it is of what is assumed where nothing was measured, which most runs do not have. */
  readonly isFilled?: boolean;
  /** How long a run may be that factors over time are applied to, in seconds. */
  readonly longest: number;
  readonly lookUp: FactorLookup;
  /** Notes the use of a factor. */
  readonly note: (factor: Factor) => void;
}

/** Resolves with what gives the figure of each of these runs; a run that gets none has been counted. */
export type Valuation = (runs: readonly Run[], abort: AbortSignal) => Promise<(run: Run) => Figure | undefined>;

/**
 * Returns the valuation of a bound of a figure: the same formula over the same time, with the end of the interval in place of
 * the prediction. What was noted and counted of the figure itself is not noted and counted again.
 */
export function boundValuation(options: ValuationOptions, bound: Bound): ValuationOptions | undefined {
  const figure = boundOf(options.figure, bound);
  const integral = boundOf(options.integral, bound);
  if (!figure || !integral) return undefined;
  return { ...options, figure, integral, signal: boundOfSignal(options.signal, bound), note() {} };
}

/** Returns what values a signal of runs by factors: the integral of signal times factor over the run's own time, ∫ P·f dt. */
export function createValuation(options: ValuationOptions, ctx: ValuationContext, basis: Basis): Valuation {
  const { signal, isFilled, lookUp } = options;
  const isOfBound = isBound(signal);
  const without = (reason: string, problem: string): undefined => {
    if (!isOfBound) ctx.skip({ item: options.figure.name, reason, message: `no ${options.figure.name}: ${problem}` });
  };
  const value = (run: Run, measured: Integrated, found: FoundFactors): Figure | undefined => {
    if (!found.series) return without(found.reason, found.problem);
    const pue = options.atMeter ? (run.pue ?? 1) : 1;
    const implausible = pue === 1 || options.plausible ? undefined : whyImplausible('pue', { value: pue, unit: '1' });
    if (implausible) return without('implausible_pue', `${describeRun(run)} states a PUE of ${pue}; ${implausible}`);
    const { constant } = found.series;
    if (constant && !ctx.explain) {
      options.note(constant);
      const value = applyFactor(measured.value, options.divisor, pue, constant.value);
      return figureOf(options, run, value, used(constant, pue), found.labels);
    }
    const tooLong = constant ? undefined : tooLongOf(run, measured, options.longest);
    if (tooLong) return without(tooLong.reason, tooLong.problem);
    const { parts, unknown } = weigh(measured, found.series);
    if (!run.isDated && !parts.every(holdsAlways)) {
      const { reason, problem } = noTime(run);
      return without(reason, problem);
    }
    if (!isOfBound) for (const part of parts) basis.take(part);
    if (unknown > Math.max(ROUNDING_OF_TIMES, measured.span * ROUNDING_OF_SUMS)) {
      if (found.mayGrow && !isOfBound) basis.lack();
      const { reason = 'unknown_factor', problem: why } = found.series.whyUnknown?.(...extentOf(measured)) ?? {};
      const problem = `no factor is known for ${unknown} s of the ${measured.span} s of ${describeRun(run)}`;
      const reasons = [problem, why, found.remark].filter((one) => one !== undefined);
      return without(reason, reasons.join('; '));
    }
    for (const { factor } of parts) options.note(factor);
    const sum = parts.reduce((sum, part) => sum + applyFactor(part.value, options.divisor, pue, part.factor.value), 0);
    ctx.explain?.(valuationLines(options, run, measured, parts, pue, sum, found.remark));
    return figureOf(options, run, sum, used(effectiveFactor(parts) as Factor, pue), found.labels);
  };
  return async (runs, abort) => {
    const own = predictedSignalOf(signal);
    const find = await lookUp(runs, own, abort);
    return (run) => {
      if (isOfBound ? !mayHaveBounds(run) : isFilled && !run.samplesOf(own)) return undefined;
      const measured = measure(run, signal);
      if (measured.value === undefined) {
        return mayLack(run, signal) ? undefined : without(measured.reason, measured.problem);
      }
      return value(run, measured, find(run, measured));
    };
  };
}

/** Returns whether it does not matter when a run was that this factor is applied to. */
function holdsAlways({ from, to }: Part): boolean {
  return from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY;
}

/** Returns why factors over time are not applied to a run, where it took longer than is plausible. */
export function tooLongOf(run: Run, measured: Integrated, longest: number) {
  const [from, to] = extentOf(measured);
  if (to - from <= longest) return undefined;
  const problem = `${describeRun(run)} took ${to - from} s, more than the ${longest} s of \`max_run_duration\``;
  return { reason: 'too_long', problem };
}

/** The setting of a processor that applies factors over time. */
export const maxRunDuration = () =>
  duration({ least: '1s' })
    .prefault('8784h')
    .transform((milliseconds) => milliseconds / 1000)
    .describe('The longest run that prices or intensities over time are applied to; a longer one is not plausible');

function figureOf(
  { figure: definition, signal, isFilled }: ValuationOptions,
  run: Run,
  value: number,
  factor: Factor,
  found: Attributes,
): Figure {
  const labels = labelsOf(found, factor, sampleLabels(run, signal));
  // The record of the run is that of what was measured, or predicted.
  return figure(definition, value, labels, isFilled || isBound(signal) ? undefined : factor);
}

/** Returns the record of a factor that was applied to energy at the meter, where that is not the energy of the machine. */
function used(factor: Factor, pue: number): Factor {
  return pue === 1 ? factor : { ...factor, pue };
}

/** What a figure says beside the labels of its run; mostly just what was found, and then the same object. */
function labelsOf(found: Attributes, { state }: Factor, ofSamples: Attributes | undefined): Attributes {
  if (state === 'static' && ofSamples === undefined) return found;
  return { ...found, ...(state !== 'static' && { state }), ...ofSamples };
}
