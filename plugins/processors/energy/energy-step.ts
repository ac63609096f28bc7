import {
  byRegion,
  factorLine,
  integralLine,
  integrate,
  knownFigures,
  mayHaveBounds,
  mayLack,
  measure,
  observeFactorRecords,
  type ResolvedRegion,
  sampleKindOf,
  sampleLabels,
} from 'wattline/figures';
import {
  Attribute,
  cpuUsage,
  describeRun,
  type Factor,
  type Figure,
  type FigureDefinition,
  factorAttributes,
  figure,
  filledCpu,
  filledPower,
  hostPower,
  type Integrated,
  numberOf,
  type Run,
  type Samples,
  type Signal,
  type SourceContext,
  samplesOf,
  secondsBetween,
} from 'wattline/plugin';
import { withBoundFigures } from './bound-figures.ts';
import type { EnergyConfig } from './settings.ts';
import { constantOver, lengthOf, outside, placeIn, type Stretch, uncovered } from './uncovered.ts';

/** A measured signal, its integral, and the signal and integral of what is assumed where it was not measured. */
interface Quantity {
  readonly signal: Signal;
  /** The value of the label `signal`. */
  readonly label: string;
  readonly integral: FigureDefinition;
  readonly filledSignal: Signal;
  readonly filled: FigureDefinition;
}

const { energy, energyFilled, cpu, cpuFilled, coverage } = knownFigures;
const quantities: readonly Quantity[] = [
  { signal: hostPower, label: 'power', integral: energy, filledSignal: filledPower, filled: energyFilled },
  { signal: cpuUsage, label: 'cpu', integral: cpu, filledSignal: filledCpu, filled: cpuFilled },
];

const amounts = quantities.flatMap(({ signal, integral, filledSignal, filled }) => {
  return [
    { signal, integral },
    { signal: filledSignal, integral: filled },
  ];
});

/** What is added to a run. */
interface Additions {
  readonly figures: Figure[];
  readonly samples: Samples[];
}

/** The part of a run's duration that its samples may cover before that is reported. */
const TOO_MUCH = 1.1;

/** Gives a run its energy and CPU time, the part of it that was measured, what is assumed of the rest, and its PUE. */
export class EnergyStep {
  readonly #config: EnergyConfig;
  readonly #ctx: SourceContext;
  readonly #noteFactor: (factor: Factor) => void;
  readonly #placeOf: (run: Run) => ResolvedRegion;

  constructor(config: EnergyConfig, ctx: SourceContext) {
    this.#config = config;
    this.#ctx = ctx;
    this.#noteFactor = observeFactorRecords(ctx);
    this.#placeOf = byRegion(config, (place) => place);
  }

