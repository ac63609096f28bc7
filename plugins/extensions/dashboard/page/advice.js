import { amount, byId, fill, html, moment, scrolling, simpleTable } from './elements.js';
import { plain } from './numbers.js';

const JOULES_PER_KWH = 3.6e6;

/** Shows what `wattline advise` has found, or why that cannot be shown; nothing where no file is configured. */
export function showAdvice({ report, written_at, problem }) {
  byId('advice').hidden = !report && !problem;
  byId('advice-note').textContent = problem ?? '';
  fill(byId('advice-list'), report ? reportOf(report, written_at) : '');
}

function reportOf({ runs, from, until, advice }, written) {
  const time = from && until ? html`, ${moment(from)} to ${moment(until)}` : ', which do not say when they were';
  const found = html`<p class="note">Found ${moment(written)} in ${plain(runs, 7)} runs${time}.
    ${advice.length > 1 ? 'Each saving is of what those above it leave.' : ''}</p>`;
  if (advice.length === 0) return [html`<p>No advice.</p>`, found];
  const rows = advice.map(({ title, saves, runs }) => [
    title,
    saved(saves.usd, 'USD'),
    saved(inKilowattHours(saves.energy_joules), 'kWh'),
    saved(saves.co2_kg, 'kg'),
    plain(runs, 7),
  ]);
  const heads = ['Advice', 'Would have saved', 'Energy', 'CO₂', 'Runs'];
  const table = scrolling('Advice, table', simpleTable('Advice and what it would have saved', heads, rows));
  return [table, found, advice.map(detailsOf)];
}

function saved(found, unit) {
  if (!found || found.value === 0) return '–';
  const { value, lower, upper } = found;
  const interval = lower === undefined ? '' : html` <small>(${amount(lower, unit)} to ${amount(upper, unit)})</small>`;
  return html`${amount(value, unit)}${interval}`;
}

function inKilowattHours(joules) {
  if (!joules) return undefined;
  return Object.fromEntries(Object.entries(joules).map(([name, value]) => [name, value / JOULES_PER_KWH]));
}

function detailsOf({ id, title, power, assumes, check }) {
  const items = [`Power: ${power}`, ...assumes.map((text) => `Assumes: ${text}`), `To check: ${check}`, `Id: ${id}`];
  return html`<details><summary>Basis<span class="unseen"> of the advice</span>: ${title}</summary>
    <ul class="assumptions">${items.map((text) => html`<li>${text}</li>`)}</ul></details>`;
}
