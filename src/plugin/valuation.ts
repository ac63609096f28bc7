import type { Attributes } from '@opentelemetry/api';
import { Attribute, type Batch, describeRun } from '../model/attributes.ts';
import type { Factor, FactorSeries } from '../model/factor.ts';
import type { FigureGauge } from '../model/figure-gauge.ts';
import { findSignal } from '../model/find-signal.ts';
import { factorLine, integralLine, type Line, partLine } from '../model/lines.ts';
import { type Integrated, measure } from '../model/measure.ts';
import { type Figure, factsOf, figureGaugeOf } from '../model/run.ts';
import type { Signal } from '../model/signals.ts';
import { effectiveFactor, type Part, weigh } from '../model/weigh.ts';
import type { SourceContext } from './contract.ts';

/** Seconds of a measured time that may be without a factor, and part of it: the rounding of times since 1970, and of sums. */
const ROUNDING_OF_TIMES = 1e-6;
const ROUNDING_OF_SUMS = 1e-9;

/** The factors of a run and the labels that say which, or why there are none. */
export type FoundFactors =
  | { readonly series: FactorSeries; readonly labels: Attributes }
  | { readonly series?: undefined; readonly reason: string; readonly problem: string };

/** Finds the factors for the time in which a signal of a run was measured. */
export type FindFactors = (
  batch: Batch,
  measured: Integrated,
  signal: AbortSignal,
) => FoundFactors | Promise<FoundFactors>;

/** What a signal is worth, and how that is reckoned. */
export interface Worth {
  readonly signal: Signal;
  readonly figure: Figure;
  /** How lines of arithmetic name the signal's integral, and its unit. */
  readonly integral: Pick<Figure, 'name' | 'unit'>;
  /** How many of its units make one of the factor's, such as joules in a kilowatt-hour. */
  readonly divisor: number;
  /** Whether it is of energy at the meter of the data centre, so that the run's PUE applies. */
  readonly atMeter: boolean;
  /** Whether it is of what is assumed where nothing was measured, which most runs do not have. */
  readonly isFilled?: boolean;
  readonly find: FindFactors;
  /** Notes the use of a factor. */
  readonly note: (factor: Factor) => void;
}

/** A figure of a run as a metric, and the factor that it rests on. */
export interface Valued {
  readonly metric: FigureGauge;
  /** What the metric carries beside the run's labels. */
  readonly labels: Attributes;
  /** Undefined where the run is not to say so: its own record is that of what was measured. */
  readonly factor: Factor | undefined;
}

/** Gives a run's figure, or undefined where there is none, which has been counted; a promise where factors are waited for. */
export type Valuation = (batch: Batch, signal: AbortSignal) => Valued | undefined | Promise<Valued | undefined>;

/** Values a signal of runs by factors: the integral of signal times factor over the run's own time, ∫ P·f dt. */
export function createValuation(given: Worth, ctx: SourceContext): Valuation {
  // Of one shape whatever was given, since every run reads it: V8 looks properties of many shapes up anew each time.
  const { signal, figure, integral, divisor, atMeter, isFilled = false, find, note } = given;
  const worth: Worth = { signal, figure, integral, divisor, atMeter, isFilled, find, note };
  const without = (reason: string, problem: string): undefined => {
    ctx.skip({ item: worth.figure.name, reason, message: `no ${worth.figure.name}: ${problem}` });
  };
  const value = (batch: Batch, measured: Integrated, found: FoundFactors): Valued | undefined => {
    if (!found.series) return without(found.reason, found.problem);
    const { constant } = found.series;
    if (constant && !ctx.explain) {
      worth.note(constant);
      const sum = (measured.value / worth.divisor) * pueOf(worth, batch) * constant.value;
      return valued(worth, batch, sum, constant, found.labels);
    }
    const { parts, unknown } = weigh(measured, found.series);
    if (unknown > Math.max(ROUNDING_OF_TIMES, measured.span * ROUNDING_OF_SUMS)) {
      const problem = `no factor is known for ${unknown} s of the ${measured.span} s of ${describeRun(batch)}`;
      return without('unknown_factor', problem);
    }
    for (const { factor } of parts) worth.note(factor);
    const pue = pueOf(worth, batch);
    const sum = sumOf(parts, worth.divisor, pue);
    ctx.explain?.(linesOf(worth, measured, parts, pue, sum, batch));
    return valued(worth, batch, sum, effectiveFactor(parts) as Factor, found.labels);
  };
  return (batch, abort) => {
    if (worth.isFilled && !findSignal(batch, worth.signal)) return undefined;
    const measured = measure(batch, worth.signal);
    if (measured.value === undefined) return without(measured.reason, measured.problem);
    const found = worth.find(batch, measured, abort);
    return found instanceof Promise
      ? found.then((known) => value(batch, measured, known))
      : value(batch, measured, found);
  };
}

