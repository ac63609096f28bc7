import { goTo, isFiltered } from './address.js';
import { byId, fill, html } from './elements.js';

const NONE = { scenario: '', search: '', region: '', encoder: '', range: '', from: '', to: '', page: '' };
const form = byId('filters');
let names = new Set();

/** Updates the URL when the form changes. */
export function connectFilters() {
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('change', () => {
    const { scenario, from, to, ...choices } = Object.fromEntries(new FormData(form));
    const named = names.has(scenario) ? { scenario } : { search: scenario };
    goTo({ ...NONE, ...named, ...choices, ...(choices.range === 'custom' && { from, to }) });
  });
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    form.elements.scenario.focus();
    goTo(NONE);
  });
}

/** Shows the filters of the URL in the form. */
export function showFilters(view) {
  const values = { ...view, scenario: view.scenario || view.search };
  for (const name of ['scenario', 'region', 'encoder', 'range', 'from', 'to']) {
    const field = form.elements[name];
    if (field.tagName === 'SELECT') ensureOption(field, values[name]);
    if (field.value !== values[name]) field.value = values[name];
  }
  for (const label of form.querySelectorAll('.custom')) label.hidden = view.range !== 'custom';
  form.querySelector('[type=reset]').hidden = !isFiltered(view);
}

/** Offers the values in the history as choices. */
export function offerChoices({ scenarios, regions, encoders }, view) {
  names = new Set(scenarios);
  const suggestions = scenarios.map((value) => html`<option value="${value}"></option>`);
  fill(byId('scenarios'), suggestions);
  for (const [name, values] of Object.entries({ region: regions, encoder: encoders })) {
    const select = form.elements[name];
    const options = ['', ...values];
    const isNew = options.join('\n') !== Array.from(select.options, ({ value }) => value).join('\n');
    if (isNew) fill(select, options.map(optionOf));
    ensureOption(select, view[name]);
    select.value = view[name];
  }
}

function optionOf(value) {
  return html`<option value="${value}">${value || 'all'}</option>`;
}

function ensureOption(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.append(new Option(value, value));
}
