import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingConfigBuilder,
  StackingMode,
} from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard, DataTransformerConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as GaugeBuilder } from '@grafana/grafana-foundation-sdk/gauge';
import {
  PanelBuilder as PieChartBuilder,
  PieChartLabels,
  PieChartLegendOptionsBuilder,
  PieChartLegendValues,
} from '@grafana/grafana-foundation-sdk/piechart';
import { Kilogram, NoUnit } from '@grafana/grafana-foundation-sdk/units';
import { anyExporterAlive, upOrDown } from './alive.ts';
import {
  figureNames,
  greatestByScenario,
  inCurrency,
  latestFigure,
  latestPart,
  SCENARIOS_SHOWN,
} from './figure-queries.ts';
import { currencyName, moneyUnits } from './money.ts';
import { describedPanel, lastValue, type PanelOptions, percentThresholds, stat, timeSeries } from './panels.ts';
import { instantQuery, rangeQuery } from './queries.ts';
import { runsTable } from './runs-table.ts';
import { currencyVariable, figureFilters, numberVariable } from './variables.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const { total, energy, compute, emissions } = figureNames;

const GREATEST = `The ${SCENARIOS_SHOWN} scenarios with the most are shown.`;
const LATEST =
  'The latest figure of each run (scenario, region, encoder, bitrate) within the time range counts, once: a scraped figure ' +
  'stays from its first scrape on, a pushed one is a point at the end of its run and is held from there.';

/** The cost and emissions of runs at a glance. */
export function costEnergyMonitoring(): Dashboard {
  return numberedDashboard({
    uid: 'cost-energy-monitoring',
    title: 'Cost and energy monitoring',
    description: 'The cost and emissions of measured runs, from the figures of Wattline',
    refresh: '10s',
    variables: [
      ...figureFilters(),
      currencyVariable(),
      numberVariable('cost_budget', 'Cost budget (USD)', 'The end of the total cost gauge, in USD', '1'),
      numberVariable('co2_budget', 'CO₂ budget (kg)', 'The end of the total CO₂ gauge, in kg CO₂e', '0.01'),
    ],
    panels: [
      exporterStatus(),
      totalCost(),
      totalEmissions(),
      costDistribution(),
      costByScenario(),
      costBreakdown(),
      emissionsByScenario(),
      runsTable(),
    ],
  });
}

function exporterStatus() {
  return stat({
    title: 'Exporter status',
    description:
      'UP where `cost_exporter_alive` was 1 within the last two minutes before the end of the time range, from any ' +
      'exporter; DOWN otherwise, also where nothing is known.',
    unit: NoUnit,
    width: 4,
    height: 7,
    queries: [instantQuery('A', anyExporterAlive, 'exporter')],
  })
    .mappings(upOrDown)
    .colorMode(BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None);
}

function totalCost() {
  return budgetGauge({
    title: 'Total cost',
    description:
      `The sum of \`${total}\` against the cost budget, yellow from 70 % and red from 90 % of it. ${LATEST} A run without ` +
      'energy or compute cost has no total and is left out.',
    unit: NoUnit,
    width: 5,
    height: 7,
    queries: [
      instantQuery('A', inCurrency(`sum(${latestFigure(total)})`), `total (${currencyName})`),
      instantQuery('budget', inCurrency('vector($cost_budget)'), 'budget'),
    ],
  }).overrides(moneyUnits());
}

function totalEmissions() {
  return budgetGauge({
    title: 'Total CO₂',
    description: `The sum of \`${emissions}\` by location against the CO₂ budget, yellow from 70 % and red from 90 % of it. ${LATEST}`,
    unit: Kilogram,
    width: 5,
    height: 7,
    queries: [
      instantQuery('A', `sum(${latestFigure(emissions)})`, 'CO₂e'),
      instantQuery('budget', 'vector($co2_budget)', 'budget'),
    ],
  });
}

function costDistribution() {
  return describedPanel(new PieChartBuilder(), {
    title: 'Cost distribution',
    description: `Each scenario’s share of the total cost, the sum of \`${total}\`. ${GREATEST} ${LATEST}`,
    unit: NoUnit,
    width: 10,
    height: 7,
    queries: [instantQuery('A', inCurrency(greatestByScenario(latestFigure(total))), `{{scenario}} (${currencyName})`)],
  })
    .overrides(moneyUnits())
    .reduceOptions(lastValue())
    .displayLabels([PieChartLabels.Percent])
    .legend(
      new PieChartLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Right)
        .values([PieChartLegendValues.Value, PieChartLegendValues.Percent]),
    );
}

function costByScenario() {
  return timeSeries({
    title: 'Total cost by scenario',
    description:
      `The sum of \`${total}\` of each scenario as known at each moment. ${GREATEST} ${LATEST} At the right edge the lines ` +
      'of all scenarios add up to the total cost.',
    unit: NoUnit,
    width: 8,
    height: 10,
    queries: [rangeQuery('A', inCurrency(greatestByScenario(latestFigure(total))), `{{scenario}} (${currencyName})`)],
  }).overrides(moneyUnits());
}

function costBreakdown() {
  return timeSeries({
    title: 'Energy against compute cost',
    description:
      `The sums of \`${energy}\` and \`${compute}\`, stacked. ${LATEST} Runs that have only one of the two count here, ` +
      'and not in the total. Energy that the price of CPU time includes does not.',
    unit: NoUnit,
    width: 8,
    height: 10,
    queries: [
      rangeQuery('A', inCurrency(`sum(${latestPart(energy)})`), `energy (${currencyName})`),
      rangeQuery('B', inCurrency(`sum(${latestFigure(compute)})`), `compute (${currencyName})`),
    ],
  })
    .overrides(moneyUnits())
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'))
    .fillOpacity(40);
}

function emissionsByScenario() {
  return timeSeries({
    title: 'CO₂ emissions',
    description: `The sum of \`${emissions}\` by location of each scenario as known at each moment, in CO₂ equivalent. ${GREATEST} ${LATEST}`,
    unit: Kilogram,
    width: 8,
    height: 10,
    queries: [rangeQuery('A', greatestByScenario(latestFigure(emissions)), '{{scenario}}')],
  });
}

/** A gauge from 0 to the value of its query `budget`. */
function budgetGauge(options: PanelOptions): GaugeBuilder {
  return describedPanel(new GaugeBuilder(), options)
    .reduceOptions(lastValue())
    .showThresholdLabels(false)
    .showThresholdMarkers(true)
    .min(0)
    .thresholds(
      percentThresholds([
        { color: 'green', value: null },
        { color: 'yellow', value: 70 },
        { color: 'red', value: 90 },
      ]),
    )
    .withTransformation(budgetAsMaximum);
}

const budgetAsMaximum: DataTransformerConfig = {
  id: 'configFromData',
  options: {
    configRefId: 'budget',
    applyTo: { id: 'byFrameRefID', options: 'A' },
    mappings: [{ fieldName: 'budget', handlerKey: 'max', reducerId: 'lastNotNull' }],
  },
};