  /** Returns the same run with more figures, and counts those that are not known. */
  apply(run: Run): Run {
    const additions: Additions = { figures: [], samples: [] };
    const { figures, samples } = additions;
    for (const quantity of quantities) {
      const { signal, integral } = quantity;
      const measured = measure(run, signal);
      if (measured.value === undefined) {
        if (!mayLack(run, signal)) this.#without(integral, measured.reason, measured.problem);
      } else {
        this.#ctx.explain?.([integralLine(integral.name, integral.unit, measured, sampleKindOf(run, signal))]);
        figures.push(figure(integral, measured.value, sampleLabels(run, signal)));
        this.#cover(quantity, measured, run, additions);
      }
    }
    const pue = this.#pueOf(run);
    if (figures.length === 0 && !pue) return run;
    const attributes = {
      ...(samples.length > 0 && { [Attribute.fill]: this.#config.fill }),
      ...(pue && { [Attribute.pue]: pue.value, ...factorAttributes(pue) }),
    };
    const whole = run.with({ figures, samples, ...(Object.keys(attributes).length > 0 && { attributes }) });
    return mayHaveBounds(whole) ? withBoundFigures(whole, amounts, this.#ctx) : whole;
  }

  /** Adds the coverage of a quantity, and what is assumed of the rest. */
  #cover(quantity: Quantity, measured: Integrated, run: Run, additions: Additions): void {
    const { label, signal } = quantity;
    const { duration, span } = measured;
    if (duration === undefined) {
      this.#without(coverage, 'no_duration', `${describeRun(run)} has neither a duration nor start and end`);
      return;
    }
    const { start, end } = run.window;
    const [opens, closes] = [start, end].map((time) => secondsBetween(measured.series.start, time)) as [number, number];
    const beyond = outside(measured, opens, closes);
    const within = span - beyond;
    const ratio = within / duration;
    const expression = `${within} / ${duration}`;
    const kind = sampleKindOf(run, signal);
    const note = `${kind} for ${within} s of ${duration} s`;
    this.#ctx.explain?.([{ name: `${coverage.name}_${label}`, expression, value: ratio, unit: '1', note }]);
    const isOf = `\`${signal.field}\` of ${describeRun(run)}`;
    if (ratio < this.#config.warn_below)
      this.#warn('low_coverage', `${isOf} was ${kind} for ${within} s of ${duration} s`);
    if (ratio > TOO_MUCH || beyond > duration * (TOO_MUCH - 1)) {
      const what = beyond > 0 ? `, and ${beyond} s of it are outside of the run` : '';
      this.#warn('samples_exceed_duration', `${isOf} was ${kind} for ${span} s, the run took ${duration} s${what}`);
    }
    additions.figures.push(figure(coverage, ratio, { signal: label }));
    const place = placeIn(measured, opens, closes, duration);
    this.#fill(quantity, measured, uncovered(measured, ...place), run, additions);
  }

  #warn(reason: string, message: string): void {
    this.#ctx.skip({ item: coverage.name, reason, message });
  }

  #fill(quantity: Quantity, measured: Integrated, stretches: readonly Stretch[], run: Run, additions: Additions): void {
    const { signal, filled, filledSignal } = quantity;
    const value = stretches.length ? this.#assumed(quantity, measured, run) : undefined;
    if (value === undefined) return;
    const duration = measured.duration as number;
    const excess = measured.span + lengthOf(stretches) - duration;
    if (excess > duration * (TOO_MUCH - 1)) {
      // It is not known what samples of another time stand for.
      const problem = `${excess} s of the \`${signal.field}\` of ${describeRun(run)} are outside of the run`;
      this.#without(filled, 'samples_outside_run', problem);
      return;
    }
    const series = constantOver(stretches, value, measured.series);
    const integral = integrate(series, { sampling: 'interval' });
    if (!integral) return;
    const { fill } = this.#config;
    const expression = `${value} * ${integral.span}`;
    const note = `assumed (${fill}) for the time without samples`;
    this.#ctx.explain?.([{ name: filled.name, expression, value: integral.value, unit: filled.unit, note }]);
    const filledRun = run.with({ attributes: { [Attribute.fill]: fill } });
    additions.figures.push(figure(filled, integral.value, sampleLabels(filledRun, filledSignal)));
    additions.samples.push(samplesOf(filledSignal, series, 'wattline/energy'));
  }

  /** Returns what is assumed, in the unit of the signal; undefined where nothing is. */
  #assumed({ signal, filled }: Quantity, { value, span }: Integrated, run: Run): number | undefined {
    const { fill } = this.#config;
    if (fill === 'mean') return value / span;
    if (fill === 'none' || signal !== hostPower) return undefined;
    const predicted = numberOf(run.attributes, 'power.predicted_watts');
    if (predicted === undefined) {
      const problem = `no power is predicted for ${describeRun(run)}; a predictor must come before, and have a model`;
      this.#without(filled, 'no_prediction', problem);
    }
    return predicted;
  }

  /** Returns the factor from the machine to the meter; undefined where it is 1, as where power was measured at the meter. */
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

  #without({ name }: FigureDefinition, reason: string, problem: string): void {
    this.#ctx.skip({ item: name, reason, message: `no ${name}: ${problem}` });
  }
}

function configuredPue(value: number): Factor {
  return { id: 'pue/configured', quantity: 'pue', value, unit: '1', source: 'configuration', state: 'static' };
}
