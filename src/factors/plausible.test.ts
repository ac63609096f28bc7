import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exchangeRates } from './exchange-rates.ts';
import { whyImplausible } from './plausible.ts';
import { datasets, findRegion, regionNames } from './regions.ts';

const rates = exchangeRates([
  { date: '2026-01-01', EUR: 0.9, JPY: 150 },
  { date: '2026-04-01', EUR: 0.8 },
]);

it.each([
  [
    'intensity',
    382,
    'kg/kWh',
    'expected at most 3 kg/kWh; if it is in grams, that is 0.382; `plausible: any` takes it as it is',
  ],
  [
    'price',
    31,
    'USD/kWh',
    'expected at most 10 USD/kWh; if it is in cents, that is 0.31; if it is of a MWh, 0.031; `plausible: any` takes it as it is',
  ],
  ['price', -11, 'USD/kWh', 'expected at least -10 USD/kWh; `plausible: any` takes it as it is'],
  [
    'price',
    9,
    'EUR/kWh',
    'expected at most 10 USD/kWh, and it is 11.25 at 0.8 EUR per USD of 2026-04-01; if it is in cents, that is 0.09; if it is of a MWh, 0.009; `plausible: any` takes it as it is',
  ],
  ['pue', 140, '1', 'expected at most 3; if it is in percent, that is 1.4; `plausible: any` takes it as it is'],
  ['pue', 0.7, '1', 'expected at least 1; `plausible: any` takes it as it is'],
] as const)('%s of %d %s is refused', (quantity, value, unit, problem) => {
  expect(whyImplausible(quantity, { value, unit }, rates)).toBe(problem);
});

it.each([
  ['intensity', 3, 'kg/kWh'],
  ['price', 10, 'USD/kWh'],
  ['price', -10, 'USD/kWh'],
  ['price', 1500, 'JPY/kWh'],
  ['pue', 1, '1'],
  ['pue', 3, '1'],
  ['core_price', 1000, 'USD/core-hour'],
] as const)('%s of %d %s is not', (quantity, value, unit) => {
  expect(whyImplausible(quantity, { value, unit }, rates)).toBeUndefined();
});

it('judges money after the conversion', () => {
  const value = fc.double({ min: -100, max: 100, noNaN: true });
  const perUsd = fc.double({ min: 1e-3, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(value, perUsd, (usd, rate) => {
      const table = exchangeRates([{ date: '2026-01-01', EUR: rate }]);
      const judged = whyImplausible('price', { value: usd * rate, unit: 'EUR/kWh' }, table);
      // The product and the quotient may differ by the last digit.
      fc.pre(Math.abs(Math.abs(usd) - 10) > 1e-9);
      expect(judged === undefined).toBe(Math.abs(usd) <= 10);
    }),
  );
});

it('takes every region of the table, by every data set', () => {
  for (const dataset of datasets) {
    for (const name of regionNames) {
      const { price, intensity, pue } = findRegion(name, dataset) ?? {};
      for (const factor of [price, intensity, pue]) {
        if (factor) expect(whyImplausible(factor.quantity, factor, rates), `${name} by ${dataset}`).toBeUndefined();
      }
    }
  }
});
