import { datum, html, scrolling, simpleTable } from './elements.js';
import { amountIn, money } from './money.js';
import { length, percent, plain, scaled } from './numbers.js';

const USES = {
  price: 'Price of electricity',
  core_price: 'Price of CPU time',
  intensity: 'Carbon intensity',
  intensity_market: 'Carbon intensity, market',
  pue: 'PUE',
  embodied: 'Embodied emissions',
};

const METHODS = {
  location: 'location: average of the grid',
  market: 'market: what was bought',
  marginal: 'marginal: one more kWh',
};

const STATES = {
  static: 'static: from the configuration or a table',
  live: 'live: the service’s value of this time',
  cached: 'cached: an earlier answer of the service',
  fallback: 'fallback: stands in, the service had none',
};

/** Returns how much of a run was measured, modelled or predicted, what was assumed for the rest, and the PUE. */
export function basisFacts({ basis, arithmetic, duration_s, power_kind }) {
  const { coverage, prediction, assumed, pue, assumptions } = basis;
  const covered = (signal, hasSamples, how) =>
    hasSamples ? coveredText(coverage[signal], duration_s, how) : 'no usable samples';
  return [
    ['Power', covered('power', arithmetic.energy, power_kind)],
    ...(prediction ? [['Predicted power', predictionText(prediction)]] : []),
    ['CPU use', covered('cpu', arithmetic.cpu, 'measured')],
    ['Without samples', assumed ? assumedText(assumed) : restText(coverage)],
    ['Defaults', assumptions.length ? assumptionList(assumptions) : 'none of its factors'],
    ['PUE', pue === undefined ? 'none applied' : html`× ${datum(pue, plain(pue, 6))}, to the meter`],
  ];
}

/** Returns a list of what figures assume, with the settings as code. */
export function assumptionList(texts) {
  const withCode = (text) => text.split('`').map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));
  return html`<ul class="assumptions">${texts.map((text) => html`<li>${withCode(text)}</li>`)}</ul>`;
}

/** Returns the records of all factors of the figures; null where there are none. */
export function factorTable({ basis }) {
  if (basis.factors.length === 0) return null;
  const order = Object.keys(USES);
  const place = ({ use }) => (order.includes(use) ? order.indexOf(use) : order.length);
  const sorted = basis.factors.toSorted((a, b) => place(a) - place(b));
  const rows = sorted.map(({ use, id, value, unit, source, year, method, state, table }) => [
    useText(use),
    datum(value, plain(value, 6)),
    unit === '1' ? '–' : unit.replaceAll(/[{}]/g, ''),
    source === undefined ? '–' : html`${source}${tableText(table)}`,
    year === undefined ? '–' : String(year),
    METHODS[method] ?? method ?? '–',
    STATES[state] ?? state ?? '–',
    id === undefined ? '–' : html`<code>${breakable(id)}</code>`,
  ]);
  const headings = ['Factor', 'Value', 'Unit', 'Source', 'Year', 'Method', 'State', 'Record'];
  const label = 'Factors, each with where it is from';
  return scrolling(label, simpleTable(label, headings, rows, 'factors'));
}

/** Describes a factor's source, year and state, and what a table says in its place. */
export function recordText({ source, year, state, id, table }) {
  const how = state === 'live' || state === 'cached' || state === 'fallback' ? `; ${STATES[state]}` : '';
  return html`${sourceText({ source, year })}${how} (${id})${tableText(table)}`;
}

function tableText(table) {
  return table && html`; a table says ${datum(table.value, plain(table.value, 6))}: ${sourceText(table)}`;
}

function sourceText({ source, year }) {
  return year === undefined ? source : `${source}, ${year}`;
}

/** Returns a name that may break before its slashes. */
function breakable(id) {
  return id.split(/(?=\/)/).map((part, i) => (i ? html`<wbr>${part}` : part));
}

function useText(use) {
  const [, currency] = /^exchange_rate\.(\w+)$/.exec(use) ?? [];
  return currency ? `Exchange rate, ${currency.toUpperCase()}` : (USES[use] ?? use.replaceAll('_', ' '));
}

function coveredText(covered, duration, how) {
  if (!covered) return `${how}, of a run whose duration is not known`;
  const { ratio } = covered;
  const share = datum(ratio, percent(ratio).replace(' ', '\u00a0'));
  const coloured = ratio < 0.9 ? html`<span class="warn">${share}</span>` : share;
  return html`${how} for ${length(covered[`${how}_s`])} of ${length(duration)}, ${coloured}`;
}

function predictionText({ power_w, error_90_w }) {
  const watts = html`${datum(power_w, plain(power_w))}\u00a0W`;
  if (error_90_w === undefined) return html`${watts}, without an interval`;
  return html`${watts} ± ${datum(error_90_w, plain(error_90_w))}\u00a0W, 90\u00a0% of the errors`;
}

function restText({ power, cpu }) {
  const isWhole = [power, cpu].every((covered) => covered && covered.ratio > 0.999);
  return isWhole ? 'nothing' : 'left out: figures are of the rest';
}

function assumedText(assumed) {
  const { fill, energy_j, cpu_core_s, co2_kg } = assumed;
  const [energy, compute] = [amountIn(assumed, 'energy'), amountIn(assumed, 'compute')];
  const co2 = scaled(co2_kg ?? null, 'kg');
  const parts = [
    [energy_j, `${plain(energy_j)} J`],
    [energy, `${plain(energy)} ${money.currency} of energy`],
    [cpu_core_s, `${plain(cpu_core_s)} core-s`],
    [compute, `${plain(compute)} ${money.currency} of CPU time`],
    [co2_kg, `${co2.text} ${co2.unit} CO₂e`],
  ].filter(([value]) => value !== undefined);
  const how = fill === 'mean' ? 'the mean of the samples' : fill === 'predicted' ? 'the predicted power' : fill;
  const list = parts.map(([value, text], i) => [i > 0 && ', ', datum(value, text)]);
  return html`assumed to be like ${how}: ${list}. It is in no total.`;
}
