import type { MetricData } from '@opentelemetry/sdk-metrics';
import {
  Attribute,
  type Batch,
  describeRun,
  extendRun,
  extentOf,
  type Factor,
  factorAttributes,
  factorLine,
  figureGauge,
  type Integrated,
  integralLine,
  integrate,
  isSignal,
  measure,
  numberOf,
  resolveRegion,
  type SourceContext,
  secondsBetween,
  signalGauge,
  toHrTime,
} from 'wattline/plugin';
import { coverage, cpu, power, type Quantity } from './figures.ts';
import type { EnergyConfig } from './settings.ts';
import { constantOver, lengthOf, ROUNDING, uncovered } from './uncovered.ts';

/** Samples may reach beyond the run by so much of its duration before that is said. */
const TOO_MUCH = 1.1;

/** Gives a run its energy and CPU time, how much of it was measured, what is assumed of the rest, and its PUE. */
export class EnergyStep {
  readonly #config: EnergyConfig;
  readonly #ctx: SourceContext;
  readonly #noteFactor: (factor: Factor) => void;

  constructor(config: EnergyConfig, ctx: SourceContext, noteFactor: (factor: Factor) => void) {
    this.#config = config;
    this.#ctx = ctx;
    this.#noteFactor = noteFactor;
  }

  /** The same run with more figures; what could not be had is counted. */
  apply(batch: Batch): Batch {
    const metrics = [power, cpu].flatMap((quantity) => this.#figuresOf(quantity, batch));
    const pue = this.#pueOf(batch);
    const isFilled = metrics.some(isSignal);
    if (metrics.length === 0 && !pue) return batch;
    return extendRun(batch, 'wattline/energy', metrics, {
      ...(isFilled && { [Attribute.fill]: this.#config.fill }),
      ...(pue && { [Attribute.pue]: pue.value, ...factorAttributes(pue) }),
    });
  }

  #figuresOf(quantity: Quantity, batch: Batch): MetricData[] {
    const { signal, measured: figure } = quantity;
    const measured = measure(batch, signal);
    if (measured.value === undefined) {
      this.#ctx.skip({ item: figure.name, reason: measured.reason, message: `no ${figure.name}: ${measured.problem}` });
      return [];
    }
    this.#ctx.explain?.([integralLine(figure.name, figure.unit, measured)]);
    return [figureGauge(figure, measured.value, batch), ...this.#coverageOf(quantity, measured, batch)];
  }

  #coverageOf(quantity: Quantity, measured: Integrated, batch: Batch): MetricData[] {
    const { duration, span } = measured;
    if (duration === undefined) {
      const problem = `${describeRun(batch)} has neither a duration nor start and end`;
      this.#ctx.skip({ item: coverage.name, reason: 'no_duration', message: `no ${coverage.name}: ${problem}` });
      return [];
    }
    const ratio = span / duration;
    const expression = `${span} / ${duration}`;
    this.#ctx.explain?.([{ name: `${coverage.name}_${quantity.label}`, expression, value: ratio, unit: '1' }]);
    if (ratio < this.#config.warn_below) this.#warn('low_coverage', quantity, measured, batch);
    if (ratio > TOO_MUCH) this.#warn('samples_exceed_duration', quantity, measured, batch);
    const gauge = figureGauge(coverage, ratio, batch, { signal: quantity.label });
    return [gauge, ...this.#filled(quantity, measured, duration, batch)];
  }

  #warn(reason: string, { signal }: Quantity, { span, duration }: Integrated, batch: Batch): void {
    const message = `\`${signal.field}\` of ${describeRun(batch)} was measured for ${span} s of ${duration} s`;
    this.#ctx.skip({ item: coverage.name, reason, message });
  }

  #filled(quantity: Quantity, measured: Integrated, duration: number, batch: Batch): MetricData[] {
    const opens = opensOf(measured, duration, batch);
    const stretches = uncovered(measured, opens, opens + duration);
    const value = stretches.length ? this.#assumed(quantity, measured, batch) : undefined;
    if (value === undefined) return [];
    const outside = measured.span + lengthOf(stretches) - duration;
    if (outside > duration * (TOO_MUCH - 1)) {
      this.#skipOutside(quantity, outside, batch);
      return [];
    }
    const series = constantOver(stretches, value, measured.series);
    const integral = series && integrate(series, { sampling: 'interval' });
    if (!series || !integral) return [];
    const { filled, filledSignal } = quantity;
    const { fill } = this.#config;
    const expression = `${value} * ${integral.span}`;
    const note = `assumed (${fill}) for the time without samples`;
    this.#ctx.explain?.([{ name: filled.name, expression, value: integral.value, unit: filled.unit, note }]);
    return [signalGauge(filledSignal, series), figureGauge(filled, integral.value, batch, { fill })];
  }

  /** Where samples are not those of the run's own time, nobody knows what they stand for. */
  #skipOutside({ signal, filled }: Quantity, seconds: number, batch: Batch): void {
    const problem = `${seconds} s of the \`${signal.field}\` of ${describeRun(batch)} are outside of the run`;
    this.#ctx.skip({ item: filled.name, reason: 'samples_outside_run', message: `no ${filled.name}: ${problem}` });
  }

  /** What is assumed in the signal's unit, if anything. */
  #assumed({ signal, filled }: Quantity, { value, span }: Integrated, batch: Batch): number | undefined {
    const { fill } = this.#config;
    if (fill === 'mean') return value / span;
    if (fill === 'none' || signal !== power.signal) return undefined;
    const predicted = numberOf(batch.resource.attributes, 'power.predicted_watts');
    if (predicted === undefined) {
      const problem = `no power is predicted for ${describeRun(batch)}; a predictor must come before, and have a model`;
      this.#ctx.skip({ item: filled.name, reason: 'no_prediction', message: `no ${filled.name}: ${problem}` });
    }
    return predicted;
  }

