import { goTo, isFiltered } from './address.js';
import { byId, fill, make } from './elements.js';

const form = () => byId('filters');
let names = new Set();

/** Updates the URL when the form changes. */
export function connectFilters() {
  form().addEventListener('submit', (event) => event.preventDefault());
  form().addEventListener('change', () => {
    const { scenario, region, encoder, range, from, to } = Object.fromEntries(new FormData(form()));
    const known = names.has(scenario);
    const between = range === 'custom' ? { from, to } : { from: '', to: '' };
    goTo({
      scenario: known ? scenario : '',
      search: known ? '' : scenario,
      region,
      encoder,
      range,
      ...between,
      page: '',
    });
  });
  form().addEventListener('reset', (event) => {
    event.preventDefault();
    form().elements.scenario.focus();
    goTo({ scenario: '', search: '', region: '', encoder: '', range: '', from: '', to: '', page: '' });
  });
}

/** Shows the filters of the URL in the form. */
export function showFilters(view) {
  const { elements } = form();
  const values = { ...view, scenario: view.scenario || view.search };
  for (const name of ['scenario', 'region', 'encoder', 'range', 'from', 'to']) {
    const field = elements[name];
    if (field.tagName === 'SELECT') ensureOption(field, values[name]);
    if (field.value !== values[name]) field.value = values[name];
  }
  for (const label of form().querySelectorAll('.custom')) label.hidden = view.range !== 'custom';
  form().querySelector('[type=reset]').hidden = !isFiltered(view);
}

/** Offers the values in the history as choices. */
export function offerChoices({ scenarios, regions, encoders }, view) {
  names = new Set(scenarios);
  fill(byId('scenarios'), ...scenarios.map((value) => make('option', { value })));
  for (const [name, values] of [
    ['region', regions],
    ['encoder', encoders],
  ]) {
    const select = form().elements[name];
    const wanted = ['', ...values];
    if (wanted.join('\n') !== [...select.options].map(({ value }) => value).join('\n')) {
      fill(select, ...wanted.map((value) => make('option', { value }, value || 'all')));
    }
    ensureOption(select, view[name]);
    select.value = view[name];
  }
}

function ensureOption(select, value) {
  if (![...select.options].some((option) => option.value === value)) select.append(make('option', { value }, value));
}
