import type { Context } from 'wattline/plugin';
import type { LinearModel } from './linear-model.ts';
import { type Comparison, compare, type Quality, qualityOf } from './quality.ts';
import type { TrainingSet } from './training-set.ts';

/** The maximum number of series by number of streams, the fewest first. */
const MOST_STREAMS = 64;

/** The own metrics of a predictor. */
export const predictorGauges = {
  wattline_predictor_r2: { unit: '1', description: 'R2 of the fitted line on the runs it was fitted to' },
  wattline_predictor_training_runs: { unit: '{run}', description: 'Runs that the model is fitted to' },
  wattline_predictor_mean_absolute_error_watts: {
    unit: 'W',
    description: 'Mean distance of the runs that it is fitted to from a line fitted to all the others',
  },
  wattline_predictor_error_90_watts: {
    unit: 'W',
    description:
      '90 % of the runs that it is fitted to lie within this distance of a line fitted to all the others: the prediction interval is ± this',
  },
  wattline_predictor_drift_watts: {
    unit: 'W',
    description:
      'Mean of known minus predicted power over the latest 50 runs that it is fitted to; it moves away from 0 when the workload or the machine has changed',
  },
  wattline_predictor_measured_watts: {
    unit: 'W',
    description:
      'Mean power of the runs that it is fitted to by number of `streams`, the 64 smallest; measured, unless `training.power` lists other power',
  },
  wattline_predictor_predicted_watts: { unit: 'W', description: 'Predicted power for the same numbers of `streams`' },
} as const;

/** Registers the gauges of a predictor, which are computed when they are collected. */
export function observePredictor({ meter, id }: Context, set: TrainingSet): void {
  const own = { processor: id };
  const gauge = (name: keyof typeof predictorGauges) => meter.createObservableGauge(name, predictorGauges[name]);
  const r2 = gauge('wattline_predictor_r2');
  const runs = gauge('wattline_predictor_training_runs');
  const meanError = gauge('wattline_predictor_mean_absolute_error_watts');
  const error90 = gauge('wattline_predictor_error_90_watts');
  const drift = gauge('wattline_predictor_drift_watts');
  const measured = gauge('wattline_predictor_measured_watts');
  const predicted = gauge('wattline_predictor_predicted_watts');
  // A scrape that meets the same model costs nothing.
  let judged: { model: LinearModel; quality: Quality | undefined; comparisons: Comparison[] } | undefined;
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(runs, set.size, own);
      const model = set.model();
      if (!model) return;
      result.observe(r2, model.r2, own);
      if (judged?.model !== model) {
        const comparisons = compare(model, set.observations()).slice(0, MOST_STREAMS);
        judged = { model, quality: qualityOf(model, set.observations()), comparisons };
      }
      const { quality, comparisons } = judged;
      if (quality) {
        result.observe(meanError, quality.meanAbsoluteError, own);
        result.observe(error90, quality.error90, own);
        result.observe(drift, quality.drift, own);
      }
      for (const { streams, ...watts } of comparisons) {
        const labels = { ...own, streams: String(streams) };
        result.observe(measured, watts.known, labels);
        result.observe(predicted, watts.predicted, labels);
      }
    },
    [r2, runs, meanError, error90, drift, measured, predicted],
  );
}
