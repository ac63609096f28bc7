import { datum, make } from './elements.js';
import { length, plain } from './numbers.js';

/** The way from the samples of a run to its figures, step by step. */
export function stepsOf({ arithmetic, predicted }) {
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
