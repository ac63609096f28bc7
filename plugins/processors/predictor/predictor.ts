import { meanOf, measure, type PowerKind, powerKindOf, streamsOf } from 'wattline/figures';
import {
  Attribute,
  describeRun,
  hostPower,
  type Line,
  type Run,
  Series,
  type SourceContext,
  samplesOf,
} from 'wattline/plugin';
import { type LinearModel, predict } from './linear-model.ts';
import { qualityOf } from './quality.ts';
import type { TrainingSet } from './training-set.ts';

/** The part of the training set that must be new before the error of predictions is computed again. */
const RENEWED = 0.1;

const PREDICTED = 'power.predicted_watts';
const ERROR = 'power.error_90_watts';

/** How power came about that is learnt from. */
export type LearntKind = Exclude<PowerKind, 'predicted'>;

/** Learns from runs with power, and gives power to those without. */
export class Predictor {
  readonly #training: TrainingSet;
  readonly #learnt: readonly LearntKind[];
  readonly #ctx: Pick<SourceContext, 'skip' | 'explain'>;
  /** The change of the training set at which the error was computed, and the error in watts. */
  #judgedAt = Number.NEGATIVE_INFINITY;
  #error90: number | undefined;

  /** Learns from runs whose power came about in one of these ways, which must be at least one. */
  constructor(training: TrainingSet, learnt: readonly LearntKind[], ctx: Pick<SourceContext, 'skip' | 'explain'>) {
    this.#training = training;
    this.#learnt = learnt;
    this.#ctx = ctx;
  }

  /** Adds a run to the training set where its power came about in a way that is learnt from. */
  learn(run: Run): void {
    const kind = powerKindOf(run);
    if (!this.#learnt.some((one) => one === kind)) return;
    const measured = measure(run, hostPower);
    if (measured.value !== undefined) this.#training.learn(run, meanOf(measured.series) as number);
  }

  /**
   * Returns a run with power unchanged, after learning from it where that is wanted. A run without gets the predicted
   * power, constant over its duration, and the label `power="predicted"`; where that is not possible, it is returned
   * unchanged and counted.
   */
  withPower(run: Run): Run {
    if (run.samplesOf(hostPower)?.series) {
      this.learn(run);
      return run;
    }
    const refused = run.attributes[Attribute.refused];
    if (Array.isArray(refused) && refused.includes(hostPower.field)) {
      return this.#without(run, 'power_refused', `its ${powerKindOf(run)} power was refused, and is not made up for`);
    }
    const streams = streamsOf(run);
    if (streams === undefined) {
      return this.#without(run, 'unknown_streams', 'neither `streams` nor its name says how many streams it had');
    }
    const { duration } = run;
    if (duration === undefined) {
      return this.#without(run, 'no_duration', 'it has neither a duration nor start and end');
    }
    const model = this.#training.model();
    if (!model) {
      const why = `${this.#sources} runs of too few different numbers of streams are known`;
      const others = this.#learnt.includes('modelled') ? '' : ', or modelled power in training.power';
      return this.#without(run, 'no_model', `${why}; list files with such runs as training.include${others}`);
    }
    const watts = predict(model, streams);
    this.#explain(model, streams, watts);
    const series = Series.irregular(run.window.start, Float64Array.of(0, duration), Float64Array.of(watts, watts));
    const attributes = {
      [Attribute.power]: 'predicted',
      // Whatever the run says of its measured samples, these two are the ends of a line.
      [hostPower.samplingAttribute]: 'instant',
      [PREDICTED]: watts,
      ...this.#interval(model),
    };
    return run.with({ samples: [samplesOf(hostPower, series, 'wattline/predictor')], attributes });
  }

  /** Returns the run with its predicted power as an attribute, where there is a model and its streams are known. */
  withPrediction(run: Run): Run {
    const streams = streamsOf(run);
    if (streams === undefined || run.attributes[PREDICTED] !== undefined) return run;
    const model = this.#training.model();
    if (!model) return run;
    const watts = predict(model, streams);
    this.#explain(model, streams, watts);
    return run.with({ attributes: { [PREDICTED]: watts, ...this.#interval(model) } });
  }

  /** What it learns from, in words. */
  get #sources(): string {
    return this.#learnt.join(' or ');
  }

  #explain(model: LinearModel, streams: number, watts: number): void {
    if (!this.#ctx.explain) return;
    this.#ctx.explain([predictionLine(model, streams, watts, this.#sources, this.#interval(model)[ERROR])]);
  }

  /** Returns half the width of the interval of a prediction, which is computed again when a tenth of the set is new. */
  #interval(model: LinearModel): { readonly [ERROR]?: number } {
    const { changes, size } = this.#training;
    if (changes - this.#judgedAt > size * RENEWED) {
      this.#judgedAt = changes;
      this.#error90 = qualityOf(model, this.#training.observations())?.error90;
    }
    return this.#error90 === undefined ? {} : { [ERROR]: this.#error90 };
  }

  #without(run: Run, reason: string, why: string): Run {
    this.#ctx.skip({ item: hostPower.field, reason, message: `no power is predicted for ${describeRun(run)}: ${why}` });
    return run;
  }
}

function predictionLine(
  model: LinearModel,
  streams: number,
  value: number,
  sources: string,
  error90: number | undefined,
): Line {
  const { intercept, slope, observations, r2 } = model;
  const line = `${intercept} + ${slope} * ${streams}`;
  const interval =
    error90 === undefined
      ? 'without an interval, since too few runs are known'
      : `± ${error90} W (90 % of the errors, each run left out in turn)`;
  const note = `predicted, ${interval}, by a line through ${observations} ${sources} runs (R² ${r2}), for ${streams} streams`;
  if (value > 0) return { name: 'predicted_watts', expression: line, value, unit: 'W', note };
  return { name: 'predicted_watts', value, unit: 'W', note: `${note}: ${line}, and never below 0` };
}
