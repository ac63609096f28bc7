import { addressWith } from './address.js';
import { draw, drop, overTime } from './charts.js';
import { byId, datum, fill, make, moment, scrolling, simpleTable } from './elements.js';
import { length, plain } from './numbers.js';
import { tag } from './table.js';

const CURVES = [
  { id: 'power-chart', field: 'power_w', title: 'Power', unit: 'W', key: 1 },
  { id: 'cpu-chart', field: 'cpu_cores', title: 'CPU use', unit: 'cores', key: 2 },
];

/** Shows one run: who it was, its curves, and the arithmetic of its figures. */
export function showRun(run, observe) {
  hideRun();
  const name = run.scenario ?? 'Without a name';
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
      ...CURVES.map((curve) => panel('half', curve.title, ...curvePanel(run, curve))),
      otherFigures(run),
    ),
  );
  for (const curve of CURVES) drawCurve(run, curve, observe);
  document.title = `${name} – Wattline`;
}

/** Clears the run away. */
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

function factsOf(run) {
  const facts = [
    ['Region', run.region ?? '–'],
    ['Encoder', run.encoder ?? '–'],
    ['Bitrate', run.bitrate ?? '–'],
    ['Started', moment(run.started_at)],
    ['Ended', moment(run.ended_at)],
    ['Duration', length(run.duration_s)],
    ['Power', run.curves.power_w ? (run.predicted ? 'predicted' : 'measured') : '–'],
    ...Object.entries(run.attributes)
      .filter(([name]) => !/^run\.(start_time|end_time|duration)$/.test(name))
      .map(([name, value]) => [titleOf(name), textOf(value)]),
  ];
  return make(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(([name, value]) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/** `run.total_frames` is `Total frames`. */
function titleOf(name) {
  const words = name.replace(/^run\./, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function textOf(value) {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function stepsOf({ arithmetic, predicted }) {
  const { energy, cpu, energy_cost, compute_cost, total_cost, emissions } = arithmetic;
  const steps = [
    energy
      ? step(
          'Energy',
          [
            `${integralText(energy.integral, predicted ? 'predicted power' : 'power')} = `,
            exact(energy.joules, 'J'),
            ' ÷ 3,600,000\u00a0J/kWh',
          ],
          exact(energy.kwh, 'kWh'),
        )
      : step('Energy', ['no usable power samples']),
    cpu
      ? step(
          'CPU time',
          [`${integralText(cpu.integral, 'CPU use')} = `, exact(cpu.core_seconds, 'core-s'), ' ÷ 3,600\u00a0s/h'],
          exact(cpu.core_hours, 'core-h'),
        )
      : step('CPU time', ['no usable CPU samples']),
    energy_cost
      ? step(
          'Energy cost',
          [amount(energy?.kwh, 'kWh'), ' × ', factorText(energy_cost.factor)],
          exact(energy_cost.usd, 'USD'),
          sourceOf(energy_cost.factor, 'price'),
        )
      : step('Energy cost', ['not known']),
    compute_cost
      ? step(
          'Compute cost',
          [amount(cpu?.core_hours, 'core-h'), ' × ', factorText(compute_cost.factor)],
          exact(compute_cost.usd, 'USD'),
          sourceOf(compute_cost.factor, 'price'),
        )
      : step('Compute cost', ['not known']),
    total_cost
      ? step('Total cost', [sumText(total_cost, energy_cost, compute_cost)], exact(total_cost.usd, 'USD'))
      : step('Total cost', ['not known: a total needs both costs']),
    emissions
      ? step(
          'CO₂ emissions',
          [amount(energy?.kwh, 'kWh'), ' × ', factorText(emissions.factor)],
          exact(emissions.kg, 'kg'),
          sourceOf(emissions.factor, 'intensity'),
        )
      : step('CO₂ emissions', ['not known']),
  ];
  return make('dl', { class: 'steps' }, ...steps);
}

function step(title, terms, result, source) {
  const ends = result ? [' = ', make('strong', {}, result)] : [];
  return make(
    'div',
    { class: 'step' },
    make('dt', {}, title),
    make('dd', {}, ...terms, ...ends),
    source ? make('dd', { class: 'source' }, source) : null,
  );
}

function integralText(integral, what) {
  if (!integral) return `integral of ${what}`;
  const { method, samples, step_s, span_s } = integral;
  if (method === 'rectangle') return `1 sample of ${what} over ${length(span_s)}`;
  const widths = step_s === null ? `over ${length(span_s)}` : `${plain(step_s)} s wide`;
  const count = samples - 1;
  return `${plain(count, 7)} ${count === 1 ? 'trapezoid' : 'trapezoids'}, ${widths}, under ${plain(samples, 7)} samples of ${what}`;
}

function exact(value, unit) {
  const node = make('span', {}, datum(value, plain(value, 6)), `\u00a0${unit}`);
  return node;
}

function amount(value, unit) {
  return value === undefined ? `? ${unit}` : `${plain(value, 6)}\u00a0${unit}`;
}

function factorText(factor) {
  return factor ? `${plain(factor.value, 6)}\u00a0${factor.unit}` : 'a factor that cannot be told';
}

function sourceOf(factor, what) {
  if (!factor) return `The ${what} cannot be told: nothing was used.`;
  if (!factor.source) return `The ${what} as charged: the result divided by the amount.`;
  return `The ${what} of the region’s table: ${factor.source}, ${factor.year}.`;
}

function sumText({ of }, energy, compute) {
  const parts = of.map((part) => `${part} ${plain((part === 'energy' ? energy : compute).usd, 6)} USD`);
  if (parts.length === 0) return 'as delivered; it is not the sum of the costs above';
  return parts.length === 1 ? `${parts[0]} only` : parts.join(' + ');
}

function curvePanel({ curves }, { id, field, title, unit }) {
  const curve = curves[field];
  if (!curve) return [make('p', { class: 'note' }, 'No samples.')];
  const { values, offsets_s, samples } = curve;
  const thinned = samples > values.length ? `, ${plain(values.length)} of them drawn` : '';
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const label = `${title} in ${unit}: from ${plain(low)} to ${plain(high)} over ${length(offsets_s.at(-1))}`;
  const rows = values.map((value, i) => [`${plain(offsets_s[i], 7)} s`, datum(value, plain(value))]);
  return [
    make('p', { class: 'legend' }, `${unit}, ${plain(samples, 7)} samples${thinned}, ${plain(low)} to ${plain(high)}`),
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
    const axisLabel = { ...base.xAxis.axisLabel, formatter: (value) => `${plain(value)} s` };
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
  const own = ['cost_total_load_aware', 'cost_energy_load_aware', 'cost_compute_load_aware', 'co2_emissions_kg'];
  const others = Object.entries(figures).filter(([name]) => !own.includes(name));
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