function pueOf({ atMeter }: Worth, batch: Batch): number {
  return atMeter ? (factsOf(batch).pue ?? 1) : 1;
}

function valued({ figure, isFilled }: Worth, batch: Batch, value: number, factor: Factor, found: Attributes): Valued {
  const labels = labelsOf(found, factor, isFilled ? factsOf(batch).attributes[Attribute.fill] : undefined);
  return { metric: figureGaugeOf(figure, value, batch, labels), labels, factor: isFilled ? undefined : factor };
}

/** What a figure says beside the labels of its run; mostly just what was found, and then the same object. */
function labelsOf(found: Attributes, { state }: Factor, fill: Attributes[string]): Attributes {
  if (state === 'static' && fill === undefined) return found;
  return { ...found, ...(state !== 'static' && { state }), ...(fill !== undefined && { fill }) };
}

/** The step of a processor that values runs in several ways, and makes a run of what they came to: at once, unless one of them waits. */
export function valueBy(
  valuations: readonly Valuation[],
  finish: (batch: Batch, found: readonly (Valued | undefined)[]) => Batch,
): (batch: Batch, signal: AbortSignal) => Batch | Promise<Batch> {
  return (batch, signal) => {
    const found = new Array<ReturnType<Valuation>>(valuations.length);
    let isWaiting = false;
    for (let i = 0; i < valuations.length; i++) {
      const one = (valuations[i] as Valuation)(batch, signal);
      if (one instanceof Promise) isWaiting = true;
      found[i] = one;
    }
    if (isWaiting) return Promise.all(found).then((known) => finish(batch, known));
    return finish(batch, found as (Valued | undefined)[]);
  };
}

/** The figures that are there, the total of them first where there is one, for `extendRun`. */
export function metricsOf(all: readonly (Valued | undefined)[], total?: FigureGauge): FigureGauge[] {
  const metrics = present(all, (one) => one?.metric, total ? 1 : 0);
  if (total) metrics[0] = total;
  return metrics;
}

/** The factors that figures of a run rest on, for `extendRun`. */
export function factorsOf(all: readonly (Valued | undefined)[]): Factor[] {
  return present(all, (one) => one?.factor, 0);
}

/** What is there, in a list of just that size behind `free` places: `flatMap` makes room for more, for every run anew. */
function present<T, U>(all: readonly T[], read: (one: T) => U | undefined, free: number): U[] {
  let count = free;
  for (const one of all) if (read(one) !== undefined) count++;
  const list = new Array<U>(count);
  let next = free;
  for (const one of all) {
    const found = read(one);
    if (found !== undefined) list[next++] = found;
  }
  return list;
}

function sumOf(parts: readonly Part[], divisor: number, pue: number): number {
  return parts.reduce((sum, { value, factor }) => sum + (value / divisor) * pue * factor.value, 0);
}

function linesOf(
  { figure, integral, divisor }: Worth,
  measured: Integrated,
  parts: readonly Part[],
  pue: number,
  value: number,
  { resource: { attributes } }: Batch,
): Line[] {
  const lines = [integralLine(integral.name, integral.unit, measured)];
  if (pue !== 1)
    lines.push({ name: 'pue', value: pue, unit: '1', note: String(attributes['factor.pue.source'] ?? 'of the run') });
  const [first] = parts;
  // Emissions of one run may be there by location and by the market.
  const method = first?.factor.method === 'market' ? '_market' : '';
  const terms = parts.map((part, index) => {
    const quantity = `${part.factor.quantity}${method}`;
    const name = parts.length === 1 ? quantity : `${quantity}_${index + 1}`;
    const amount = parts.length === 1 ? integral.name : `${integral.name}_${name}`;
    if (parts.length > 1) lines.push(partLine(amount, integral.unit, measured, part));
    lines.push(factorLine(name, part.factor));
    return `${amount} / ${divisor}${pue === 1 ? '' : ' * pue'} * ${name}`;
  });
  const note = parts.length > 1 ? `split where the ${first?.factor.quantity} changes` : undefined;
  return [...lines, { name: `${figure.name}${method}`, expression: terms.join(' + '), value, unit: figure.unit, note }];
}
