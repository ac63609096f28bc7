import { draw } from './charts.js';
import { byId, datum, fill, make } from './elements.js';
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
  const cost = { text: plain(totals.cost_total_usd), unit: 'USD' };
  showGauge('cost', totals.cost_total_usd, budget.cost_usd, cost, `${plain(budget.cost_usd)} USD`, {
    of: totals.runs_with_total,
    runs: totals.runs,
  });
  const co2Budget = scaled(budget.co2_kg, 'kg');
  const co2 = scaled(totals.co2_kg, 'kg');
  showGauge('co2', totals.co2_kg, budget.co2_kg, co2, `${co2Budget.text} ${co2Budget.unit}`, {
    of: totals.runs_with_co2,
    runs: totals.runs,
  });
}

function showGauge(id, value, budget, { text, unit }, budgetText, { of, runs }) {
  const share = (value ?? 0) / budget;
  const [, state, words] = states.find(([from]) => share >= from) ?? states.at(-1);
  fill(byId(`${id}-total`), datum(value, text), ' ', make('small', {}, unit));
  const missing = runs - of;
  fill(
    byId(`${id}-note`),
    ...(value === null
      ? ['no run has this figure']
      : [make('span', { class: state }, words), `, ${percent(share)} of ${budgetText}`]),
    ...(value !== null && missing > 0 ? [`; ${plain(missing, 7)} of ${plain(runs, 7)} runs without it`] : []),
  );
  const label =
    value === null ? 'no value' : `${text} ${unit}, ${percent(share)} of the budget of ${budgetText}, ${words}`;
  byId(`${id}-gauge`).setAttribute('aria-label', label);
  draw(`${id}-gauge`, (colours) => gauge(Math.min(share, 1), colours[state], colours));
}

function gauge(share, colour, { track, good, warn, bad }) {
  const arc = { type: 'gauge', min: 0, max: 1, startAngle: 190, endAngle: -10, center: ['50%', '76%'] };
  const bare = {
    pointer: { show: false },
    axisTick: { show: false },
    axisLabel: { show: false },
    detail: { show: false },
  };
  return {
    series: [
      {
        ...arc,
        ...bare,
        radius: 92,
        splitLine: { show: false },
        axisLine: { lineStyle: { width: 12, color: [[1, track]] } },
        progress: { show: true, width: 12, itemStyle: { color: colour } },
        data: [{ value: share }],
        silent: true,
      },
      {
        ...arc,
        ...bare,
        radius: 98,
        splitLine: { show: false },
        axisLine: {
          lineStyle: {
            width: 3,
            color: [
              [WARN, good],
              [CRITICAL, warn],
              [1, bad],
            ],
          },
        },
        data: [],
        silent: true,
      },
    ],
  };
}
