import { datum, html } from './elements.js';
import { money, nameInMoney } from './money.js';
import { length, plain } from './numbers.js';
import { intervalText, recordText } from './run-basis.js';

/** Returns the calculation of a run's figures from its samples, step by step. */
export function stepsOf({ arithmetic, power_kind, cpu_kind, bounds }) {
  const { energy, cpu, energy_cost, compute_cost, total_cost } = arithmetic;
  const { emissions, emissions_market, emissions_marginal } = arithmetic;
  const kwh = amount(energy?.kwh, 'kWh');
  const power = power_kind === 'measured' ? 'power' : `${power_kind} power`;
  const cpuUse = cpu_kind === 'predicted' ? 'predicted CPU use' : 'CPU use';
  const within = (name, unit) => bounds[name] && intervalText(bounds[name], unit);
  const ofMoney = (name) => within(nameInMoney(name), money.currency);
  const steps = [
    energy
      ? step(
          'Energy',
          html`${integralText(energy.integral, power)} = ${exact(energy.joules, 'J')} ÷ 3,600,000\u00a0J/kWh`,
          exact(energy.kwh, 'kWh'),
          within('energy_kwh', 'kWh'),
        )
      : step('Energy', 'no usable power samples'),
    cpu
      ? step(
          'CPU time',
          html`${integralText(cpu.integral, cpuUse)} = ${exact(cpu.core_seconds, 'core-s')} ÷ 3,600\u00a0s/h`,
          exact(cpu.core_hours, 'core-h'),
          within('cpu_core_h', 'core-h'),
        )
      : step('CPU time', 'no usable CPU samples'),
    factorStep('Energy cost', kwh, energy_cost, ofMoney('cost_energy')),
    factorStep('Compute cost', amount(cpu?.core_hours, 'core-h'), compute_cost, ofMoney('cost_compute')),
    total_cost
      ? step(
          'Total cost',
          sumText(total_cost, energy_cost, compute_cost),
          exact(total_cost[money.suffix], money.currency),
          ofMoney('cost_total'),
        )
      : step('Total cost', 'not known: a total needs both costs'),
    factorStep('CO₂ emissions by location', kwh, emissions, within('co2_kg', 'kg')),
    emissions_market && factorStep('CO₂ emissions by market', kwh, emissions_market),
    emissions_marginal && factorStep('Marginal CO₂ emissions', kwh, emissions_marginal),
  ];
  return html`<dl class="steps">${steps}</dl>`;
}

/** Returns an amount times a factor, and times the PUE where it was applied. */
function factorStep(title, quantity, figure, interval) {
  if (!figure) return step(title, 'not known');
  const { factor, pue, rate, kg } = figure;
  const { currency, suffix } = money;
  const [result, what] = kg === undefined ? [exact(figure[suffix], currency), 'price'] : [exact(kg, 'kg'), 'intensity'];
  const times = pue === undefined ? '' : ` × ${plain(pue, 6)} (PUE)`;
  const value = factor ? amount(factor.value, factor.unit.replace('core-hour', 'core-h')) : 'a factor without a record';
  const converted = rate ? ` × ${amount(rate.value, `${currency}/USD`)}` : '';
  const source = factor
    ? html`The ${what}: ${recordText(factor)}.${rate ? html` The rate: ${recordText(rate)}.` : ''}`
    : `The run has no record of the ${what} that leads to this result.`;
  return step(title, `${quantity}${times} × ${value}${converted}`, result, interval, source);
}

function step(title, terms, result, interval, source) {
  return html`<div class="step">
    <dt>${title}</dt><dd>${terms}${result && html` = <strong>${result}</strong>`}${interval && html`, <span class="band">${interval}</span>`}</dd>
    ${source && html`<dd class="source">${source}</dd>`}
  </div>`;
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
  return html`<span>${datum(value, plain(value, 6))}\u00a0${unit}</span>`;
}

function amount(value, unit) {
  return value === undefined ? `? ${unit}` : `${plain(value, 6)}\u00a0${unit}`;
}

function sumText({ of, includes_energy }, energy, compute) {
  const parts = of.map(
    (part) => `${part} ${plain((part === 'energy' ? energy : compute)[money.suffix], 6)} ${money.currency}`,
  );
  if (parts.length === 0) return 'as delivered; it is not the sum of the costs above';
  if (includes_energy) return `${parts[0]}, whose price includes the energy`;
  return parts.length === 1 ? `${parts[0]} only` : parts.join(' + ');
}
