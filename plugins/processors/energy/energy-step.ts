import {
  byRegion,
  extentOf,
  factorLine,
  integralLine,
  integrate,
  knownFigures,
  measure,
  type ResolvedRegion,
} from 'wattline/figures';
import {
  Attribute,
  describeRun,
  type Factor,
  type Figure,
  factorAttributes,
  figure,
  type Integrated,
  numberOf,
  type Run,
  type Samples,
  type SourceContext,
  samplesOf,
  secondsBetween,
  toHrTime,
} from 'wattline/plugin';
import { cpu, type MeasuredSignal, power } from './figures.ts';
import type { EnergyConfig } from './settings.ts';
import { constantOver, lengthOf, ROUNDING, uncovered } from './uncovered.ts';

const { coverage } = knownFigures;

/** Samples may reach beyond the run by so much of its duration before that is said. */
const TOO_MUCH = 1.1;

/** Gives a run its energy and CPU time, how much of it was measured, what is assumed of the rest, and its PUE. */
export class EnergyStep {
  readonly #config: EnergyConfig;
  readonly #ctx: SourceContext;
  readonly #noteFactor: (factor: Factor) => void;
  readonly #placeOf: (run: Run) => ResolvedRegion;

  constructor(config: EnergyConfig, ctx: SourceContext, noteFactor: (factor: Factor) => void) {
    this.#config = config;
    this.#ctx = ctx;
    this.#noteFactor = noteFactor;
    this.#placeOf = byRegion(config, (place) => place);
  }

  /** The same run with more figures; what could not be had is counted. */
  apply(run: Run): Run {
    const figures: Figure[] = [];
    const samples: Samples[] = [];
    for (const quantity of [power, cpu]) {
      const measured = this.#measured(quantity, run, figures);
      if (measured) this.#cover(quantity, measured, run, figures, samples);
    }
    const pue = this.#pueOf(run);
    if (figures.length === 0 && !pue) return run;
    const attributes = {
      ...(samples.length > 0 && { [Attribute.fill]: this.#config.fill }),
      ...(pue && { [Attribute.pue]: pue.value, ...factorAttributes(pue) }),
    };
    return run.with({ figures, samples, ...(Object.keys(attributes).length > 0 && { attributes }) });
  }

  #measured({ signal, measured: definition }: MeasuredSignal, run: Run, figures: Figure[]): Integrated | undefined {
    const { name, unit } = definition;
    const measured = measure(run, signal);
    if (measured.value === undefined) {
      this.#ctx.skip({ item: name, reason: measured.reason, message: `no ${name}: ${measured.problem}` });
      return undefined;
    }
    this.#ctx.explain?.([integralLine(name, unit, measured)]);
    figures.push(figure(definition, measured.value));
    return measured;
  }

  #cover(quantity: MeasuredSignal, measured: Integrated, run: Run, figures: Figure[], samples: Samples[]): void {
    const { duration, span } = measured;
    if (duration === undefined) {
      const problem = `${describeRun(run)} has neither a duration nor start and end`;
      this.#ctx.skip({ item: coverage.name, reason: 'no_duration', message: `no ${coverage.name}: ${problem}` });
      return;
    }
    const ratio = span / duration;
    const expression = `${span} / ${duration}`;
    this.#ctx.explain?.([{ name: `${coverage.name}_${quantity.label}`, expression, value: ratio, unit: '1' }]);
    if (ratio < this.#config.warn_below) this.#warn('low_coverage', quantity, measured, run);
    if (ratio > TOO_MUCH) this.#warn('samples_exceed_duration', quantity, measured, run);
    figures.push(figure(coverage, ratio, { signal: quantity.label }));
    const filled = this.#filled(quantity, measured, duration, run);
    if (!filled) return;
    figures.push(filled.figure);
    samples.push(filled.samples);
  }

  #warn(reason: string, { signal }: MeasuredSignal, { span, duration }: Integrated, run: Run): void {
    const message = `\`${signal.field}\` of ${describeRun(run)} was measured for ${span} s of ${duration} s`;
    this.#ctx.skip({ item: coverage.name, reason, message });
  }

