import { addressWith } from './address.js';
import { draw, drop, overTime } from './charts.js';
import { byId, datum, fill, html, scrolling, simpleTable } from './elements.js';
import { isInOtherMoney, withoutMoney } from './money.js';
import { length, plain } from './numbers.js';
import { factorTable, intervalText } from './run-basis.js';
import { factsOf, otherFactsOf, textOf } from './run-facts.js';
import { stepsOf } from './run-steps.js';
import { powerTag } from './table.js';

const CURVES = [
  { id: 'power-chart', field: 'power_w', title: 'Power', unit: 'W', key: 1, bandIn: powerBand },
  { id: 'cpu-chart', field: 'cpu_cores', title: 'CPU use', unit: 'cores', key: 2, bandIn: cpuBand },
];

/** Figures that are shown in steps and facts. */
const SHOWN =
  /^(cost_(total|energy|compute)_load_aware|co2_emissions_kg|energy_joules|cpu_core_seconds|coverage_ratio|.*_(lower|upper)|(energy|cpu|cost|co2)_.*filled.*)( \(.*\))?$/;

/** Shows one run: its labels, the calculation of its figures, their basis, and its curves. */
export function showRun(run) {
  hideRun();
  const name = run.scenario ?? 'Without a name';
  fill(
    byId('run'),
    html`<header>${back()}<h2 id="run-title" tabindex="-1">${name}${powerTag(run)}</h2></header>
      <div class="grid">
        ${panel('third', 'Run', factsOf(run))}
        ${panel('wide', 'How its figures come about', stepsOf(run))}
        ${panel('full', 'What they rest on', factorTable(run))}
        ${CURVES.map((curve) => panel('half', curve.title, curvePanel(run, curve)))}
        ${panel('full', 'Other figures', otherFigures(run))}
        ${panel('full', 'Delivered with it', otherFactsOf(run))}
      </div>`,
  );
  for (const curve of CURVES) drawCurve(run, curve);
  document.title = `${name} – Wattline`;
}

/** Removes the run. */
export function hideRun() {
  for (const { id } of CURVES) drop(id);
  fill(byId('run'), '');
  document.title = 'Wattline';
}

/** Says that there is no such run. */
export function showNoRun(reason) {
  hideRun();
  fill(byId('run'), html`${back()}<h2 id="run-title" tabindex="-1">No such run</h2><p>${reason}</p>`);
}

function back() {
  return html`<a class="back" href="${addressWith({ run: '' })}" data-run="">← All runs</a>`;
}

/** Returns a panel; nothing where it would be empty. */
function panel(width, title, content) {
  if (content === null) return null;
  const id = `h-${title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return html`<section class="panel ${width}" aria-labelledby="${id}"><h3 id="${id}">${title}</h3>${content}</section>`;
}

function curvePanel(run, { id, field, title, unit, bandIn }) {
  const curve = run.curves[field];
  if (!curve) return html`<p class="note">No samples.</p>`;
  const { values, offsets_s, samples } = curve;
  const thinned = samples > values.length ? `, ${plain(values.length)} of them drawn` : '';
  const known = values.filter((value) => value !== null);
  const gaps = known.length < values.length ? ' with gaps' : '';
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const band = bandIn(run);
  const predicted = band && html`, ${band.kind}; the band is ${intervalText(band, unit)}`;
  const within = band ? `, ${band.kind} within ${plain(band.lower)} to ${plain(band.upper)}` : '';
  const label = `${title} in ${unit}: from ${plain(low)} to ${plain(high)} over ${length(offsets_s.at(-1))}${within}`;
  const rows = values.map((value, i) => [`${plain(offsets_s[i], 7)} s`, datum(value, plain(value))]);
  const table = scrolling(`${title}, samples`, simpleTable(title, ['After', unit], rows));
  return html`
    <p class="legend"><span>${unit}, ${plain(samples, 7)} samples${thinned}${gaps}, ${plain(low)} to ${plain(high)}${predicted}</span></p>
    <div class="chart" id="${id}" role="img" aria-label="${label}"></div>
    <details><summary>Numbers<span class="unseen"> of ${title}</span></summary>${table}</details>`;
}

/** Returns the interval of the drawn power in watts; undefined where it is measured. */
function powerBand({ power_kind, basis: { prediction } }) {
  return bandOf(power_kind, prediction?.power_lower_w, prediction?.power_upper_w);
}

function cpuBand({ cpu_kind, basis: { cpu_prediction } }) {
  return bandOf(cpu_kind, cpu_prediction?.cpu_lower_cores, cpu_prediction?.cpu_upper_cores);
}

function bandOf(kind, lower, upper) {
  if (kind === 'measured' || lower === undefined || upper === undefined) return undefined;
  return { kind, lower, upper };
}

function drawCurve(run, { id, field, title, unit, key, bandIn }) {
  const curve = run.curves[field];
  const band = bandIn(run);
  if (!curve) return;
  draw(id, (colours) => {
    const { xAxis, yAxis, ...base } = overTime(colours, unit);
    const axisLabel = { ...xAxis.axisLabel, showMaxLabel: false, formatter: (value) => `${plain(value)} s` };
    const range = { type: 'value', min: 0, max: curve.offsets_s.at(-1) || 1 };
    const series = {
      type: 'line',
      name: title,
      color: colours.keys[key],
      showSymbol: curve.values.length === 1,
      lineStyle: { width: 1.5 },
      areaStyle: { opacity: band ? 0 : 0.12 },
      data: curve.values.map((value, i) => [curve.offsets_s[i], value]),
      ...(band && {
        markArea: {
          silent: true,
          itemStyle: { color: colours.keys[key], opacity: 0.25 },
          data: [[{ yAxis: band.lower }, { yAxis: band.upper }]],
        },
      }),
    };
    // The axis knows of the curve alone.
    const withBand = band && {
      max: ({ max }) => Math.max(max, band.upper) * 1.05,
      axisLabel: { ...yAxis.axisLabel, showMaxLabel: false },
    };
    return {
      ...base,
      yAxis: { ...yAxis, ...withBand },
      xAxis: { ...xAxis, ...range, axisLabel, splitLine: { show: false } },
      series: [series],
    };
  });
}

function otherFigures({ figures }) {
  const isOther = ([name, { unit }]) => !SHOWN.test(withoutMoney(name)) && !isInOtherMoney(unit);
  const others = Object.entries(figures).filter(isOther);
  if (others.length === 0) return null;
  const rows = others.map(([name, { value, unit, attributes }]) => {
    const labels = Object.entries(attributes).map(([key, label]) => `${key} ${textOf(label)}`);
    return [name, datum(value, plain(value)), unit.replaceAll(/[{}]/g, '') || '1', labels.join(', ') || '–'];
  });
  const label = 'Other figures';
  return scrolling(label, simpleTable(label, ['Name', 'Value', 'Unit', 'Said about it'], rows));
}
