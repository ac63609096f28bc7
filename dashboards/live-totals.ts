import { StackingConfigBuilder, StackingMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { Joule, Kilogram, NoUnit, Short, Watt } from '@grafana/grafana-foundation-sdk/units';
import {
  both,
  greatestByScenario,
  inCurrency,
  increaseInRange,
  ratePerSecond,
  SCENARIOS_SHOWN,
} from './figure-queries.ts';
import { liveCounters as counters } from './live-counters.ts';
import { costNow, emissionsNow, perHour, powerNow } from './live-stats.ts';
import { currencyName, moneyUnits } from './money.ts';
import { stat, timeSeries } from './panels.ts';
import { instantQuery, rangeQuery } from './queries.ts';
import { currencyVariable, figureFilters } from './variables.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const power = ratePerSecond(counters.joules);
const emissions = ratePerSecond(counters.emissions);
const cost = both(ratePerSecond(counters.energyCost), ratePerSecond(counters.computeCost));
const costSum = both(increaseInRange(counters.energyCost), increaseInRange(counters.computeCost));

const RECENT = 'A mean over the last minute or so; of live streams alone, through the processors `live` and `totals`.';
const IN_RANGE = 'in the time range, by the increase of the counters; a counter’s first value is never included.';
const GREATEST = `The ${SCENARIOS_SHOWN} scenarios with the most are shown.`;
const CORES = 'suffix:cores';

/** The energy, cost and emissions of running machines, from the counters of live streams. */
export function liveTotals(): Dashboard {
  return numberedDashboard({
    uid: 'live-totals',
    title: 'Live totals',
    description: 'Energy, cost and CO₂ of machines that keep reporting, per hour and in the time range',
    refresh: '10s',
    variables: [...figureFilters(`{__name__=~"${counters.joules}|${counters.coreSeconds}"}`), currencyVariable()],
    panels: [
      powerNow('Power', power, RECENT),
      costNow(cost, `by the hour, as far as they are known. ${RECENT}`),
      emissionsNow(emissions, RECENT),
      coresNow(),
      energyInRange(),
      costInRange(),
      emissionsInRange(),
      metersFollowed(),
      powerByBoundary(),
      costByPart(),
      powerByScenario(),
      emissionsByScenario(),
    ],
  });
}

function coresNow() {
  return stat({
    title: 'CPU in use',
    description: `The rate of \`${counters.coreSeconds}\`: how many cores are busy. ${RECENT}`,
    unit: CORES,
    width: 6,
    height: 5,
    queries: [rangeQuery('A', `sum(${ratePerSecond(counters.coreSeconds)})`, 'CPU')],
  });
}

function energyInRange() {
  return stat({
    title: 'Energy in the time range',
    description: `What \`${counters.joules}\` rose by ${IN_RANGE}`,
    unit: Joule,
    width: 6,
    height: 5,
    queries: [instantQuery('A', `sum(${increaseInRange(counters.joules)})`, 'energy')],
  });
}

function costInRange() {
  return stat({
    title: 'Cost in the time range',
    description: `What \`${counters.energyCost}\` and \`${counters.computeCost}\` rose by ${IN_RANGE}`,
    unit: NoUnit,
    width: 6,
    height: 5,
    queries: [instantQuery('A', inCurrency(`sum(${costSum})`), `cost (${currencyName})`)],
  }).overrides(moneyUnits());
}

function emissionsInRange() {
  return stat({
    title: 'CO₂ in the time range',
    description: `What \`${counters.emissions}\` by location rose by ${IN_RANGE}`,
    unit: Kilogram,
    width: 6,
    height: 5,
    queries: [instantQuery('A', `sum(${increaseInRange(counters.emissions)})`, 'CO₂e')],
  });
}

function metersFollowed() {
  return stat({
    title: 'Meters followed',
    description:
      '`wattline_live_streams`: the number of meters of live streams. Without any, there is no data on this ' +
      'dashboard.',
    unit: Short,
    width: 6,
    height: 5,
    queries: [instantQuery('A', 'sum(wattline_live_streams)', 'meters')],
  });
}

function powerByBoundary() {
  return timeSeries({
    title: 'Power by boundary',
    description:
      `The rate of \`${counters.joules}\` by what it was measured around, stacked: boundaries never overlap, and a host ` +
      'counts with its outermost one.',
    unit: Watt,
    width: 12,
    height: 9,
    queries: [rangeQuery('A', `sum by (boundary) (${power})`, '{{boundary}}')],
  })
    .stacking(stacked())
    .fillOpacity(40);
}

function costByPart() {
  return timeSeries({
    title: 'Cost an hour, energy and compute',
    description: `The rates of \`${counters.energyCost}\` and \`${counters.computeCost}\` by the hour, stacked.`,
    unit: NoUnit,
    width: 12,
    height: 9,
    queries: [
      rangeQuery('A', inCurrency(perHour(`sum(${ratePerSecond(counters.energyCost)})`)), `energy (${currencyName})`),
      rangeQuery('B', inCurrency(perHour(`sum(${ratePerSecond(counters.computeCost)})`)), `compute (${currencyName})`),
    ],
  })
    .overrides(moneyUnits())
    .stacking(stacked())
    .fillOpacity(40);
}

function powerByScenario() {
  return timeSeries({
    title: 'Power by scenario',
    description: `The rate of \`${counters.joules}\` of each scenario, by service or host where no scenario is given. ${GREATEST}`,
    unit: Watt,
    width: 12,
    height: 9,
    queries: [rangeQuery('A', greatestByScenario(power), '{{scenario}}')],
  });
}

function emissionsByScenario() {
  return timeSeries({
    title: 'CO₂ an hour by scenario',
    description: `The rate of \`${counters.emissions}\` by location of each scenario, by the hour. ${GREATEST}`,
    unit: Kilogram,
    width: 12,
    height: 9,
    queries: [rangeQuery('A', perHour(greatestByScenario(emissions)), '{{scenario}}')],
  });
}

function stacked(): StackingConfigBuilder {
  return new StackingConfigBuilder().mode(StackingMode.Normal).group('A');
}