  #filled(quantity: MeasuredSignal, measured: Integrated, duration: number, run: Run) {
    const opens = opensOf(measured, duration, run);
    const stretches = uncovered(measured, opens, opens + duration);
    const value = stretches.length ? this.#assumed(quantity, measured, run) : undefined;
    if (value === undefined) return undefined;
    const outside = measured.span + lengthOf(stretches) - duration;
    if (outside > duration * (TOO_MUCH - 1)) {
      this.#skipOutside(quantity, outside, run);
      return undefined;
    }
    const series = constantOver(stretches, value, measured.series);
    const integral = series && integrate(series, { sampling: 'interval' });
    if (!series || !integral) return undefined;
    const { filled, filledSignal } = quantity;
    const { fill } = this.#config;
    const expression = `${value} * ${integral.span}`;
    const note = `assumed (${fill}) for the time without samples`;
    this.#ctx.explain?.([{ name: filled.name, expression, value: integral.value, unit: filled.unit, note }]);
    return {
      samples: samplesOf(filledSignal, series, 'wattline/energy'),
      figure: figure(filled, integral.value, { fill }),
    };
  }

  /** Where samples are not those of the run's own time, nobody knows what they stand for. */
  #skipOutside({ signal, filled }: MeasuredSignal, seconds: number, run: Run): void {
    const problem = `${seconds} s of the \`${signal.field}\` of ${describeRun(run)} are outside of the run`;
    this.#ctx.skip({ item: filled.name, reason: 'samples_outside_run', message: `no ${filled.name}: ${problem}` });
  }

  /** What is assumed in the signal's unit, if anything. */
  #assumed({ signal, filled }: MeasuredSignal, { value, span }: Integrated, run: Run): number | undefined {
    const { fill } = this.#config;
    if (fill === 'mean') return value / span;
    if (fill === 'none' || signal !== power.signal) return undefined;
    const predicted = numberOf(run.attributes, 'power.predicted_watts');
    if (predicted === undefined) {
      const problem = `no power is predicted for ${describeRun(run)}; a predictor must come before, and have a model`;
      this.#ctx.skip({ item: filled.name, reason: 'no_prediction', message: `no ${filled.name}: ${problem}` });
    }
    return predicted;
  }

  /** The factor from the machine to the meter; undefined where it is 1, as where power was measured at the meter. */
  #pueOf(run: Run): Factor | undefined {
    const { pue } = this.#config;
    if (pue === 1 || run.attributes[Attribute.boundary] === 'facility') return undefined;
    const factor = pue === 'region' ? this.#regionalPue(run) : configuredPue(pue);
    if (factor) {
      this.#noteFactor(factor);
      this.#ctx.explain?.([factorLine('pue', factor)]);
    }
    return factor;
  }

  #regionalPue(run: Run): Factor | undefined {
    const place = this.#placeOf(run);
    if (place.region?.pue) return place.region.pue;
    const reason = place.region ? 'no_pue' : place.reason;
    const problem = place.region ? `none is known for the region of ${describeRun(run)}` : place.problem;
    this.#ctx.skip({ item: Attribute.pue, reason, message: `no PUE, so 1: ${problem}` });
    return undefined;
  }
}

/**
 * When a run began, in seconds from the start of a series of it: at its own start, else so long before its end as it
 * took where its samples lie in there, else with them.
 */
function opensOf(measured: Integrated, duration: number, run: Run): number {
  const offset = (time: number) => secondsBetween(measured.series.start, toHrTime(time));
  const { startTime: started, endTime: ended } = run;
  if (started !== undefined) return offset(started);
  if (ended === undefined) return 0;
  const [closes, [first, last]] = [offset(ended), extentOf(measured).map(offset) as [number, number]];
  return closes - duration <= first + ROUNDING && last <= closes + ROUNDING ? closes - duration : 0;
}

function configuredPue(value: number): Factor {
  return { id: 'pue/configured', quantity: 'pue', value, unit: '1', source: 'configuration', state: 'static' };
}
