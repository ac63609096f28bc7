import { draw, overTime } from './charts.js';
import { byId, datum, fill, make, moment, scrolling, simpleTable } from './elements.js';
import { columnFormat, length, percent, plain, unitFor } from './numbers.js';

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin', 'circle', 'rect', 'circle'];
const iso = (seconds) => new Date(seconds * 1000).toISOString();

/** Shows the panels over time and by scenario. */
export function showPanels(summary) {
  showScenarios(summary);
  showShares(summary);
  showBreakdown(summary.timeline);
  showEmissions(summary.timeline);
}

function nameOf(share) {
  if (share.scenario === undefined) return `${plain(share.scenarios)} other scenarios`;
  return share.scenario ?? 'without a name';
}

function legend(id, names) {
  fill(byId(id), ...names.map((name, i) => make('li', { class: `key k${i % 9}` }, name)));
}

function describeChart(id, text) {
  byId(id).setAttribute('aria-label', text);
}

function showScenarios({ by_scenario: shares, timeline }) {
  const { bucket_s: width, mean_total_usd: means } = timeline;
  const names = shares.map(nameOf);
  const points = shares.map((_, share) => means.filter((mean) => mean.share === share));
  fill(byId('scenarios-unit'), `USD a run; points are means over ${length(width)}`);
  legend('scenarios-legend', names);
  const values = means.map(({ usd }) => usd);
  describeChart(
    'scenarios-chart',
    values.length
      ? `Mean total cost of a run by scenario, from ${plain(Math.min(...values))} to ${plain(Math.max(...values))} USD; the costliest is ${names[0]}`
      : 'No run has a total cost',
  );
  draw('scenarios-chart', (colours) => ({
    ...overTime(colours, 'USD'),
    series: points.map((series, i) => ({
      type: 'line',
      name: names[i],
      data: series.map(({ at_s, usd }) => [at_s * 1000, usd]),
      color: colours.keys[i % 9],
      symbol: SYMBOLS[i % 9],
      symbolSize: means.length > 150 ? 4 : 7,
      showAllSymbol: means.length <= 150,
      lineStyle: { width: 1.5 },
    })),
  }));
  const rows = means.map(({ at_s, share, usd }) => [moment(iso(at_s)), names[share], datum(usd, plain(usd))]);
  const label = 'Total cost by scenario over time';
  fill(byId('scenarios-data'), scrolling(label, simpleTable(label, ['From', 'Scenario', 'USD a run'], rows)));
}

function showShares({ by_scenario: shares, totals }) {
  const total = totals.cost_total_usd;
  const names = shares.map(nameOf);
  describeChart(
    'shares-chart',
    shares.length
      ? `${names[0]} has the largest share, ${percent(shares[0].cost_total_usd / total)}`
      : 'No run has a total cost',
  );
  draw('shares-chart', (colours) => ({
    series: [
      {
        type: 'pie',
        radius: ['52%', '88%'],
        label: { show: false },
        itemStyle: { borderColor: colours.panel, borderWidth: 2 },
        emphasis: { scale: false },
        data: shares.map(({ cost_total_usd }, i) => ({
          name: names[i],
          value: cost_total_usd,
          itemStyle: { color: colours.keys[i % 9] },
        })),
      },
    ],
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: colours.panel,
      borderColor: colours.line,
      textStyle: { color: colours.text, fontSize: 12 },
      valueFormatter: (value) => `${plain(value)} USD`,
    },
  }));
  const format = columnFormat(shares.map(({ cost_total_usd }) => cost_total_usd));
  const rows = shares.map((share, i) => [
    make('span', { class: `key k${i % 9}`, title: names[i] }, names[i]),
    datum(share.cost_total_usd, format(share.cost_total_usd)),
    percent(share.cost_total_usd / total),
  ]);
  fill(byId('shares-data'), simpleTable('Cost distribution', ['Scenario', 'USD', 'Share'], rows, 'shares'));
}

function bars(id, timeline, unit, series) {
  const middle = (at) => (at + timeline.bucket_s / 2) * 1000;
  draw(id, (colours) => ({
    ...overTime(colours, unit),
    series: series.map(({ name, values, key }) => ({
      type: 'bar',
      name,
      stack: 'all',
      barMaxWidth: 18,
      barMinWidth: 2,
      color: colours.keys[key],
      data: timeline.sums.map(({ at_s }, i) => [middle(at_s), values[i]]),
    })),
  }));
}

function showBreakdown(timeline) {
  const { sums, bucket_s: width } = timeline;
  const energy = sums.map(({ cost_energy_usd }) => cost_energy_usd);
  const compute = sums.map(({ cost_compute_usd }) => cost_compute_usd);
  const names = ['compute', 'energy'];
  fill(byId('breakdown-unit'), `USD in ${length(width)}`);
  fill(byId('breakdown-legend'), ...names.map((name, i) => make('li', { class: `key k${i === 0 ? 2 : 1}` }, name)));
  const total = (values) => values.reduce((sum, value) => sum + (value ?? 0), 0);
  describeChart(
    'breakdown-chart',
    `Energy ${plain(total(energy))} USD and compute ${plain(total(compute))} USD in all`,
  );
  bars('breakdown-chart', timeline, 'USD', [
    { name: 'compute', values: compute, key: 2 },
    { name: 'energy', values: energy, key: 1 },
  ]);
  const rows = sums.map(({ at_s, runs }, i) => [
    moment(iso(at_s)),
    plain(runs),
    datum(energy[i], plain(energy[i])),
    datum(compute[i], plain(compute[i])),
  ]);
  const label = 'Cost breakdown over time';
  fill(
    byId('breakdown-data'),
    scrolling(label, simpleTable(label, ['From', 'Runs', 'Energy, USD', 'Compute, USD'], rows)),
  );
}

function showEmissions(timeline) {
  const { sums, bucket_s: width } = timeline;
  const kilograms = sums.map(({ co2_kg }) => co2_kg);
  const known = kilograms.filter((value) => value !== null);
  const { unit, per } = unitFor(known.length ? Math.max(...known) : 0, 'kg');
  const values = kilograms.map((value) => (value === null ? null : value * per));
  fill(byId('emissions-unit'), `${unit} CO₂e by location in ${length(width)}`);
  legend('emissions-legend', ['CO₂e of the energy used, by the average of its grid']);
  const total = known.reduce((sum, value) => sum + value, 0) * per;
  describeChart('emissions-chart', known.length ? `${plain(total)} ${unit} CO₂e in all` : 'No run has emissions');
  bars('emissions-chart', timeline, unit, [{ name: 'CO₂e', values, key: 0 }]);
  const rows = sums.map(({ at_s, runs }, i) => [moment(iso(at_s)), plain(runs), datum(kilograms[i], plain(values[i]))]);
  const label = 'CO₂ emissions over time';
  fill(byId('emissions-data'), scrolling(label, simpleTable(label, ['From', 'Runs', `${unit} CO₂e`], rows)));
}
