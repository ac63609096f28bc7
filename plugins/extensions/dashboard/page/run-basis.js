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
export function basisFacts({ basis, arithmetic, duration_s, power_kind, cpu_kind }) {
  const { coverage, prediction, cpu_prediction, assumed, pue, assumptions } = basis;
  const covered = (signal, hasSamples, how) =>
    hasSamples ? coveredText(coverage[signal], duration_s, how) : 'no usable samples';
  return [
    ['Power', covered('power', arithmetic.energy, power_kind)],
    ...(prediction ? [[power_kind === 'modelled' ? 'Modelled power' : 'Predicted power', powerText(prediction)]] : []),
    ['CPU use', covered('cpu', arithmetic.cpu, cpu_kind)],
    ...(cpu_prediction ? [['Predicted CPU use', cpuText(cpu_prediction)]] : []),
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

function powerText({ power_w, power_lower_w, power_upper_w, ...claim }) {
  return predictionText([power_lower_w, power_w, power_upper_w], 'W', claim);
}

function cpuText({ cpu_cores, cpu_lower_cores, cpu_upper_cores, ...claim }) {
  return predictionText([cpu_lower_cores, cpu_cores, cpu_upper_cores], 'cores', claim);
}

function predictionText([lower, value, upper], unit, { level, extrapolated }) {
  const own = html`${datum(value, plain(value))}\u00a0${unit}`;
  const text = intervalText({ lower, upper }, unit);
  const interval = text === null ? ', without an interval' : html`, ${text}`;
  const claim =
    level !== undefined &&
    html`; the interval is claimed to hold ${datum(level, percent(level).replace(' ', '\u00a0'))} of all cases`;
  const outside =
    extrapolated && html`. <span class="warn">Extrapolated</span>: outside of what its model has learnt from`;
  return html`${own}${interval}${claim}${outside}`;
}

/** Returns the ends of an interval in words, such as `from 9 to 11 W`; null where neither is known. */
export function intervalText({ lower, upper }, unit, per = 1) {
  if (lower === undefined && upper === undefined) return null;
  const [first, last] = [lower, upper].map((end) => (end === undefined ? '–' : datum(end, plain(end * per))));
  return html`from ${first} to ${last}\u00a0${unit}`;
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
