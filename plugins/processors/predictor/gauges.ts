import type { Context } from 'wattline/plugin';
import type { FeatureName } from 'wattline/prediction';
import type { Learners } from './predictor.ts';
import type { Quality } from './quality.ts';
import type { TargetName } from './target.ts';

const group = 'by `group` where `group_by` is set';

/** The own metrics of a predictor. */
export const predictorGauges = {
  wattline_predictor_r2: {
    unit: '1',
    description: `R2 of the fitted curve on the runs it was fitted to, ${group}`,
  },
  wattline_predictor_training_runs: { unit: '{run}', description: 'Runs that the model is fitted to' },
  wattline_predictor_mean_absolute_error_watts: {
    unit: 'W',
    description: `Mean distance of the runs that it is fitted to from a curve fitted to all the others, ${group}`,
  },
  wattline_predictor_error_90_watts: {
    unit: 'W',
    description: `90 % of the runs that it is fitted to lie within this distance of a curve fitted to all the others, ${group}; from 9 runs on`,
  },
  wattline_predictor_drift_watts: {
    unit: 'W',
    description: `Mean of known minus predicted power over the latest 50 runs, at most half of all, by a curve through those before them, ${group}; it moves away from 0 when the workload or the machine has changed`,
  },
  wattline_predictor_measured_watts: {
    unit: 'W',
    description: `Mean power of the runs that it is fitted to by number of \`streams\`, or what \`feature\` names, the 64 smallest, ${group}; measured, unless \`training.power\` lists other power`,
  },
  wattline_predictor_predicted_watts: {
    unit: 'W',
    description: `Predicted power for the same numbers of \`streams\`, ${group}`,
  },
  wattline_predictor_cpu_r2: {
    unit: '1',
    description: `R2 of the fitted curve of CPU time on the runs it was fitted to, ${group}`,
  },
  wattline_predictor_cpu_training_runs: { unit: '{run}', description: 'Runs that the model of CPU time is fitted to' },
  wattline_predictor_cpu_mean_absolute_error_cores: {
    unit: '{cpu}',
    description: `Mean distance of the CPU cores in use of these runs from a curve fitted to all the others, ${group}`,
  },
  wattline_predictor_groups_left_out: {
    unit: '{group}',
    description: 'Groups with runs but without a model, since there are more than `max_groups`',
  },
} as const;

export const extrapolatedCounter = {
  wattline_predictor_extrapolated_total: {
    unit: '{prediction}',
    description: 'Predictions outside of what was learnt from, by `target`',
  },
} as const;

/** Registers the metrics of a predictor, which show the last fit when they are collected. Returns what counts a prediction. */
export function observePredictor(
  { meter, id }: Context,
  learners: Learners,
  feature: FeatureName,
  isGrouped: boolean,
): (target: TargetName) => void {
  const own = { processor: id };
  const labelsOf = (name: string) => (isGrouped ? { ...own, group: name } : own);
  const gauge = (name: keyof typeof predictorGauges) => meter.createObservableGauge(name, predictorGauges[name]);
  const r2 = gauge('wattline_predictor_r2');
  const runs = gauge('wattline_predictor_training_runs');
  const meanError = gauge('wattline_predictor_mean_absolute_error_watts');
  const cpuR2 = gauge('wattline_predictor_cpu_r2');
  const cpuRuns = gauge('wattline_predictor_cpu_training_runs');
  const cpuMeanError = gauge('wattline_predictor_cpu_mean_absolute_error_cores');
  const error90 = gauge('wattline_predictor_error_90_watts');
  const drift = gauge('wattline_predictor_drift_watts');
  const measured = gauge('wattline_predictor_measured_watts');
  const predicted = gauge('wattline_predictor_predicted_watts');
  const left = gauge('wattline_predictor_groups_left_out');
  meter.addBatchObservableCallback(
    (result) => {
      const { power, cpu } = learners;
      const observe = (one: typeof r2, value: number | undefined, labels: Record<string, string>) =>
        value !== undefined && result.observe(one, value, labels);
      const observeQuality = (quality: Quality, labels: Record<string, string>) => {
        observe(error90, quality.error90, labels);
        observe(drift, quality.drift, labels);
        for (const { x, ...watts } of quality.comparisons) {
          result.observe(measured, watts.known, { ...labels, [feature]: String(x) });
          result.observe(predicted, watts.predicted, { ...labels, [feature]: String(x) });
        }
      };
      for (const [learner, ofRuns, ofR2, ofError] of [
        [power, runs, r2, meanError],
        [cpu, cpuRuns, cpuR2, cpuMeanError],
      ] as const) {
        if (!learner) continue;
        result.observe(ofRuns, learner.runs.size, own);
        for (const [name, quality] of learner.lastFit?.qualities ?? []) {
          observe(ofR2, learner.lastFit?.model.groups.get(name)?.r2, labelsOf(name));
          observe(ofError, quality.meanAbsoluteError, labelsOf(name));
          if (learner === power) observeQuality(quality, labelsOf(name));
        }
      }
      if (isGrouped) observe(left, power?.lastFit?.groupsLeftOut, own);
    },
    [r2, runs, meanError, cpuR2, cpuRuns, cpuMeanError, error90, drift, measured, predicted, left],
  );
  const name = 'wattline_predictor_extrapolated_total';
  const counter = meter.createCounter(name, extrapolatedCounter[name]);
  return (target) => counter.add(1, { ...own, target });
}