  /** The factor from the machine to the meter; undefined where it is 1, as where power was measured at the meter. */
  #pueOf(batch: Batch): Factor | undefined {
    const { pue } = this.#config;
    if (pue === 1 || batch.resource.attributes[Attribute.boundary] === 'facility') return undefined;
    const factor = pue === 'region' ? this.#regionalPue(batch) : configuredPue(pue);
    if (factor) {
      this.#noteFactor(factor);
      this.#ctx.explain?.([factorLine('pue', factor)]);
    }
    return factor;
  }

  #regionalPue(batch: Batch): Factor | undefined {
    const place = resolveRegion(batch, this.#config);
    if (place.region?.pue) return place.region.pue;
    const reason = place.region ? 'no_pue' : place.reason;
    const problem = place.region ? `none is known for the region of ${describeRun(batch)}` : place.problem;
    this.#ctx.skip({ item: Attribute.pue, reason, message: `no PUE, so 1: ${problem}` });
    return undefined;
  }
}

/**
 * When a run began, in seconds from the start of a series of it: at its own start, else so long before its end as it
 * took where its samples lie in there, else with them.
 */
function opensOf(measured: Integrated, duration: number, batch: Batch): number {
  const { attributes } = batch.resource;
  const offset = (time: number) => secondsBetween(measured.series.start, toHrTime(time));
  const started = numberOf(attributes, Attribute.startTime);
  if (started !== undefined) return offset(started);
  const ended = numberOf(attributes, Attribute.endTime);
  if (ended === undefined) return 0;
  const [closes, [first, last]] = [offset(ended), extentOf(measured).map(offset) as [number, number]];
  return closes - duration <= first + ROUNDING && last <= closes + ROUNDING ? closes - duration : 0;
}

function configuredPue(value: number): Factor {
  return { id: 'pue/configured', quantity: 'pue', value, unit: '1', source: 'configuration', state: 'static' };
}
