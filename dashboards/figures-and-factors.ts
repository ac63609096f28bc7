import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { Joule, Kilogram, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units';
import { factorsTable, providersTable } from './factor-tables.ts';
import {
  emissionsWithBasis,
  figureNames,
  furtherNames,
  inCurrency,
  labelled,
  latestEmissionsBy,
  latestFigure,
  SCENARIOS_SHOWN,
  sumsByPower,
} from './figure-queries.ts';
import { intervalTable } from './interval-table.ts';
import { currencyName, moneyUnits } from './money.ts';
import { bars, stat, timeSeries, valueThresholds } from './panels.ts';
import { instantQuery, rangeQuery } from './queries.ts';
import { carbonIntensityTable, savingsTable, unitCostsTable } from './unit-tables.ts';
import { currencyVariable, figureFilters } from './variables.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const coverage = latestFigure(furtherNames.coverage);
const joules = latestFigure(furtherNames.joules);
const assumedJoules = `(sum(${latestFigure(furtherNames.joulesFilled)}) or vector(0))`;
const location = latestFigure(figureNames.emissions);
const market = latestEmissionsBy('market');
const embodied = latestFigure(furtherNames.embodied);

const OF_ENERGY = 'It needs the processor `energy` before `cost` and `co2`.';

/** How much of the figures was measured, modelled, predicted and assumed, and the factors that they are based on. */
export function figuresAndFactors(): Dashboard {
  return numberedDashboard({
    uid: 'figures-and-factors',
    title: 'Figures and what they rest on',
    description:
      'How much of a figure was measured, modelled, predicted and assumed, and the factors, with source and year, that it is based on',
    refresh: '1m',
    variables: [...figureFilters(), currencyVariable()],
    panels: [
      coveredPart(),
      assumedEnergy(),
      assumedCost(),
      basisOfEmissions(),
      coverageByScenario(),
      energyByOrigin(),
      intervalTable(),
      factorsTable(),
      locationAndMarket(),
      providersTable(),
      unitCostsTable(),
      savingsTable(),
      carbonIntensityTable(),
      embodiedEmissions(),
    ],
  });
}

function coveredPart() {
  return stat({
    title: 'Part of the runs with samples',
    description:
      `The mean of \`${furtherNames.coverage}\` over the latest runs, by signal: the time that was integrated over the ` +
      'duration of the run. Figures are of this part only. Red below half, yellow below nine tenths.',
    unit: PercentUnit,
    width: 6,
    height: 6,
    queries: [instantQuery('A', `avg by (signal) (clamp_max(${coverage}, 1))`, '{{signal}}')],
  }).thresholds(
    valueThresholds([
      { color: 'red', value: null },
      { color: 'yellow', value: 0.5 },
      { color: 'green', value: 0.9 },
    ]),
  );
}

function assumedEnergy() {
  return stat({
    title: 'Energy that is assumed',
    description:
      `\`${furtherNames.joulesFilled}\` over it and \`${furtherNames.joules}\`: the part of all energy that stands for time ` +
      `without samples, by \`fill\` of the processor \`energy\`. 0 where nothing is assumed. ${OF_ENERGY}`,
    unit: PercentUnit,
    width: 6,
    height: 6,
    queries: [instantQuery('A', `${assumedJoules} / (${assumedJoules} + sum(${joules}))`, 'assumed')],
  });
}

function assumedCost() {
  return stat({
    title: 'Cost that is assumed',
    description:
      `The sums of \`${furtherNames.energyFilled}\` and \`${furtherNames.computeFilled}\`, the price of what is assumed for ` +
      'time without samples. It is in no total.',
    unit: NoUnit,
    width: 6,
    height: 6,
    queries: [
      instantQuery('A', inCurrency(`sum(${latestFigure(furtherNames.energyFilled)})`), `energy (${currencyName})`),
      instantQuery('B', inCurrency(`sum(${latestFigure(furtherNames.computeFilled)})`), `compute (${currencyName})`),
    ],
  }).overrides(moneyUnits());
}

function basisOfEmissions() {
  const all = labelled(labelled(emissionsWithBasis, 'method', 'location'), 'state', 'static');
  return bars({
    title: 'Runs by what their emissions rest on',
    description:
      `The number of \`${figureNames.emissions}\` by method and by the state of the intensity: static from a table or the ` +
      'configuration, live or cached from a provider, fallback where a provider had none. A run that is counted by ' +
      'location and by market is in both.',
    unit: NoUnit,
    width: 6,
    height: 6,
    queries: [instantQuery('A', `count by (method, state) (${all})`, '{{method}}, {{state}}')],
  });
}

function coverageByScenario() {
  return bars({
    title: 'Coverage by scenario, lowest first',
    description:
      `The least \`${furtherNames.coverage}\` of each scenario’s latest runs, by signal. The ${SCENARIOS_SHOWN} lowest are ` +
      'shown. 9 samples 5 s apart in a run of 120 s are 40/120, 33 %.',
    unit: PercentUnit,
    width: 12,
    height: 9,
    queries: [
      instantQuery(
        'A',
        `sort(bottomk(${SCENARIOS_SHOWN}, min by (scenario, signal) (${coverage})))`,
        '{{scenario}}, {{signal}}',
      ),
    ],
  }).max(1);
}

function energyByOrigin() {
  return timeSeries({
    title: 'Energy, by how its power came about',
    description:
      `The sums of \`${furtherNames.joules}\` and \`${furtherNames.joulesFilled}\` over the latest runs as known at each ` +
      `moment, stacked: measured, modelled or predicted, and assumed for time without samples. It is energy at the machine, without the PUE. ${OF_ENERGY}`,
    unit: Joule,
    width: 12,
    height: 9,
    queries: [
      rangeQuery('A', sumsByPower(joules), '{{power}}'),
      rangeQuery('B', `sum(${latestFigure(furtherNames.joulesFilled)})`, 'assumed'),
    ],
  })
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .fillOpacity(40);
}

function locationAndMarket() {
  return bars({
    title: 'CO₂ by location and by market, by region',
    description:
      `The sum of \`${figureNames.emissions}\` by the average of the grid and by what was bought for the energy, over runs ` +
      'that have both, side by side as the GHG Protocol wants them. Marginal emissions answer another question and stand ' +
      'alone. The three never add up.',
    unit: Kilogram,
    width: 12,
    height: 9,
    queries: [
      instantQuery('A', `sum by (region) (${location} and ${market})`, '{{region}}, by location'),
      instantQuery('B', `sum by (region) (${market} and ${location})`, '{{region}}, by market'),
      instantQuery('C', `sum by (region) (${latestEmissionsBy('marginal')})`, '{{region}}, marginal'),
    ],
  });
}

function embodiedEmissions() {
  return bars({
    title: 'Operational and embodied CO₂',
    description:
      `The sums of \`${figureNames.emissions}\` by location and of \`${furtherNames.embodied}\`, the part of the machine’s ` +
      'making that falls to the runs, over runs that have both.',
    unit: Kilogram,
    width: 10,
    height: 9,
    queries: [
      instantQuery('A', `sum(${location} and ${embodied})`, 'operational'),
      instantQuery('B', `sum(${embodied} and ${location})`, 'embodied'),
    ],
  });
}
