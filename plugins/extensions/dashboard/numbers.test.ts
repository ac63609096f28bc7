import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const { plain, unitFor, scaled, columnFormat, percent, age, length } = await import(
  new URL('./page/numbers.js', import.meta.url).href
);
const size = fc.double({ min: 1e-300, max: 1e15, noNaN: true });
/** What a person reads, as a number again. */
const read = (text: string) => {
  const [, mantissa, raised] = /^([\d.,]+)(?: × 10(.+))?$/.exec(text) ?? [];
  const exponent = [...(raised ?? '⁰')].map((c) => (c === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)))).join('');
  return Number(`${mantissa?.replaceAll(',', '')}e${exponent}`);
};

describe('a number on the page', () => {
  it.each([
    [0.0000751, '0.0000751'],
    [1e-5, '0.00001'],
    [7.5123e-8, '7.512 × 10⁻⁸'],
    [0.014206965277777778, '0.01421'],
    [0, '0'],
    [12345.6, '12,346'],
    [1e300, '1.000 × 10³⁰⁰'],
    [-0.25, '-0.25'],
    [null, '–'],
    [undefined, '–'],
    [Number.NaN, '–'],
  ])('%d is %s', (value, text) => {
    expect(plain(value)).toBe(text);
  });

  it('has four right digits, however small or large it is', () => {
    fc.assert(
      fc.property(size, (value) => {
        expect(Math.abs(read(plain(value)) / value - 1)).toBeLessThanOrEqual(5.001e-4);
      }),
    );
  });

  it('has a unit that fits', () => {
    expect([2.597e-4, 5, 0.0031, 0, 2e-8].map((kg) => unitFor(kg, 'kg').unit)).toEqual(['mg', 'kg', 'g', 'kg', 'µg']);
    expect([1353, 285, 0.4].map((watts) => scaled(watts, 'W'))).toEqual([
      { text: '1.353', unit: 'kW' },
      { text: '285', unit: 'W' },
      { text: '400', unit: 'mW' },
    ]);
    expect([0.02, 0.5].map((hours) => unitFor(hours, 'core-h'))).toEqual([
      { unit: 'core-s', per: 3600 },
      { unit: 'core-h', per: 1 },
    ]);
    expect(scaled(0.0002596875, 'kg')).toEqual({ text: '259.7', unit: 'mg' });
    expect(scaled(null, 'kg')).toEqual({ text: '–', unit: 'kg' });
  });
});

describe('a column of numbers', () => {
  it('has its points below each other, and dashes for what is missing', () => {
    const format = columnFormat([0.0142, 0.0367, null, 0.5]);
    expect([0.0142, 0.0367, null, 0, 0.5].map(format)).toEqual(['0.0142', '0.0367', '–', '0.0000', '0.5000']);
  });

  it('never shows 0 for what is not', () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 20 }), (values) => {
        const format = columnFormat(values);
        for (const value of values) expect(Math.abs(read(format(value)) / value - 1)).toBeLessThanOrEqual(0.051);
      }),
    );
  });
});

it('says shares, ages and lengths of time', () => {
  expect([0.2991, 0.0002, 0, 31.25, Number.NaN].map(percent)).toEqual(['29.9 %', '< 0.1 %', '0.0 %', '3,125.0 %', '–']);
  expect([0.4, 59.9, 60, 7300, 200_000].map(age)).toEqual(['0 s', '59 s', '1 min', '2 h', '2 d']);
  expect([12.5, 120, 120.5, 3900, null].map(length)).toEqual(['12.5 s', '2 min', '2 min 0.5 s', '1 h 5 min', '–']);
});
