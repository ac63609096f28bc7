import { BigValueGraphMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { NoUnit, PercentUnit, Short, Watt } from '@grafana/grafana-foundation-sdk/units';
import { figureNames, figureOfPower, inCurrency, SCENARIOS_SHOWN } from './figure-queries.ts';
import { currencyName, moneyUnits } from './money.ts';
import { bars, stat, table, timeSeries, valueThresholds } from './panels.ts';
import { instantQuery, rangeQuery, tableQuery } from './queries.ts';
import { currencyVariable, figureFilters } from './variables.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const measured = figureOfPower('measured', figureNames.energy);
const modelled = figureOfPower('modelled', figureNames.energy);
const predicted = figureOfPower('predicted', figureNames.energy);
/** The labels of a model: its predictor, and its group where there are groups. */
const model = 'processor, group';
const legend = '{{processor}} {{group}}';
const r2 = `max by (${model}) (wattline_predictor_r2)`;
const trainingRuns = 'max by (processor) (wattline_predictor_training_runs)';

/** How well the predictor's model fits, which figures depend on it, and which runs have no prediction. */
export function predictionQuality(): Dashboard {
  return numberedDashboard({
    uid: 'prediction-quality',
    title: 'Prediction quality',
    description: 'How well predicted power fits, and how much of the cost depends on it',
    refresh: '1m',
    variables: [...figureFilters(), currencyVariable()],
    panels: [
      fit(),
      training(),
      predictedShare(),
      runs(),
      measuredAgainstPredicted(),
      errors(),
      energyCostByScenario(),
      notPredicted(),
      driftOverTime(),
      fitOverTime(),
      trainingOverTime(),
    ],
  });
}

function fit() {
  return stat({
    title: 'Fit (R²)',
    description:
      '`wattline_predictor_r2`: the share of the variation of power that the fitted curve explains, on the same runs that it ' +
      'was fitted to; it says nothing about runs beyond them. There is none until enough runs have been measured.',
    unit: NoUnit,
    width: 6,
    height: 6,
    queries: [instantQuery('A', r2, legend)],
  })
    .min(0)
    .max(1)
    .decimals(3)
    .graphMode(BigValueGraphMode.None)
    .thresholds(
      valueThresholds([
        { color: 'red', value: null },
        { color: 'yellow', value: 0.8 },
        { color: 'green', value: 0.95 },
      ]),
    );
}

function training() {
  return stat({
    title: 'Training runs',
    description: '`wattline_predictor_training_runs`: the number of runs that the curves are fitted to.',
    unit: Short,
    width: 6,
    height: 6,
    queries: [instantQuery('A', trainingRuns, '{{processor}}')],
  }).graphMode(BigValueGraphMode.None);
}

function predictedShare() {
  return stat({
    title: 'Predicted share of energy cost',
    description: `The share of the sum of \`${figureNames.energy}\`, over the latest runs in the time range, that depends on predicted power.`,
    unit: PercentUnit,
    width: 6,
    height: 6,
    queries: [
      instantQuery(
        'A',
        `${sumOrNone(predicted)} / (${[predicted, measured, modelled].map(sumOrNone).join(' + ')} > 0)`,
        'predicted',
      ),
    ],
  })
    .min(0)
    .max(1)
    .graphMode(BigValueGraphMode.None);
}

/** Returns the query of a sum, which is 0 where there is nothing to sum up. */
function sumOrNone(figures: string): string {
  return `(sum(${figures}) or vector(0))`;
}

function runs() {
  return bars({
    title: 'Runs with energy cost',
    description: `The number of the latest runs in the time range with \`${figureNames.energy}\` from measured, modelled and predicted power.`,
    unit: Short,
    width: 6,
    height: 6,
    queries: [
      instantQuery('A', `count(${measured}) or vector(0)`, 'measured'),
      instantQuery('B', `count(${predicted}) or vector(0)`, 'predicted'),
      instantQuery('C', `count(${modelled}) or vector(0)`, 'modelled'),
    ],
  });
}

function measuredAgainstPredicted() {
  return bars({
    title: 'Measured against predicted power, by number of streams',
    description:
      '`wattline_predictor_measured_watts` and `wattline_predictor_predicted_watts`: the mean power of the runs with so many ' +
      'streams that a curve is fitted to, and what it says of them. They are measured, unless `training.power` of the ' +
      'predictor lists modelled ones.',
    unit: Watt,
    width: 12,
    height: 10,
    queries: [
      instantQuery(
        'A',
        'avg by (streams, group) (wattline_predictor_measured_watts)',
        '{{group}} {{streams}} streams, measured',
      ),
      instantQuery(
        'B',
        'avg by (streams, group) (wattline_predictor_predicted_watts)',
        '{{group}} {{streams}} streams, predicted',
      ),
    ],
  });
}

function errors() {
  return stat({
    title: 'Error of a prediction',
    description:
      'How far measured runs are from a curve fitted to all the others: their mean distance ' +
      '(`wattline_predictor_mean_absolute_error_watts`), and the distance that 90 % of them keep within ' +
      '(`wattline_predictor_error_90_watts`, from 9 runs on).',
    unit: Watt,
    width: 12,
    height: 10,
    queries: [
      instantQuery('A', `max by (${model}) (wattline_predictor_mean_absolute_error_watts)`, `${legend}, mean`),
      instantQuery('B', `max by (${model}) (wattline_predictor_error_90_watts)`, `${legend}, 90 % within ±`),
    ],
  })
    .min(0)
    .graphMode(BigValueGraphMode.None);
}

function driftOverTime() {
  return timeSeries({
    title: 'Drift',
    description:
      '`wattline_predictor_drift_watts`: how much more power the latest 50 measured runs, at most half of all, drew than the ' +
      'curve through those before them predicts, on average. A value that stays away from 0 means that the workload or the machine has changed.',
    unit: Watt,
    width: 24,
    height: 8,
    queries: [rangeQuery('A', `max by (${model}) (wattline_predictor_drift_watts)`, legend)],
  });
}

function energyCostByScenario() {
  return bars({
    title: 'Energy cost a run, measured, modelled and predicted, by scenario',
    description:
      `The mean of \`${figureNames.energy}\` over the latest runs of each scenario, apart for measured, modelled and predicted ` +
      'power. Where a scenario has several, they are different runs (or the same run before and after it was measured).',
    unit: NoUnit,
    width: 12,
    height: 10,
    queries: [
      energyOf('A', 'measured', measured),
      energyOf('B', 'predicted', predicted),
      energyOf('C', 'modelled', modelled),
    ],
  }).overrides(moneyUnits());
}

function energyOf(refId: string, word: string, figures: string) {
  const means = `topk(${SCENARIOS_SHOWN}, avg by (scenario) (${figures}))`;
  return instantQuery(refId, inCurrency(means), `{{scenario}}, ${word} (${currencyName})`);
}

function notPredicted() {
  return table({
    title: 'Runs without a prediction',
    description:
      'Runs that had no power and got none predicted, by reason, counted in `wattline_skipped_total` since the ' +
      'process started; for predictors with an id of `predictor` or `predictor/<name>`.',
    unit: Short,
    width: 12,
    height: 10,
    queries: [
      tableQuery('A', 'sum by (processor, item, reason) (wattline_skipped_total{processor=~"predictor(/.*)?"})'),
    ],
  })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true }, indexByName: {}, renameByName: {} },
    })
    .overrideByName('Value', [{ id: 'displayName', value: 'Runs' }]);
}

function fitOverTime() {
  return timeSeries({
    title: 'Fit over time',
    description: '`wattline_predictor_r2` of each predictor; it moves as measured runs arrive.',
    unit: NoUnit,
    width: 12,
    height: 8,
    queries: [rangeQuery('A', r2, legend)],
  })
    .decimals(3)
    .axisSoftMax(1);
}

function trainingOverTime() {
  return timeSeries({
    title: 'Training runs over time',
    description: '`wattline_predictor_training_runs` of each predictor.',
    unit: Short,
    width: 12,
    height: 8,
    queries: [rangeQuery('A', trainingRuns, '{{processor}}')],
  });
}
