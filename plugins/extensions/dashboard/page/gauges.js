import { draw } from './charts.js';
import { amount, byId, datum, factItems, fill, html } from './elements.js';
import { amountIn, money } from './money.js';
import { percent, plain, scaled } from './numbers.js';

const WARN = 0.7;
const CRITICAL = 0.9;

const states = [
  [1, 'bad', 'over budget'],
  [CRITICAL, 'bad', 'almost at the budget'],
  [WARN, 'warn', 'near the budget'],
  [0, 'good', 'within budget'],
];

/** Shows the two totals, each against its budget, or with what it is made of where it has none. */
export function showGauges({ totals, budget }) {
  const { runs, runs_with_total, runs_with_co2, energy_kwh } = totals;
  const { currency: base } = money;
  const included = amountIn(totals, 'cost_energy_included');
  showTotal('cost', {
    ...{ value: amountIn(totals, 'cost_total'), budget: amountIn(budget, 'cost'), base },
    ...{ runs, missing: runs - runs_with_total },
    facts: [
      ['Energy', amount(amountIn(totals, 'cost_energy'), base)],
      ...(included === null ? [] : [['Energy within compute', amount(included, base)]]),
      ['Compute', amount(amountIn(totals, 'cost_compute'), base)],
    ],
  });
  showTotal('co2', {
    ...{ value: totals.co2_kg, budget: budget.co2_kg, base: 'kg', runs, missing: runs - runs_with_co2 },
    facts: [['Energy used', amount(energy_kwh, 'kWh')]],
  });
}

function showTotal(id, { value, budget, base, runs, missing, facts }) {
  const { text, unit } = scaled(value, base);
  fill(byId(`${id}-total`), html`${datum(value, text)} <small>${unit}</small>`);
  const hasBudget = budget !== null;
  byId(`${id}-gauge`).hidden = !hasBudget;
  byId(`${id}-total`).parentElement.classList.toggle('gauge', hasBudget);
  fill(byId(`${id}-of-runs`), !hasBudget && factItems(facts));
  const all = plain(runs, 7);
  if (hasBudget) {
    const rest = missing > 0 && `; ${plain(missing, 7)} of ${all} runs without it`;
    showBudget(id, { value, budget, base, text: `${text} ${unit}`, rest });
  } else {
    const sum =
      missing > 0
        ? `sum of ${plain(runs - missing, 7)} of ${all} runs; the others are without it`
        : `sum of ${all} ${runs === 1 ? 'run' : 'runs'}`;
    fill(byId(`${id}-note`), value === null ? 'no run has this figure' : sum);
  }
}

function showBudget(id, { value, budget, base, text, rest }) {
  const share = (value ?? 0) / budget;
  const [, state, words] = states.find(([from]) => share >= from) ?? states.at(-1);
  const end = scaled(budget, base);
  const budgetText = `${end.text} ${end.unit}`;
  const known = html`<span class="${state}">${words}</span>, ${percent(share)} of ${budgetText}${rest}`;
  fill(byId(`${id}-note`), value === null ? 'no run has this figure' : known);
  const label = value === null ? 'no value' : `${text}, ${percent(share)} of the budget of ${budgetText}, ${words}`;
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
