import { draw } from './charts.js';
import { byId, datum, fill, html } from './elements.js';
import { percent, plain, scaled } from './numbers.js';

const WARN = 0.7;
const CRITICAL = 0.9;

const states = [
  [1, 'bad', 'over budget'],
  [CRITICAL, 'bad', 'almost at the budget'],
  [WARN, 'warn', 'near the budget'],
  [0, 'good', 'within budget'],
];

/** Shows the two totals, each against its budget. */
export function showGauges({ totals, budget }) {
  const { runs, runs_with_total, runs_with_co2 } = totals;
  showGauge('cost', totals.cost_total_usd, budget.cost_usd, 'USD', runs - runs_with_total, runs);
  showGauge('co2', totals.co2_kg, budget.co2_kg, 'kg', runs - runs_with_co2, runs);
}

function showGauge(id, value, budget, base, missing, runs) {
  const share = (value ?? 0) / budget;
  const [, state, words] = states.find(([from]) => share >= from) ?? states.at(-1);
  const { text, unit } = scaled(value, base);
  const end = scaled(budget, base);
  const budgetText = `${end.text} ${end.unit}`;
  fill(byId(`${id}-total`), html`${datum(value, text)} <small>${unit}</small>`);
  const rest = missing > 0 && `; ${plain(missing, 7)} of ${plain(runs, 7)} runs without it`;
  const known = html`<span class="${state}">${words}</span>, ${percent(share)} of ${budgetText}${rest}`;
  fill(byId(`${id}-note`), value === null ? 'no run has this figure' : known);
  const label =
    value === null ? 'no value' : `${text} ${unit}, ${percent(share)} of the budget of ${budgetText}, ${words}`;
  byId(`${id}-gauge`).setAttribute('aria-label', label);
  draw(`${id}-gauge`, (colours) => gauge(Math.min(share, 1), colours[state], colours));
}

function gauge(share, colour, { track, good, warn, bad }) {
  const hidden = { show: false };
  const ring = (radius, width, color) => ({
    ...{ type: 'gauge', min: 0, max: 1, startAngle: 190, endAngle: -10, center: ['50%', '76%'], radius },
    ...{ pointer: hidden, axisTick: hidden, axisLabel: hidden, detail: hidden, splitLine: hidden },
    axisLine: { lineStyle: { width, color } },
    data: [],
    silent: true,
  });
  const progress = { show: true, width: 12, itemStyle: { color: colour } };
  const limits = [
    [WARN, good],
    [CRITICAL, warn],
    [1, bad],
  ];
  return { series: [{ ...ring(92, 12, [[1, track]]), progress, data: [{ value: share }] }, ring(98, 3, limits)] };
}
