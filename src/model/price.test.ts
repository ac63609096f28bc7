import fc from 'fast-check';
import { expect, it } from 'vitest';
import { computeCost, energyCost } from './price.ts';

it('prices 3.6e6 J at 0.12 USD/kWh and one core-hour at 0.50 USD as 0.62 USD', () => {
  expect(energyCost(3.6e6, 0.12) + computeCost(3600, 0.5)).toBe(0.62);
});

it('grows with the quantity and with the price, and is 0 for nothing', () => {
  const amount = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
  const factor = fc.integer({ min: -20, max: 20 }).map((exponent) => 2 ** exponent);
  fc.assert(
    fc.property(amount, amount, factor, (quantity, price, times) => {
      for (const cost of [energyCost, computeCost]) {
        const once = cost(quantity, price);
        expect(cost(quantity * times, price)).toBe(once * times);
        expect(cost(quantity, price * times)).toBe(once * times);
        expect(cost(quantity, 0)).toBe(0);
        expect(cost(0, price)).toBe(0);
      }
    }),
  );
});
