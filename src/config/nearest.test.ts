import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearest, suggest } from './nearest.ts';

const known = ['poll_interval', 'include', 'start_at'];

it('finds the word that was likely meant', () => {
  for (const word of ['pol_interval', 'poll-interval', 'pollInterval', 'poll_intervall']) {
    expect(nearest(word, known)).toBe('poll_interval');
  }
  expect(nearest('cos', ['cost', 'co2'])).toBe('cost');
});

it('finds none where nothing is near', () => {
  for (const word of ['colour', '', 'xyz']) expect(nearest(word, known)).toBeUndefined();
  expect(nearest('foo', ['co2'])).toBeUndefined();
  expect(nearest('include', [])).toBeUndefined();
});

it('says what may be written', () => {
  expect(suggest('includes', known, 'known keys')).toBe('did you mean `include`?');
  expect(suggest('colour', known, 'known keys')).toBe('known keys: poll_interval, include, start_at');
  expect(suggest('colour', [], 'known keys')).toBe('there are no known keys here');
});

it('never takes one currency or unit for another', () => {
  const keys = ['usd_per_kwh', 'usd_per_mwh', 'usd_per_core_hour', 'cost_usd', 'kg_per_kwh', 'USD/kWh', 'USD'];
  for (const word of ['eur_per_kwh', 'euro_per_kwh', 'ct_per_kwh', 'cost_eur', 'EUR/kWh', 'EUR', 'eur', 'g_per_kwh']) {
    expect(suggest(word, keys, 'known keys'), word).toMatch(/^known keys: /);
  }
  expect(nearest('usd_per_kwhh', keys)).toBe('usd_per_kwh');
  expect(nearest('eur_per_kw', ['eur_per_kwh', 'usd_per_kwh'])).toBe('eur_per_kwh');
  const currencies = fc.constantFrom(...Intl.supportedValuesOf('currency'));
  const form = fc.constantFrom('x_per_kwh', 'cost_x', 'price_x_per_mwh', 'x', 'X', 'X/kWh');
  fc.assert(
    fc.property(currencies, currencies, form, (one, other, text) => {
      fc.pre(one !== other);
      const written = (code: string) => text.replace('x', code.toLowerCase()).replace('X', code);
      expect(nearest(written(one), [written(other)])).toBeUndefined();
    }),
  );
});
