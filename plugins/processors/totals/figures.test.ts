import { expect, it } from 'vitest';
import { counterName } from './figures.ts';

it.each([
  ['cost_total_load_aware', '{USD}', 'cost_load_aware_usd_total'],
  ['cost_energy_load_aware', '{USD}', 'cost_energy_load_aware_usd_total'],
  ['cost_energy_load_aware_eur', '{EUR}', 'cost_energy_load_aware_eur_total'],
  ['carbon_price_usd', '{USD}', 'carbon_price_usd_total'],
  ['co2_emissions_kg', 'kg{CO2e}', 'co2_emissions_kg_total'],
  ['energy_joules', 'J', 'energy_joules_total'],
  ['frames_total', '{frame}', 'frames_total'],
])('the counter of %s in %s is %s', (figure, unit, counter) => {
  expect(counterName(figure, unit)).toBe(counter);
});
