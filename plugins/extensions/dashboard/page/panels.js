import { draw, overTime, tooltip } from './charts.js';
import { byId, datum, fill, html, moment, scrolling, simpleTable } from './elements.js';
import { amountIn, money } from './money.js';
import { columnFormat, length, percent, plain, unitFor } from './numbers.js';
import { assumptionList } from './run-basis.js';

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'circle', 'rect', 'circle'];
const bucketStart = ({ at_s }) => moment(new Date(at_s * 1000).toISOString());

/** Shows the panels over time and by scenario. */
export function showPanels({ by_scenario, timeline, totals, assumptions }) {
  const shares = by_scenario.map((share) => ({ ...share, name: nameOf(share) }));
  showScenarios(shares, timeline);
  showShares(shares, amountIn(totals, 'cost_total'));
  showBreakdown(timeline);
  showEmissions(timeline);
  showAssumptions(assumptions, totals);
}

/** Says which numbers nobody gave, and how many runs rest on them. */
function showAssumptions(assumptions, { runs: all }) {
  const ofRuns = ({ text, runs }) => (runs === all ? text : `${text} (${plain(runs, 7)} of ${plain(all, 7)} runs)`);
  byId('assumptions').hidden = assumptions.length === 0;
  fill(byId('assumptions-list'), assumptionList(assumptions.map(ofRuns)));
}

function nameOf({ scenario, scenarios }) {
  return scenario === undefined ? `${plain(scenarios)} other scenarios` : (scenario ?? 'without a name');
}

/** Shows a chart over time with its unit, its legend, its description, and a table of its numbers. */
function showOverTime(id, { unit, legend, description, options, title, headings, rows }) {
  fill(byId(`${id}-unit`), unit);
  fill(
    byId(`${id}-legend`),
    legend.map(([name, key]) => html`<li class="key k${key}">${name}</li>`),
  );
  byId(`${id}-chart`).setAttribute('aria-label', description);
  draw(`${id}-chart`, options);
  fill(byId(`${id}-data`), scrolling(title, simpleTable(title, headings, rows)));
}

function showScenarios(shares, timeline) {
  const { bucket_s: width } = timeline;
  const { currency, suffix } = money;
  const means = amountIn(timeline, 'mean_total').map((mean) => ({ ...mean, value: mean[suffix] }));
  const values = means.map(({ value }) => value);
  const range = `from ${plain(Math.min(...values))} to ${plain(Math.max(...values))} ${currency}`;
  const line = { type: 'line', lineStyle: { width: 1.5 }, showAllSymbol: means.length <= 150 };
  showOverTime('scenarios', {
    unit: `${currency} a run; points are means over ${length(width)}`,
    legend: shares.map(({ name }, i) => [name, i % 9]),
    description: values.length
      ? `Mean total cost of a run by scenario, ${range}; the costliest is ${shares[0].name}`
      : 'No run has a total cost',
    options: (colours) => ({
      ...overTime(colours, currency),
      series: shares.map(({ name }, i) => ({
        ...line,
        name,
        data: means.filter(({ share }) => share === i).map(({ at_s, value }) => [at_s * 1000, value]),
        color: colours.keys[i % 9],
        symbol: SYMBOLS[i % 9],
        symbolSize: line.showAllSymbol ? 7 : 4,
      })),
    }),
    title: 'Total cost by scenario over time',
    headings: ['From', 'Scenario', `${currency} a run`],
    rows: means.map((mean) => [bucketStart(mean), shares[mean.share].name, datum(mean.value, plain(mean.value))]),
  });
}

function showShares(shares, total) {
  const [largest] = shares;
  const label = largest
    ? `${largest.name} has the largest share, ${percent(amountIn(largest, 'cost_total') / total)}`
    : 'No run has a total cost';
  byId('shares-chart').setAttribute('aria-label', label);
  draw('shares-chart', (colours) => ({
    series: [
      {
        type: 'pie',
        radius: ['52%', '88%'],
        label: { show: false },
        itemStyle: { borderColor: colours.panel, borderWidth: 2 },
        emphasis: { scale: false },
        data: shares.map((share, i) => {
          const value = amountIn(share, 'cost_total');
          return { name: share.name, value, itemStyle: { color: colours.keys[i % 9] } };
        }),
      },
    ],
    tooltip: tooltip(colours, money.currency),
  }));
  const format = columnFormat(shares.map((share) => amountIn(share, 'cost_total')));
  const rows = shares.map((share, i) => {
    const [name, value] = [share.name, amountIn(share, 'cost_total')];
    return [
      html`<span class="key k${i % 9}" title="${name}">${name}</span>`,
      datum(value, format(value)),
      percent(value / total),
    ];
  });
  fill(byId('shares-data'), simpleTable('Cost distribution', ['Scenario', money.currency, 'Share'], rows, 'shares'));
}

/** Returns the options of a chart of stacked bars. */
function bars({ sums, bucket_s }, unit, series) {
  return (colours) => ({
    ...overTime(colours, unit),
    series: series.map(({ name, values, key }) => ({
      type: 'bar',
      name,
      stack: 'all',
      barMaxWidth: 18,
      barMinWidth: 2,
      color: colours.keys[key],
      data: sums.map(({ at_s }, i) => [(at_s + bucket_s / 2) * 1000, values[i]]),
    })),
  });
}

const sumOf = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);

function showBreakdown(timeline) {
  const { sums, bucket_s: width } = timeline;
  const { currency } = money;
  const energy = sums.map((sum) => amountIn(sum, 'cost_energy'));
  const compute = sums.map((sum) => amountIn(sum, 'cost_compute'));
  const series = [
    { name: 'compute', values: compute, key: 2 },
    { name: 'energy', values: energy, key: 1 },
  ];
  showOverTime('breakdown', {
    unit: `${currency} in ${length(width)}`,
    legend: series.map(({ name, key }) => [name, key]),
    description: `Energy ${plain(sumOf(energy))} ${currency} and compute ${plain(sumOf(compute))} ${currency} in all`,
    options: bars(timeline, currency, series),
    title: 'Cost breakdown over time',
    headings: ['From', 'Runs', `Energy, ${currency}`, `Compute, ${currency}`],
    rows: sums.map((sum, i) => [
      bucketStart(sum),
      plain(sum.runs),
      ...[energy[i], compute[i]].map((value) => datum(value, plain(value))),
    ]),
  });
}

function showEmissions(timeline) {
  const { sums, bucket_s: width } = timeline;
  const known = sums.map(({ co2_kg }) => co2_kg).filter((kg) => kg !== null);
  const { unit, per } = unitFor(Math.max(0, ...known), 'kg');
  const values = sums.map(({ co2_kg }) => (co2_kg === null ? null : co2_kg * per));
  showOverTime('emissions', {
    unit: `${unit} CO₂e by location in ${length(width)}`,
    legend: [['CO₂e of the energy used, by the average of its grid', 0]],
    description: known.length ? `${plain(sumOf(known) * per)} ${unit} CO₂e in all` : 'No run has emissions',
    options: bars(timeline, unit, [{ name: 'CO₂e', values, key: 0 }]),
    title: 'CO₂ emissions over time',
    headings: ['From', 'Runs', `${unit} CO₂e`],
    rows: sums.map((sum, i) => [bucketStart(sum), plain(sum.runs), datum(sum.co2_kg, plain(values[i]))]),
  });
}
