import { isFiltered } from './address.js';
import { amount, byId, datum, factItems, fill, html, moment, simpleTable } from './elements.js';
import { amountIn, money, nameInMoney } from './money.js';
import { columnFormat, plain, scaled, unitFor } from './numbers.js';

/** Seconds without a value after which a stream is silent, as in the API. */
const SILENT_AFTER = 300;

/** Returns the columns of numbers, with their basic units and what these are per. */
const numbers = () => [
  ['power_w', 'Power', 'W', 'now'],
  ['cpu_cores', 'CPU', 'cores', 'now'],
  [nameInMoney('cost_per_hour'), 'Cost', money.currency, 'an hour'],
  ['co2_per_hour_kg', 'CO₂e', 'kg', 'an hour'],
  ['energy_month_kwh', 'Energy', 'kWh', 'this month'],
  [nameInMoney('cost_month'), 'Cost', money.currency, 'this month'],
  ['co2_month_kg', 'CO₂e', 'kg', 'this month'],
];

const GROUPS = {
  scenario: { one: 'Scenario', many: 'scenarios', attribute: undefined },
  namespace: { one: 'Namespace', many: 'namespaces', attribute: 'k8s.namespace.name' },
  host: { one: 'Host', many: 'hosts', attribute: 'host.name' },
};

/** Shows what streams use now and have used this month, and who uses it. */
export function showStreams(streams, view, history) {
  const { totals, month } = streams;
  showNow('power', totals.power_w, 'W', [
    ['CPU in use', amount(totals.cpu_cores, 'cores')],
    [monthName(month), amount(totals.energy_month_kwh, 'kWh')],
  ]);
  showNow('cost', amountIn(totals, 'cost_per_hour'), money.currency, [
    ['Made of', partsOf(totals)],
    [monthName(month), amount(amountIn(totals, 'cost_month'), money.currency)],
  ]);
  showNow('co2', totals.co2_per_hour_kg, 'kg', [
    ['Per kWh', amount(perKwh(totals), 'kg')],
    [monthName(month), amount(totals.co2_month_kg, 'kg')],
  ]);
  const by = view.by in GROUPS ? view.by : 'scenario';
  for (const button of document.querySelectorAll('button[data-by]')) {
    button.setAttribute('aria-pressed', String((button.dataset.by || 'scenario') === by));
  }
  showTable(streams[`by_${by}`], by, view, totals);
  showHint(streams, by, history);
}

function showNow(id, value, base, facts) {
  const { text, unit } = scaled(value, base);
  fill(byId(`${id}-now`), html`${datum(value, text)} <small>${unit}</small>`);
  fill(byId(`${id}-facts`), factItems(facts));
}

/** Returns the parts of the cost, or which of them is not known. */
function partsOf(totals) {
  const { currency } = money;
  const [energy, compute] = [amountIn(totals, 'cost_energy_per_hour'), amountIn(totals, 'cost_compute_per_hour')];
  const included = amountIn(totals, 'cost_energy_included_per_hour');
  if (included !== null)
    return `compute ${plain(compute)} ${currency}; it includes energy of ${plain(included)} ${currency}`;
  if (energy !== null && compute !== null) return `energy ${plain(energy)}, compute ${plain(compute)} ${currency}`;
  if (energy !== null) return 'energy only; no CPU time is counted';
  if (compute !== null) return 'compute only; no energy is counted';
  if (amountIn(totals, 'cost_month') !== null) return '–';
  const where =
    currency === 'USD' ? 'the processor cost makes it' : 'totals needs the figures of the processor currency';
  return `no cost is counted in ${currency}; ${where}`;
}

function perKwh({ co2_per_hour_kg: co2, power_w: power }) {
  return co2 !== null && power > 0 ? co2 / (power / 1000) : null;
}

function monthName({ from_at }) {
  const name = new Intl.DateTimeFormat('en', { month: 'long', timeZone: 'UTC' });
  return `${name.format(new Date(from_at))} so far`;
}

function showTable(rows, by, view, totals) {
  const columns = numbers().map(([name, heading, base, per]) => {
    const { unit, per: factor } = unitFor((totals[name] ?? 0) / (rows.length || 1), base);
    const values = rows.map((row) => (row[name] === null ? null : row[name] * factor));
    return { name, heading, unit: `${unit} ${per}`, values, format: columnFormat(values) };
  });
  const { one } = GROUPS[by];
  const labelOf = ({ heading, unit }) =>
    html`${heading}<span class="unit"><span class="unseen">, </span>${unit}</span>`;
  const headings = [one, ...columns.map(labelOf), 'Last value'];
  const body = rows.map((row, i) => [
    html`${nameOf(row, by)}${isSilent(row) && silent}`,
    ...columns.map(({ name, values, format }) => datum(row[name], format(values[i]))),
    moment(row.last_at),
  ]);
  const reason = isFiltered(view) ? 'No stream matches the filters.' : 'No stream.';
  const table = simpleTable(`Streams by ${by}: ${rows.length}`, headings, body);
  fill(byId('streams-table'), rows.length ? table : html`<p class="none">${reason}</p>`);
}

function nameOf({ name, names }, by) {
  if (name === undefined) return `${plain(names)} other ${GROUPS[by].many}`;
  return name ?? html`<span class="none">without a ${by}</span>`;
}

const silent = html`<span class="tag" title="No value for five minutes: nothing is known of now">silent</span>`;
const ageOf = (iso) => (Date.now() - Date.parse(iso)) / 1000;
const isSilent = ({ last_at }) => last_at !== null && ageOf(last_at) > SILENT_AFTER;

/** Says what is missing: of now, for the group, and of the month. */
function showHint(streams, by, { path }) {
  const { month, totals, status_page, [`by_${by}`]: rows } = streams;
  const quiet =
    isSilent(totals) &&
    html`<p>No value has come since ${moment(totals.last_at)}, so that nothing is known of now.${status_page && html` Whether anything arrives, and what was skipped, is at <a href="status">/status</a>.`}</p>`;
  const { attribute, many } = GROUPS[by];
  const isNameless = attribute && rows.length > 0 && rows.every(({ name }) => name === null);
  const nameless =
    isNameless &&
    html`<p>No stream names its ${by}. For a row for each of the ${many}, list <code>${attribute}</code> in <code>labels</code> of the processor <code>totals</code>, and have the senders say it.</p>`;
  const isParted = by === 'namespace' && !isNameless && rows.some(({ name }) => name === null);
  const parted =
    isParted && html`<p>The meters of a machine belong to no namespace, so that their energy is without one.</p>`;
  const since =
    month.since_at !== month.from_at &&
    html`<p>Of this month only what came after ${moment(month.since_at)} is known of all streams${!path && html`; with <code>history.path</code> the sums of a month outlast a restart`}.</p>`;
  byId('streams-hint').hidden = !(quiet || nameless || parted || since);
  fill(byId('streams-hint'), [quiet, nameless, parted, since]);
}
