import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as TextBuilder, TextMode } from '@grafana/grafana-foundation-sdk/text';
import { Kilogram, NoUnit, PercentUnit } from '@grafana/grafana-foundation-sdk/units';
import { builtinNames, findRegion, tabledFactor } from '../src/factors/regions.ts';
import type { Factor } from '../src/model/factor.ts';
import { figureNames, inCurrency, latestFigure, latestPart } from './figure-queries.ts';
import { currencyName, moneyUnits } from './money.ts';
import { bars, timeSeries } from './panels.ts';
import { instantQuery, rangeQuery } from './queries.ts';
import { currencyVariable, figureFilters } from './variables.ts';
import { numberedDashboard } from './wattline-dashboard.ts';

const energy = latestFigure(figureNames.energy);
const total = latestFigure(figureNames.total);
const emissions = latestFigure(figureNames.emissions);

/** The price and emissions of energy by region, from the figures of runs. */
export function gridAndTariffs(): Dashboard {
  return numberedDashboard({
    uid: 'grid-and-tariffs',
    title: 'Grid and tariffs',
    description: 'Energy cost and emissions by region, and the factors behind them',
    refresh: '1m',
    variables: [...figureFilters(), currencyVariable()],
    panels: [
      pricesInUse(),
      intensitiesInUse(),
      intensityOfMoney(),
      energyShare(),
      factors(),
      energyCost(),
      emissionsByRegion(),
    ],
  });
}

function pricesInUse() {
  return bars({
    title: `Price of electricity in use, ${currencyName} a kWh`,
    description:
      '`wattline_price_usd_per_kwh`: the prices of the region table that runs were charged at; its year is ' +
      '`wattline_price_year`, and what other tables say is in “Factors that Wattline brings along”. Prices of the ' +
      'configuration or of a provider are in “Figures and what they rest on”.',
    unit: NoUnit,
    width: 12,
    height: 8,
    queries: [instantQuery('A', inCurrency('max by (region) (wattline_price_usd_per_kwh)'), '{{region}}')],
  });
}

function intensitiesInUse() {
  return bars({
    title: 'Carbon intensity in use, kg CO₂e a kWh',
    description:
      '`wattline_intensity_kg_per_kwh`: the intensities of the region table that emissions were worked out with; its year ' +
      'is `wattline_intensity_year`, and what other tables say is in “Factors that Wattline brings along”. Those of the ' +
      'configuration or of a provider are in “Figures and what they rest on”.',
    unit: Kilogram,
    width: 12,
    height: 8,
    queries: [instantQuery('A', 'max by (region) (wattline_intensity_kg_per_kwh)', '{{region}}')],
  });
}

function intensityOfMoney() {
  return bars({
    title: `CO₂ a ${currencyName} of energy, by region`,
    description:
      `The mean over runs of \`${figureNames.emissions}\` by location over \`${figureNames.energy}\`: the grid’s carbon intensity over the ` +
      'price of electricity, as they were applied, those of the configuration included. Runs with free energy are left out.',
    unit: Kilogram,
    width: 8,
    height: 9,
    queries: [instantQuery('A', `avg by (region) (${emissions} / (${inCurrency(energy)} > 0))`, '{{region}}')],
  });
}

function energyShare() {
  const part = latestPart(figureNames.energy);
  return bars({
    title: 'Energy in the total cost, by region',
    description:
      `The sum of \`${figureNames.energy}\` over the sum of \`${figureNames.total}\`, over runs that have both. A low share ` +
      'means that a cheaper tariff changes little.',
    unit: PercentUnit,
    width: 8,
    height: 9,
    queries: [
      instantQuery(
        'A',
        `sum by (region) (${part} and ${total}) / sum by (region) (${total} and ${part})`,
        '{{region}}',
      ),
    ],
  }).max(1);
}

function factors() {
  const rows = builtinNames.map((name) => {
    const { price, intensity } = findRegion(name) as Record<'price' | 'intensity', Factor>;
    const ratio = (intensity.value / price.value).toPrecision(3);
    const cells = [name, withTable(price), withTable(intensity), ratio, `${price.year}, ${intensity.year}`];
    return `| ${cells.join(' | ')} |`;
  });
  const content = [
    '| region | USD/kWh | kg/kWh | kg/USD | years |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'In brackets is what a table with a source says where it differs: Electricity Maps, EIA or Eurostat.',
    'Sources are in Wattline’s `src/factors/regions.json`; `wattline regions` lists all regions. A configuration may override each.',
  ].join('\n');
  return new TextBuilder()
    .title('Factors that Wattline brings along')
    .description(
      'Prices and carbon intensities used where the configuration does not override them. A fixed text, not a query.',
    )
    .span(8)
    .height(9)
    .mode(TextMode.Markdown)
    .content(content);
}

/** Returns a built-in value, and that of a table with a source where it differs. */
function withTable({ id, value }: Factor): string {
  const tabled = tabledFactor(id);
  return tabled ? `${value} (${tabled.value}, ${tabled.year})` : `${value}`;
}

function energyCost() {
  return timeSeries({
    title: 'Energy cost, by region',
    description: `The sum of \`${figureNames.energy}\` over the latest runs of each region, as known at each moment.`,
    unit: NoUnit,
    width: 12,
    height: 9,
    queries: [rangeQuery('A', inCurrency(`sum by (region) (${energy})`), `{{region}} (${currencyName})`)],
  }).overrides(moneyUnits());
}

function emissionsByRegion() {
  return timeSeries({
    title: 'CO₂ emissions, by region',
    description: `The sum of \`${figureNames.emissions}\` by location over the latest runs of each region, as known at each moment.`,
    unit: Kilogram,
    width: 12,
    height: 9,
    queries: [rangeQuery('A', `sum by (region) (${emissions})`, '{{region}}')],
  });
}
