import { meanOf, measure, streamsOf } from 'wattline/figures';
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

/** Learns from runs with measured power, and gives power to those without. */
export class Predictor {
  readonly #training: TrainingSet;
  readonly #ctx: Pick<SourceContext, 'skip' | 'explain'>;
  /** The change of the training set at which the error was computed, and the error in watts. */
  #judgedAt = Number.NEGATIVE_INFINITY;
  #error90: number | undefined;

  constructor(training: TrainingSet, ctx: Pick<SourceContext, 'skip' | 'explain'>) {
    this.#training = training;
    this.#ctx = ctx;
  }

  /** Adds a run to the training set where its power was measured. */
  learn(run: Run): void {
    if (run.power !== undefined) return;
    const measured = measure(run, hostPower);
    if (measured.value !== undefined) this.#training.learn(run, meanOf(measured.series) as number);
  }

  /**
   * Returns a run with measured power unchanged, after learning from it. A run without gets the predicted power, constant
   * over its duration, and the label `power="predicted"`; where that is not possible, it is returned unchanged and counted.
   */
  withPower(run: Run): Run {
    if (run.samplesOf(hostPower)?.series) {
      this.learn(run);
      return run;
    }
    const refused = run.attributes[Attribute.refused];
    if (Array.isArray(refused) && refused.includes(hostPower.field)) {
      return this.#without(run, 'power_refused', 'its measured power was refused, and is not made up for');
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
      const why = 'measured runs of too few different numbers of streams are known';
      return this.#without(run, 'no_model', `${why}; list files with such runs as training.include`);
    }
    const watts = predict(model, streams);
    this.#ctx.explain?.([predictionLine(model, streams, watts)]);
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
    return run.with({ attributes: { [PREDICTED]: predict(model, streams), ...this.#interval(model) } });
  }

  /** Returns half the width of the interval of a prediction, which is computed again when a tenth of the set is new. */
  #interval(model: LinearModel): { readonly 'power.error_90_watts'?: number } {
    const { changes, size } = this.#training;
    if (changes - this.#judgedAt > size * RENEWED) {
      this.#judgedAt = changes;
      this.#error90 = qualityOf(model, this.#training.observations())?.error90;
    }
    return this.#error90 === undefined ? {} : { 'power.error_90_watts': this.#error90 };
  }

  #without(run: Run, reason: string, why: string): Run {
    this.#ctx.skip({ item: hostPower.field, reason, message: `no power is predicted for ${describeRun(run)}: ${why}` });
    return run;
  }
}

function predictionLine(model: LinearModel, streams: number, value: number): Line {
  const { intercept, slope, observations, r2 } = model;
  const line = `${intercept} + ${slope} * ${streams}`;
  const note = `by a line through ${observations} measured runs (R² ${r2}), for ${streams} streams`;
  if (value > 0) return { name: 'predicted_watts', expression: line, value, unit: 'W', note };
  return { name: 'predicted_watts', value, unit: 'W', note: `${note}: ${line}, and never below 0` };
}
