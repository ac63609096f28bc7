import { addressWith, goTo, isFiltered, readAddress } from './address.js';
import { byId, datum, fill, make, moment } from './elements.js';
import { columnFormat, plain, unitFor } from './numbers.js';

const TEXT = ['region', 'encoder', 'bitrate'];

/** Shows a page of runs; energy, CPU time and emissions in the best units for the mean of all selected runs. */
export function showRuns(page, { totals }) {
  const energy = unitFor(totals.energy_kwh === null ? 0 : totals.energy_kwh / totals.runs, 'kWh');
  const co2 = unitFor(totals.co2_kg === null ? 0 : totals.co2_kg / totals.runs, 'kg');
  const cpu = unitFor(totals.cpu_core_h === null ? 0 : totals.cpu_core_h / totals.runs, 'core-h');
  const columns = [
    { name: 'duration_s', heading: 'Duration', unit: 's', per: 1 },
    { name: 'energy_kwh', heading: 'Energy', unit: energy.unit, per: energy.per },
    { name: 'cpu_core_h', heading: 'CPU', unit: cpu.unit, per: cpu.per },
    { name: 'cost_energy_usd', heading: 'Energy cost', unit: 'USD', per: 1 },
    { name: 'cost_compute_usd', heading: 'Compute cost', unit: 'USD', per: 1 },
    { name: 'cost_total_usd', heading: 'Total cost', unit: 'USD', per: 1 },
    { name: 'co2_kg', heading: 'CO₂e', unit: co2.unit, per: co2.per },
  ];
  const focused = document.activeElement?.dataset?.focus;
  fill(
    byId('runs'),
    make('caption', { class: 'unseen' }, captionOf(page)),
    head(columns),
    body(page.runs, columns),
    foot(totals, columns),
  );
  fill(byId('pages'), ...pager(page));
  if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function captionOf({ page, pages, total_runs }) {
  return `${plain(total_runs)} runs, page ${page} of ${pages}`;
}

function head(columns) {
  const text = [
    ['scenario', 'Scenario'],
    ['region', 'Region'],
    ['encoder', 'Encoder'],
    ['bitrate', 'Bitrate'],
    ['ended_at', 'Ended'],
  ];
  return make(
    'thead',
    {},
    make(
      'tr',
      {},
      ...text.map(([name, heading]) => headCell(name, heading, undefined, 'text')),
      ...columns.map(({ name, heading, unit }) => headCell(name, heading, unit)),
    ),
  );
}

function headCell(name, heading, unit, className) {
  const view = readAddress();
  const [sort, order] = [view.sort || 'ended_at', view.order || 'desc'];
  const isSorted = sort === name;
  const button = make('button', { type: 'button', 'data-focus': `sort-${name}` }, heading);
  if (unit) button.append(make('span', { class: 'unit' }, make('span', { class: 'unseen' }, ', '), unit));
  button.addEventListener('click', () => {
    // Numbers and times sort in descending order first, names in ascending order.
    const first = className && name !== 'ended_at' ? 'asc' : 'desc';
    const next = isSorted ? (order === 'asc' ? 'desc' : 'asc') : first;
    goTo({ sort: name, order: next, page: '' });
  });
  const direction = order === 'asc' ? 'ascending' : 'descending';
  return make('th', { scope: 'col', class: className, 'aria-sort': isSorted && direction }, button);
}

function body(runs, columns) {
  const formats = columns.map(({ name, per }) =>
    columnFormat(runs.map((run) => (run[name] === null ? null : run[name] * per))),
  );
  const rows = runs.map((run) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row', class: 'text' }, link(run), run.predicted ? tag() : null),
      ...TEXT.map((name) => textCell(run[name])),
      make('td', { class: 'text' }, moment(run.ended_at)),
      ...columns.map(({ name, per }, i) => numberCell(run[name], per, formats[i])),
    ),
  );
  if (rows.length) return make('tbody', {}, ...rows);
  const nothing = make(
    'td',
    { colspan: String(columns.length + 5), class: 'text none' },
    isFiltered(readAddress()) ? 'No run matches the filters.' : 'No run has arrived yet.',
  );
  return make('tbody', {}, make('tr', {}, nothing));
}

/** Returns the mark of a run with predicted power. */
export function tag() {
  return make('span', { class: 'tag', title: 'Its power is predicted, not measured' }, 'predicted');
}

function link(run) {
  const href = addressWith({ run: run.id });
  return make('a', { href, 'data-run': run.id, 'data-focus': `run-${run.id}` }, run.scenario ?? 'without a name');
}

/** Returns the sums over all selected runs, on this page and on the others. */
function foot(totals, columns) {
  if (totals.runs === 0) return null;
  const name = make(
    'th',
    { scope: 'row', class: 'text', colspan: '5' },
    `Sum of ${plain(totals.runs, 7)} ${totals.runs === 1 ? 'run' : 'runs'}`,
  );
  return make(
    'tfoot',
    {},
    make(
      'tr',
      {},
      name,
      ...columns.map((column) =>
        numberCell(totals[column.name], column.per, columnFormat([totals[column.name] * column.per])),
      ),
    ),
  );
}

function textCell(text) {
  return make('td', { class: text === null ? 'text none' : 'text' }, text ?? '–');
}

function numberCell(value, per, format) {
  const text = format(value === null ? null : value * per);
  return make('td', { class: value === null ? 'none' : null }, datum(value, text));
}

function pager({ page, pages, page_size, total_runs, runs }) {
  const button = (text, to, name) => {
    const element = make('button', { type: 'button', disabled: to < 1 || to > pages, 'data-focus': name }, text);
    element.addEventListener('click', () => goTo({ page: to === 1 ? '' : String(to) }));
    return element;
  };
  const first = (page - 1) * page_size + 1;
  const range = runs.length
    ? `${plain(first, 7)}–${plain(first + runs.length - 1, 7)} of ${plain(total_runs, 7)}`
    : 'none';
  if (pages === 1) return [];
  return [button('Previous', page - 1, 'previous'), make('span', {}, range), button('Next', page + 1, 'next')];
}
