import {
  Attribute,
  type Batch,
  describeRun,
  extendRun,
  factsOf,
  findSignal,
  hostPower,
  type Line,
  meanOf,
  measure,
  numberOf,
  runDuration,
  runWindow,
  Series,
  type Skipped,
  type SourceContext,
  signalGauge,
  streamsOf,
  toHrTime,
  toSeconds,
} from 'wattline/plugin';
import { type LinearModel, predict } from './linear-model.ts';
import { qualityOf } from './quality.ts';
import type { TrainingSet } from './training-set.ts';

/** Which part of the training set must be new before the error of predictions is worked out anew. */
const RENEWED = 0.1;

const PREDICTED = 'power.predicted_watts';

/** Learns from runs with measured power, and gives power to those without. */
export class Predictor {
  readonly #training: TrainingSet;
  readonly #skip: (skipped: Skipped) => void;
  readonly #explain: SourceContext['explain'];
  /** At which change of the training set the error was worked out, and what it came to in watts. */
  #judgedAt = Number.NEGATIVE_INFINITY;
  #error90: number | undefined;

  constructor(training: TrainingSet, { skip, explain }: Pick<SourceContext, 'skip' | 'explain'>) {
    this.#training = training;
    this.#skip = skip;
    this.#explain = explain;
  }

  /** Takes a measured run into the training set; any other run leaves it as it is. */
  learn(batch: Batch): void {
    const { attributes } = factsOf(batch);
    if (attributes[Attribute.power] !== undefined) return;
    const measured = measure(batch, hostPower);
    if (measured.value !== undefined) this.#training.learn(attributes, meanOf(measured.series) as number);
  }

  /**
   * A run with measured power as it is, after learning from it; one without gets the predicted power, constant over its
   * duration, and the label `power="predicted"`. Where that is not possible it goes on without, and is counted.
   */
  withPower(batch: Batch): Batch {
    if (findSignal(batch, hostPower)) {
      this.learn(batch);
      return batch;
    }
    const { attributes } = factsOf(batch);
    const refused = attributes[Attribute.refused];
    if (Array.isArray(refused) && refused.includes(hostPower.field)) {
      return this.#without(batch, 'power_refused', 'its measured power was refused, and is not made up for');
    }
    const streams = streamsOf(attributes);
    if (streams === undefined) {
      return this.#without(batch, 'unknown_streams', 'neither `streams` nor its name says how many streams it had');
    }
    const duration = runDuration(attributes);
    if (duration === undefined) {
      return this.#without(batch, 'no_duration', 'it has neither a duration nor start and end');
    }
    const model = this.#training.model();
    if (!model) {
      const advice =
        'measured runs of too few different numbers of streams are known; list files with such runs as training.include';
      return this.#without(batch, 'no_model', advice);
    }
    const watts = predict(model, streams);
    this.#explain?.([predictionLine(model, streams, watts)]);
    const { end } = runWindow(batch);
    const start = numberOf(attributes, Attribute.startTime);
    const from = start === undefined ? toHrTime(toSeconds(end) - duration) : toHrTime(start);
    const series = Series.irregular(from, Float64Array.of(0, duration), Float64Array.of(watts, watts));
    return extendRun(batch, 'wattline/predictor', [signalGauge(hostPower, series)], {
      [Attribute.power]: 'predicted',
      // Whatever the run says of its measured samples, these two are the ends of a line.
      [hostPower.samplingAttribute]: 'instant',
      [PREDICTED]: watts,
      ...this.#interval(model),
    });
  }

  /** The run with the power that the model says of it as an attribute, where there is a model that can. */
  withPrediction(batch: Batch): Batch {
    const { attributes } = batch.resource;
    const streams = streamsOf(attributes);
    if (streams === undefined || attributes[PREDICTED] !== undefined) return batch;
    const model = this.#training.model();
    if (!model) return batch;
    return extendRun(batch, 'wattline/predictor', [], {
      [PREDICTED]: predict(model, streams),
      ...this.#interval(model),
    });
  }

  /** Half the width of the interval of a prediction; worked out anew whenever a tenth of the training set is new. */
  #interval(model: LinearModel): { readonly 'power.error_90_watts'?: number } {
    const { changes, size } = this.#training;
    if (changes - this.#judgedAt > size * RENEWED) {
      this.#judgedAt = changes;
      this.#error90 = qualityOf(model, this.#training.observations())?.error90;
    }
    return this.#error90 === undefined ? {} : { 'power.error_90_watts': this.#error90 };
  }

  #without(batch: Batch, reason: string, why: string): Batch {
    this.#skip({ item: hostPower.field, reason, message: `no power is predicted for ${describeRun(batch)}: ${why}` });
    return batch;
  }
}

function predictionLine(model: LinearModel, streams: number, value: number): Line {
  const { intercept, slope, observations, r2 } = model;
  const line = `${intercept} + ${slope} * ${streams}`;
  const note = `by a line through ${observations} measured runs (R² ${r2}), for ${streams} streams`;
  if (value > 0) return { name: 'predicted_watts', expression: line, value, unit: 'W', note };
  return { name: 'predicted_watts', value, unit: 'W', note: `${note}: ${line}, and never below 0` };
}
