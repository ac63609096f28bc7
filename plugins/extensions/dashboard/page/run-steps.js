import { datum, make } from './elements.js';
import { length, plain } from './numbers.js';
import { recordText } from './run-basis.js';

/** Returns the calculation of a run's figures from its samples, step by step. */
export function stepsOf({ arithmetic, predicted }) {
  const { energy, cpu, energy_cost, compute_cost, total_cost } = arithmetic;
  const { emissions, emissions_market, emissions_marginal } = arithmetic;
  const ofEnergy = (title, figure, result, what) => valueStep(title, [energy?.kwh, 'kWh'], figure, result, what);
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
    ofEnergy('Energy cost', energy_cost, [energy_cost?.usd, 'USD'], 'price'),
    valueStep('Compute cost', [cpu?.core_hours, 'core-h'], compute_cost, [compute_cost?.usd, 'USD'], 'price'),
    total_cost
      ? step('Total cost', [sumText(total_cost, energy_cost, compute_cost)], exact(total_cost.usd, 'USD'))
      : step('Total cost', ['not known: a total needs both costs']),
    ofEnergy('CO₂ emissions by location', emissions, [emissions?.kg, 'kg'], 'intensity'),
    emissions_market && ofEnergy('CO₂ emissions by market', emissions_market, [emissions_market.kg, 'kg'], 'intensity'),
    emissions_marginal &&
      ofEnergy('Marginal CO₂ emissions', emissions_marginal, [emissions_marginal.kg, 'kg'], 'intensity'),
  ];
  return make('dl', { class: 'steps' }, ...steps.filter(Boolean));
}

/** Returns an amount times a factor, and times the PUE where it was applied. */
function valueStep(title, [quantity, unit], figure, [result, resultUnit], what) {
  if (!figure) return step(title, ['not known']);
  const pue = figure.pue === undefined ? '' : ` × ${plain(figure.pue, 6)} (PUE)`;
  const terms = [amount(quantity, unit), `${pue} × `, factorText(figure.factor)];
  return step(title, terms, exact(result, resultUnit), sourceOf(figure.factor, what));
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
  const { method, samples, missing, step_s, span_s } = integral;
  if (method === 'rectangle') return `1 sample of ${what} over ${length(span_s)}`;
  const some = `${plain(samples, 7)} samples of ${what}`;
  if (missing) return `${some} over ${length(span_s)}, with ${plain(missing, 7)} missing`;
  if (method === 'intervals') return `${some}, each the mean of its interval, over ${length(span_s)}`;
  const widths = step_s === null ? `over ${length(span_s)}` : `${plain(step_s)} s wide`;
  const count = samples - 1;
  return `${plain(count, 7)} ${count === 1 ? 'trapezoid' : 'trapezoids'}, ${widths}, under ${some}`;
}

function exact(value, unit) {
  const node = make('span', {}, datum(value, plain(value, 6)), `\u00a0${unit}`);
  return node;
}

function amount(value, unit) {
  return value === undefined ? `? ${unit}` : `${plain(value, 6)}\u00a0${unit}`;
}

function factorText(factor) {
  return factor
    ? `${plain(factor.value, 6)}\u00a0${factor.unit.replace('core-hour', 'core-h')}`
    : 'a factor without a record';
}

function sourceOf(factor, what) {
  if (!factor) return `The run has no record of the ${what} that leads to this result.`;
  return `The ${what}: ${recordText(factor)}.`;
}

function sumText({ of }, energy, compute) {
  const parts = of.map((part) => `${part} ${plain((part === 'energy' ? energy : compute).usd, 6)} USD`);
  if (parts.length === 0) return 'as delivered; it is not the sum of the costs above';
  return parts.length === 1 ? `${parts[0]} only` : parts.join(' + ');
}
