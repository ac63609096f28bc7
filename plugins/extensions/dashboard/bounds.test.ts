import { expect, it } from 'vitest';
import { boundsOf } from './bounds.ts';
import { moneyIn } from './money.ts';

const values = (numbers: Record<string, number>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, { value }]));

it('bounds are those of the numbers of a run, in their units', () => {
  const figures = values({
    ...{ energy_joules: 5e6, energy_joules_lower: 3.6e6, energy_joules_upper: 7.2e6 },
    ...{ cpu_core_seconds_lower: 3600, cpu_core_seconds_upper: 7200 },
    ...{ cost_total_load_aware_lower: 1, cost_total_load_aware_upper: 3 },
    ...{ co2_emissions_kg: 2, co2_emissions_kg_upper: 3 },
  });
  expect(boundsOf(figures)).toEqual({
    energy_kwh: { lower: 1, upper: 2 },
    cpu_core_h: { lower: 1, upper: 2 },
    cost_total_usd: { lower: 1, upper: 3 },
    co2_kg: { lower: undefined, upper: 3 },
  });
});

it('bounds of costs are in the currency of the page', () => {
  const figures = values({
    ...{ cost_total_load_aware_lower: 1, cost_total_load_aware_upper: 3 },
    ...{ cost_total_load_aware_lower_eur: 0.9, cost_total_load_aware_upper_eur: 2.7 },
  });
  expect(boundsOf(figures, moneyIn('EUR'))).toEqual({ cost_total_eur: { lower: 0.9, upper: 2.7 } });
});

it('measured runs have none', () => {
  expect(boundsOf(values({ energy_joules: 5, cost_total_load_aware: 1 }))).toEqual({});
});
