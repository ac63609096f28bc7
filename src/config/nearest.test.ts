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
