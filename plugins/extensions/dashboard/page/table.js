import { addressWith, isFiltered } from './address.js';
import { byId, datum, fill, html, moment } from './elements.js';
import { money, nameInMoney } from './money.js';
import { columnFormat, plain, unitFor } from './numbers.js';

const TEXTS = { scenario: 'Scenario', region: 'Region', encoder: 'Encoder', bitrate: 'Bitrate', ended_at: 'Ended' };
/** Returns the columns of numbers, with their basic units. */
const numbers = () => [
  ['duration_s', 'Duration', 's'],
  ['energy_kwh', 'Energy', 'kWh'],
  ['cpu_core_h', 'CPU', 'core-h'],
  [nameInMoney('cost_energy'), 'Energy cost', money.currency],
  [nameInMoney('cost_compute'), 'Compute cost', money.currency],
  [nameInMoney('cost_total'), 'Total cost', money.currency],
  ['co2_kg', 'CO₂e', 'kg'],
];

/** Shows a page of runs; energy, CPU time and emissions in the best units for the mean of all selected runs. */
export function showRuns(page, { totals }, view) {
  const columns = numbers().map(([name, heading, base]) => {
    const { unit, per } = unitFor((totals[name] ?? 0) / (totals.runs || 1), base);
    return { name, heading, unit, per, read: (run) => (run[name] === null ? null : run[name] * per) };
  });
  const focused = document.activeElement?.dataset?.focus;
  const { page: number, pages, total_runs, runs } = page;
  fill(
    byId('runs'),
    html`<caption class="unseen">${plain(total_runs)} runs, page ${number} of ${pages}</caption>
      <thead><tr>${head(columns, view)}</tr></thead>
      <tbody>${runs.length ? body(runs, columns) : noRuns(view)}</tbody>
      ${totals.runs > 0 && foot(totals, columns)}`,
  );
  fill(byId('pages'), pages > 1 && pager(page));
  if (focused) document.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function head(columns, { sort, order }) {
  const cell = (name, label, first, className) => {
    const isSorted = name === (sort || 'ended_at');
    const isAscending = order === 'asc';
    const direction = isSorted && html` aria-sort="${isAscending ? 'ascending' : 'descending'}"`;
    const next = isSorted ? (isAscending ? 'desc' : 'asc') : first;
    const view = html`data-focus="sort-${name}" data-sort="${name}" data-order="${next}" data-page=""`;
    return html`<th scope="col" class="${className}"${direction}><button type="button" ${view}>${label}</button></th>`;
  };
  // Numbers and times sort in descending order first, names in ascending order.
  const texts = Object.entries(TEXTS).map(([name, heading]) =>
    cell(name, heading, name === 'ended_at' ? 'desc' : 'asc', 'text'),
  );
  const labelOf = ({ heading, unit }) =>
    html`${heading}<span class="unit"><span class="unseen">, </span>${unit}</span>`;
  return [...texts, ...columns.map((column) => cell(column.name, labelOf(column), 'desc', ''))];
}

function body(runs, columns) {
  const formats = columns.map(({ read }) => columnFormat(runs.map(read)));
  return runs.map((run) => {
    const { id, scenario, region, encoder, bitrate } = run;
    const link = html`href="${addressWith({ run: id })}" data-run="${id}" data-focus="run-${id}"`;
    const texts = [region, encoder, bitrate].map(
      (text) => html`<td class="text${text === null && ' none'}">${text ?? '–'}</td>`,
    );
    return html`<tr>
      <th scope="row" class="text"><a ${link}>${scenario ?? 'without a name'}</a>${powerTag(run)}</th>
      ${texts}
      <td class="text">${run.dated === false && 'first seen '}${moment(run.ended_at)}</td>
      ${columns.map((column, i) => numberCell(run, column, formats[i]))}
    </tr>`;
  });
}

function noRuns(view) {
  const reason = isFiltered(view) ? 'No run matches the filters.' : 'No run has arrived yet.';
  return html`<tr><td colspan="${numbers().length + 5}" class="text none">${reason}</td></tr>`;
}

const TAG_TITLES = {
  modelled: 'Its power is modelled of the utilisation, not measured',
  predicted: 'Its power is predicted from other runs, not measured',
};

/** Returns the marks of a run whose power no meter measured, whose CPU use is predicted, and of one that is extrapolated. */
export function powerTag({ power_kind, cpu_kind, extrapolated }) {
  const tags = [
    [TAG_TITLES[power_kind], power_kind],
    [cpu_kind === 'predicted' && 'Its CPU use is predicted from other runs, not measured', 'CPU predicted'],
    [extrapolated && 'A prediction is outside of what its model has learnt from', 'extrapolated'],
  ];
  const shown = tags.filter(([title]) => title);
  if (shown.length === 0) return null;
  return html`<span class="tags">${shown.map(([title, text]) => html`<span class="tag" title="${title}">${text}</span>`)}</span>`;
}

/** Returns the sums over all selected runs, on this page and on the others. */
function foot(totals, columns) {
  const name = `Sum of ${plain(totals.runs, 7)} ${totals.runs === 1 ? 'run' : 'runs'}`;
  const cells = columns.map((column) => numberCell(totals, column, columnFormat([column.read(totals)])));
  return html`<tfoot><tr><th scope="row" class="text" colspan="5">${name}</th>${cells}</tr></tfoot>`;
}

function numberCell(run, { name, read, per }, format) {
  const interval = run.bounds?.[name];
  const ends = interval && [interval.lower, interval.upper];
  const texts = ends?.map((end) => (end === undefined ? '–' : datum(end, plain(end * per, 3))));
  const band = texts && html`<span class="band">${texts[0]} to ${texts[1]}</span>`;
  return html`<td class="${run[name] === null && 'none'}">${datum(run[name], format(read(run)))}${band}</td>`;
}

function pager({ page, pages, page_size, total_runs, runs }) {
  const button = (text, to) => {
    const disabled = (to < 1 || to > pages) && html` disabled`;
    const view = html`data-focus="${text.toLowerCase()}" data-page="${to === 1 ? '' : to}"`;
    return html`<button type="button" ${view}${disabled}>${text}</button>`;
  };
  const first = (page - 1) * page_size + 1;
  const range = `${plain(first, 7)}–${plain(first + runs.length - 1, 7)} of ${plain(total_runs, 7)}`;
  return [button('Previous', page - 1), html`<span>${range}</span>`, button('Next', page + 1)];
}
