import { addressWith } from './address.js';
import { draw, drop, overTime } from './charts.js';
import { byId, datum, fill, make, scrolling, simpleTable } from './elements.js';
import { length, plain } from './numbers.js';
import { factorTable } from './run-basis.js';
import { factsOf, otherFactsOf, textOf } from './run-facts.js';
import { stepsOf } from './run-steps.js';
import { tag } from './table.js';

const CURVES = [
  { id: 'power-chart', field: 'power_w', title: 'Power', unit: 'W', key: 1 },
  { id: 'cpu-chart', field: 'cpu_cores', title: 'CPU use', unit: 'cores', key: 2 },
];

/** Figures that are shown in steps and facts. */
const SHOWN =
  /^(cost_(total|energy|compute)_load_aware|co2_emissions_kg|energy_joules|cpu_core_seconds|coverage_ratio|(energy|cpu|cost|co2)_.*filled.*)( \(.*\))?$/;

/** Shows one run: its labels, the calculation of its figures, their basis, and its curves. */
export function showRun(run, observe) {
  hideRun();
  const name = run.scenario ?? 'Without a name';
  const [others, factors] = [otherFactsOf(run), factorTable(run)];
  fill(
    byId('run'),
    make(
      'header',
      {},
      make('a', { class: 'back', href: addressWith({ run: '' }), 'data-run': '' }, '← All runs'),
      make('h2', { id: 'run-title', tabindex: '-1' }, name, run.predicted ? tag() : null),
    ),
    make(
      'div',
      { class: 'grid' },
      panel('third', 'Run', factsOf(run)),
      panel('wide', 'How its figures come about', stepsOf(run)),
      factors ? panel('full', 'What they rest on', factors) : null,
      ...CURVES.map((curve) => panel('half', curve.title, ...curvePanel(run, curve))),
      otherFigures(run),
      others ? panel('full', 'Delivered with it', others) : null,
    ),
  );
  for (const curve of CURVES) drawCurve(run, curve, observe);
  document.title = `${name} – Wattline`;
}

/** Removes the run. */
export function hideRun() {
  for (const { id } of CURVES) drop(id);
  fill(byId('run'));
  document.title = 'Wattline';
}

/** Says that there is no such run. */
export function showNoRun(reason) {
  hideRun();
  fill(
    byId('run'),
    make('a', { class: 'back', href: addressWith({ run: '' }), 'data-run': '' }, '← All runs'),
    make('h2', { id: 'run-title', tabindex: '-1' }, 'No such run'),
    make('p', {}, reason),
  );
}

function panel(width, title, ...children) {
  const id = `h-${title.toLowerCase().replaceAll(/\W+/g, '-')}`;
  return make('section', { class: `panel ${width}`, 'aria-labelledby': id }, make('h3', { id }, title), ...children);
}

function curvePanel({ curves }, { id, field, title, unit }) {
  const curve = curves[field];
  if (!curve) return [make('p', { class: 'note' }, 'No samples.')];
  const { values, offsets_s, samples } = curve;
  const thinned = samples > values.length ? `, ${plain(values.length)} of them drawn` : '';
  const known = values.filter((value) => value !== null);
  const gaps = known.length < values.length ? ' with gaps' : '';
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const label = `${title} in ${unit}: from ${plain(low)} to ${plain(high)} over ${length(offsets_s.at(-1))}`;
  const rows = values.map((value, i) => [`${plain(offsets_s[i], 7)} s`, datum(value, plain(value))]);
  return [
    make(
      'p',
      { class: 'legend' },
      `${unit}, ${plain(samples, 7)} samples${thinned}${gaps}, ${plain(low)} to ${plain(high)}`,
    ),
    make('div', { class: 'chart', id, role: 'img', 'aria-label': label }),
    make(
      'details',
      {},
      make('summary', {}, 'Numbers', make('span', { class: 'unseen' }, ` of ${title}`)),
      scrolling(`${title}, samples`, simpleTable(title, ['After', unit], rows)),
    ),
  ];
}

function drawCurve({ curves }, { id, field, title, unit, key }, observe) {
  const curve = curves[field];
  if (!curve) return;
  observe(byId(id));
  draw(id, (colours) => {
    const base = overTime(colours, unit);
    const axisLabel = { ...base.xAxis.axisLabel, showMaxLabel: false, formatter: (value) => `${plain(value)} s` };
    return {
      ...base,
      xAxis: {
        ...base.xAxis,
        type: 'value',
        min: 0,
        max: curve.offsets_s.at(-1) || 1,
        axisLabel,
        splitLine: { show: false },
      },
      series: [
        {
          type: 'line',
          name: title,
          color: colours.keys[key],
          showSymbol: curve.values.length === 1,
          lineStyle: { width: 1.5 },
          areaStyle: { opacity: 0.12 },
          data: curve.values.map((value, i) => [curve.offsets_s[i], value]),
        },
      ],
    };
  });
}

function otherFigures({ figures }) {
  const others = Object.entries(figures).filter(([name]) => !SHOWN.test(name));
  if (others.length === 0) return null;
  const rows = others.map(([name, { value, unit, attributes }]) => [
    name,
    datum(value, plain(value)),
    unit.replaceAll(/[{}]/g, '') || '1',
    Object.entries(attributes)
      .map(([key, said]) => `${key} ${textOf(said)}`)
      .join(', ') || '–',
  ]);
  const label = 'Other figures';
  return panel('full', label, scrolling(label, simpleTable(label, ['Name', 'Value', 'Unit', 'Said about it'], rows)));
}
