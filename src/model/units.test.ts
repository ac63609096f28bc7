import { describe, expect, it } from 'vitest';
import { baseUnitOf, convert, namesOf, type Scale, scaleTo } from './units.ts';

describe('a unit', () => {
  it.each([
    ['W', 'kW', 0.1, 100],
    ['W', 'mW', 100_000, 100],
    ['W', 'uW', 3e6, 3],
    ['W', 'MW', 2, 2e6],
    ['J', 'kJ', 2, 2000],
    ['J', 'mJ', 126_272_106_318, 126_272_106.318],
    ['J', 'uJ', 262_143_328_850, 262_143.32885],
    ['J', 'kW.h', 2, 7.2e6],
    ['J', 'W.h', 2, 7200],
    ['s', 'ms', 1500, 1.5],
    ['s', 'us', 7, 7e-6],
    ['s', 'ns', 1_234_567, 0.001234567],
    ['s', 'min', 2, 120],
    ['s', 'h', 2, 7200],
    ['{cpu}', '1', 2, 2],
    ['{cpu}', 'cores', 2, 2],
    ['W', '', 5, 5],
  ] as const)('in %s may be declared as `%s`', (unit, declared, value, expected) => {
    expect(convert(value, scaleTo(unit, declared) as Scale)).toBe(expected);
  });

  it.each([
    ['W', 'J'],
    ['W', 'kw'],
    ['W', 'toString'],
    ['J', 'W'],
    ['s', '{cpu}'],
    ['{cpu}', '%'],
    ['{cpu}', 's'],
  ])('in %s cannot be made of `%s`', (unit, declared) => {
    expect(scaleTo(unit, declared)).toBeUndefined();
  });

  it.each([
    ['kWh', 'J', ['kW.h', 'kWh', 'kilowatthours']],
    ['W', 'W', ['W', 'watts', 'J/s']],
    ['mW', 'W', ['mW', 'milliwatts']],
    ['min', 's', ['min']],
    ['VA', undefined, []],
    ['A', undefined, []],
    ['toString', undefined, []],
  ])('%s is one of %s, and has the names %j', (unit, base, names) => {
    expect([baseUnitOf(unit), namesOf(unit)]).toEqual([base, names]);
  });
});
